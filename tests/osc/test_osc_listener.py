import asyncio
import resource
import time

import pytest

from belabridge.errors import CannotListen, PortInUse
from belabridge.osc.listener import DATAGRAMS_A_TURN, TURN_S, Listener
from waiting import until


async def test_everything_arrives_in_order_with_its_source(peer, inbox):
    listener = Listener("127.0.0.1", 0, inbox)
    sent = [b"%d" % i for i in range(3 * DATAGRAMS_A_TURN)]
    for data in sent:
        peer.send(data, listener.port)
    got = [await inbox.get() for _ in sent]
    assert got == [(data, peer.address) for data in sent]
    listener.close()


async def test_empty_and_largest_datagrams_arrive(peer, inbox):
    listener = Listener("127.0.0.1", 0, inbox)
    for data in (b"", bytes(65_507)):
        peer.send(data, listener.port)
        assert (await inbox.get())[0] == data
    listener.close()


async def test_a_flood_leaves_the_loop_its_time(peer):
    """Whoever answers each datagram with another would drain for ever, were a turn not bounded."""
    seen, seen_by_timer = [], []

    def answer(data, _source):
        seen.append(data)
        if len(seen) < 100 * DATAGRAMS_A_TURN:
            peer.send(data, listener.port)

    listener = Listener("127.0.0.1", 0, answer)
    asyncio.get_running_loop().call_later(0, lambda: seen_by_timer.append(len(seen)))
    peer.send(b"again", listener.port)
    await until(lambda: len(seen) == 100 * DATAGRAMS_A_TURN)
    assert seen_by_timer[0] <= 2 * DATAGRAMS_A_TURN
    listener.close()


async def test_what_takes_long_ends_the_turn(peer):
    """The loop waits for one datagram that asks for much, not for sixty-four of them."""
    seen, seen_by_loop = [], []

    def work(data, _source):
        seen.append(data)
        until_s = time.perf_counter() + 2 * TURN_S
        while time.perf_counter() < until_s:
            pass
        asyncio.get_running_loop().call_soon(lambda: seen_by_loop.append(len(seen)))

    listener = Listener("127.0.0.1", 0, work)
    for i in range(10):
        peer.send(b"%d" % i, listener.port)
    await until(lambda: len(seen_by_loop) == 10)
    assert seen_by_loop == list(range(1, 11))
    listener.close()


async def test_no_socket_to_be_had(inbox):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(CannotListen, match=r"^osc\.listen: the system gives no socket"):
            Listener("127.0.0.1", 0, inbox)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("host", ["::1", "::"])
async def test_ipv6(make_peer, inbox, host):
    listener = Listener(host, 0, inbox)
    six = make_peer("::1")
    six.send(b"six", listener.port, "::1")
    assert await inbox.get() == (b"six", six.address)
    if host == "::":
        four = make_peer()
        four.send(b"four", listener.port)
        assert await inbox.get() == (b"four", four.address)  # as everybody else writes it
        assert listener.send_to(b"back", four.address) is None
        assert await four.get() == b"back"
    assert listener.send_to(b"back", six.address) is None
    assert await six.get() == b"back"
    listener.close()


async def test_answers_come_from_the_port_that_was_asked(peer, inbox):
    listener = Listener("localhost", 0, inbox)
    assert listener.send_to(b"hello", peer.address) is None
    data, source = peer.socket.recvfrom(100)
    assert (data, source) == (b"hello", (listener.host, listener.port))
    listener.close()


@pytest.mark.parametrize("destination", [("127.0.0.1", 0), ("127.0.0.1", 70_000), ("255.255.255.255", 9)])
async def test_an_answer_that_cannot_be_sent_says_why(inbox, destination):
    listener = Listener("127.0.0.1", 0, inbox)
    assert listener.send_to(b"x", destination)
    listener.close()


async def test_a_port_in_use_is_named(peer, inbox):
    with pytest.raises(PortInUse, match=rf"^osc.listen: 127.0.0.1:{peer.port} is in use"):
        Listener("127.0.0.1", peer.port, inbox)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such name", "example.invalid"])
async def test_a_host_that_is_not_ours(host, inbox):
    with pytest.raises(CannotListen, match=r"^osc\.listen: "):
        Listener(host, 0, inbox)


async def test_closing_within_a_callback_and_twice(peer):
    seen = []

    def end(data, _source):
        seen.append(data)
        listener.close()

    listener = Listener("127.0.0.1", 0, end)
    for data in (b"1", b"2"):
        peer.send(data, listener.port)
    await until(lambda: seen)
    listener.close()
    assert seen == [b"1"]
