import asyncio
import errno
import logging
import resource
import socket

import pytest

from belabridge.osc import resolve as resolve_module
from belabridge.osc.codec.reader import Bundle, read_packet
from belabridge.osc.codec.writer import DATAGRAM_BYTES, message
from belabridge.osc.resolve import resolve
from belabridge.osc.sender import Sender
from waiting import until


def opened(*args, **options):
    sender = Sender("pd", *args, **options)
    sender.open()
    return sender


async def test_sends(peer):
    sender = opened(*peer.address)
    assert sender.send(b"hello")
    assert await peer.get() == b"hello"
    assert (sender.sent, sender.is_down) == (1, False)
    sender.close()
    sender.close()
    assert not sender.send(b"after")
    assert sender.unresolved == 1


async def test_ipv6(make_peer):
    six = make_peer("::1")
    sender = opened("::1", six.port)
    assert sender.send(b"six")
    assert await six.get() == b"six"
    sender.close()


async def test_bundles_a_tick(peer):
    sender = opened(*peer.address, bundle=True)
    messages = [message(f"/m{i}", [0.5]) for i in range(200)]
    for data in messages[:2]:
        assert sender.send(data)
    with pytest.raises(BlockingIOError):
        peer.socket.recv(10)
    sender.flush()
    assert await peer.packet() == Bundle(1, tuple(map(read_packet, messages[:2])))
    for data in messages:
        sender.send(data)
    sender.flush()
    sender.flush()
    got = [await peer.get() for _ in range(sender.sent - 1)]
    assert max(map(len, got)) <= DATAGRAM_BYTES
    assert [m for data in got for m in read_packet(data).elements] == [read_packet(m) for m in messages]
    sender.close()


async def test_who_listens_is_found_out_where_nothing_is_sent(make_peer, tally):
    now, came_back = [0.0], []
    gone = make_peer()
    gone.socket.close()
    sender = Sender(
        *("pd", "127.0.0.1", gone.port), tally=tally, clock=lambda: now[0], is_back=came_back.append
    )
    sender.open()
    sender.look_after()  # nothing was sent, so there is nothing to know
    assert sender.send(b"only once")
    sender.look_after()
    assert sender.is_down
    back = make_peer("127.0.0.1", gone.port)
    for at in range(1, 6):
        now[0] = float(at)
        sender.look_after()
    assert not sender.is_down
    assert await back.get() == b"only once"
    await until(lambda: came_back == [sender])
    sender.close()


async def test_a_refusal_is_said_once_and_the_return_too(make_peer, tally, caplog):
    caplog.set_level(logging.INFO, "belabridge.osc")
    now = [0.0]
    gone = make_peer()
    gone.socket.close()
    sender = opened("127.0.0.1", gone.port, tally=tally, clock=lambda: now[0])
    for at in range(5):
        now[0] = float(at)
        sender.send(b"lost")
    assert sender.refused == tally.counts["osc.send_refused"] == 4  # each is told of by the next send
    assert sender.is_down
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "pd (127.0.0.1:" in caplog.messages[0]

    back = make_peer("127.0.0.1", gone.port)
    now[0] = 5.0
    assert sender.send(b"first")  # told of the last refusal, it tries again at once
    assert await back.get() == b"first"
    for at in (6.0, 7.9, 8.1, 9.0):
        now[0] = at
        assert sender.send(b"%.1f" % at)
        assert await back.get() == b"%.1f" % at
    assert not sender.is_down
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]
    assert "back after 7 s" in caplog.messages[1]
    back.socket.close()
    for _ in range(2):
        sender.send(b"lost")
    assert [record.levelno for record in caplog.records][2:] == [logging.WARNING]
    sender.close()


async def test_one_that_refuses_does_not_disturb_another(make_peer):
    gone, here = make_peer(), make_peer()
    gone.socket.close()
    refused, taken = opened(*gone.address), opened(*here.address)
    for i in range(100):
        refused.send(b"%d" % i)
        assert taken.send(b"%d" % i)
    assert [await here.get() for _ in range(100)] == [b"%d" % i for i in range(100)]
    assert taken.refused == 0
    refused.close()
    taken.close()


async def test_too_large_is_counted_and_no_outage(peer, tally, caplog):
    sender = opened(*peer.address, tally=tally)
    assert not sender.send(bytes(65_508))
    assert sender.send(bytes(65_507))
    assert sender.too_large == tally.counts["osc.send_too_large"] == 1
    assert not sender.is_down
    assert caplog.messages == []
    sender.close()


async def test_no_room_is_counted_and_no_outage(tally, tmp_path):
    """A full buffer, met for certain: a local datagram socket that nobody reads."""
    full = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    full.bind(str(tmp_path / "full"))
    writer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    writer.setblocking(False)  # noqa: FBT003  # the socket module's own signature
    writer.connect(str(tmp_path / "full"))
    sender = opened("127.0.0.1", 9, tally=tally)
    sender._write = writer.send
    while sender.send(bytes(1000)):
        assert sender.sent < 10_000
    assert sender.dropped == tally.counts["osc.send_dropped"] == 1
    assert not sender.is_down
    for one in (sender, full, writer):
        one.close()


async def test_no_way_there_is_an_outage_that_heals(peer, caplog):
    sender = opened("127.0.0.1", peer.port)
    good = sender._write

    def unreachable(_data):
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    sender._write = unreachable
    assert not sender.send(b"lost")
    assert not sender.send(b"lost")
    assert (sender.sent, sender.refused, len(caplog.messages)) == (0, 2, 1)
    assert "Network is unreachable" in caplog.messages[0]
    sender._write = good
    assert sender.send(b"there")
    assert await peer.get() == b"there"
    sender.close()


