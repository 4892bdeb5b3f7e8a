import asyncio
import errno
import logging
import socket

import pytest

from belabridge.osc import resolve as resolve_module
from belabridge.osc.codec.reader import Bundle, read_packet
from belabridge.osc.codec.writer import DATAGRAM_BYTES, message
from belabridge.osc.resolve import is_numeric, resolve
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


@pytest.mark.parametrize(
    ("host", "numeric"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", False),
        ("bela.local", False),
        ("a b", False),
        ("x" * 300, False),
    ],
)
def test_is_numeric(host, numeric):
    assert is_numeric(host) is numeric


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