async def test_a_destination_that_cannot_be_connected_is_an_outage(caplog):
    sender = opened("fe80::1", 9)  # link-local, and no link named: there is no way to there
    assert not sender.send(b"lost")
    assert sender.is_down
    assert sender.refused == 1
    assert len(caplog.messages) == 1
    sender.close()


async def test_every_send_is_booked_once_and_unreachable_ones_were_never_sent(peer):
    """Of 100 taken and 60 without a way there, 100 are sent."""
    sender = opened("127.0.0.1", peer.port)
    for _ in range(100):
        assert sender.send(b"x")
    good, sender._write = sender._write, raising(errno.ENETUNREACH)
    for _ in range(60):
        assert not sender.send(b"x")
    sender._write = good
    assert (sender.sent, sender.refused) == (100, 60)
    sender.close()


def raising(*numbers):
    """A write that fails with each of these errors in turn, the last one for ever."""
    rest = list(numbers)

    def write(_data):
        number = rest.pop(0) if len(rest) > 1 else rest[0]
        raise OSError(number, "as the test wants")

    return write


@pytest.mark.parametrize(
    ("second", "booked"),
    [
        (errno.ECONNREFUSED, {"refused": 2}),
        (errno.ENETUNREACH, {"refused": 2}),
        (errno.EAGAIN, {"refused": 1, "dropped": 1}),
        (errno.EMSGSIZE, {"refused": 1, "too_large": 1}),
    ],
)
async def test_what_fails_after_a_refusal_is_booked_as_well(peer, tally, second, booked):
    sender = opened("127.0.0.1", peer.port, tally=tally)
    assert sender.send(b"taken, and refused later")
    sender._write = raising(errno.ECONNREFUSED, second)
    assert not sender.send(b"the second")
    counts = {what: getattr(sender, what) for what in ("sent", "refused", "dropped", "too_large")}
    assert counts == {"sent": 0, "refused": 0, "dropped": 0, "too_large": 0} | booked
    assert {what: tally.counts[f"osc.send_{what}"] for what in booked} == booked
    sender.close()


async def test_a_refused_datagram_is_not_among_the_sent(make_peer):
    gone = make_peer()
    gone.socket.close()
    sender = opened(*gone.address)
    for _ in range(10):
        sender.send(b"x")
    assert (sender.sent, sender.refused) == (1, 9)  # of the last one nobody has told yet
    sender.close()


async def test_no_socket_to_be_had_is_an_outage_that_heals(peer, caplog):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        sender = opened(*peer.address)
        assert sender.is_down
        assert not sender.send(b"lost")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (sender.sent, sender.refused, len(caplog.messages)) == (0, 1, 1)
    assert sender.send(b"there")
    assert await peer.get() == b"there"
    sender.close()


async def test_says_when_its_address_is_another(make_peer):
    peer, told = make_peer(), []
    sender = opened("localhost", peer.port, on_address=lambda: told.append(sender.numeric_host))
    assert told == []
    await until(lambda: told)
    assert told == ["127.0.0.1"]
    sender.close()


@pytest.mark.parametrize("host", ["127.1", "::ffff:127.0.0.1"])
async def test_an_address_has_one_text(peer, host):
    sender = opened(host, peer.port)
    assert sender.numeric_host == "127.0.0.1"
    assert sender.send(b"here")
    assert await peer.get() == b"here"
    sender.close()


async def test_a_name_is_resolved_while_sends_are_counted(make_peer, tally):
    peer = make_peer()
    sender = opened("localhost", peer.port, tally=tally)
    assert not sender.send(b"early")
    assert sender.unresolved == tally.counts["osc.send_unresolved"] == 1
    await until(lambda: not sender.is_down)
    assert sender.send(b"now")
    assert await peer.get() == b"now"
    sender.close()


async def test_a_name_nobody_knows_is_tried_on_and_ends_with_close(caplog):
    sender = opened("no such host", 9000)
    await until(lambda: caplog.messages)
    assert sender.is_down
    assert "no such host" in caplog.messages[0]
    task = sender._resolving
    sender.close()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_refused_for_long_a_name_is_asked_again(make_peer):
    now = [0.0]
    gone = make_peer()
    gone.socket.close()
    sender = opened("localhost", gone.port, clock=lambda: now[0])
    await until(lambda: not sender.is_down)
    first = sender._resolving
    for at in (1.0, 2.0, 9.0):
        now[0] = at
        sender.send(b"x")
    assert sender._resolving is first
    now[0] = 13.0
    sender.send(b"x")
    again = sender._resolving
    assert again is not first
    await again
    sender.send(b"x")
    assert sender._resolving is again  # not at every send
    sender.close()


async def test_resolve_prefers_ipv4():
    assert await resolve("localhost", 9000) == ("127.0.0.1", 9000)


@pytest.mark.parametrize("host", ["no such host", "x" * 300, "a..b"])
async def test_resolve_says_what_it_cannot(host):
    with pytest.raises(OSError, match=r"."):
        await resolve(host, 9000)


def test_a_name_server_that_does_not_answer_holds_up_nobody(monkeypatch):
    """The loop ends while the answer is still awaited, and the late answer meets a closed loop."""
    import threading

    asked, answer_now, answered = threading.Event(), threading.Event(), threading.Event()

    def slow(_host, port):
        asked.set()
        answer_now.wait(5)
        answered.set()
        return "127.0.0.1", port

    monkeypatch.setattr(resolve_module, "_ask", slow)

    async def give_up():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await resolve("slow.example", 9000)

    asyncio.run(give_up())
    assert asked.is_set()
    assert not answered.is_set()
    answer_now.set()
    for thread in threading.enumerate():
        if thread.name == "belabridge-resolve":
            thread.join(5)
    assert answered.is_set()
