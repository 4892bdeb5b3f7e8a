import asyncio
import logging
import time

import pytest

from belabridge.errors import PortInUse, UsageError
from belabridge.osc.codec.reader import Message
from belabridge.osc.codec.timetag import from_unix
from belabridge.osc.codec.writer import bundle, message
from belabridge.osc.server import ANSWERS_A_TURN, PATTERNS_AT_ONCE, PATTERNS_PER_S, OscServer
from waiting import until


async def test_a_message_calls_its_handler(server, peer, inbox):
    server.space.add("/a", inbox)
    peer.send(message("/a", [1.5, "x"]), server.port)
    assert await inbox.get() == ((1.5, "x"), "fs", "/a", peer.address)
    assert server.received == 1


async def test_a_pattern_calls_all(server, peer, inbox):
    server.space.add("/s/a", lambda *call: inbox("a", *call))
    server.space.add("/s/b", lambda *call: inbox("b", *call))
    peer.send(b"/s/*\0\0\0\0,i\0\0\0\0\0\x07", server.port)
    assert [(await inbox.get())[0] for _ in range(2)] == ["a", "b"]
    assert inbox.calls.empty()


async def test_a_bundle_of_patterns_does_not_hold_the_loop(peer, tally):
    now = [0.0]
    server = OscServer("127.0.0.1", 0, tally, clock=lambda: now[0])
    server.open()
    acted = []
    server.space.add("/s/abc", lambda args, *_: acted.append(args[0]))

    def pattern(i):
        name = b"/s/*%d*" % i
        return name + b"\0" * (4 - len(name) % 4) + b",i\0\0" + i.to_bytes(4, "big")

    star = b"/s/*\0\0\0\0,i\0\0\0\0\0\x07"
    elements = [star, *map(pattern, range(1000)), star, message("/s/abc", [8])]
    peer.send(bundle(elements), server.port)
    await until(lambda: server.received == len(elements))
    assert acted == [7, 7, 8]  # known patterns and addresses act in any case
    assert tally.counts["osc.format"] == 1000 - (PATTERNS_AT_ONCE - 1)
    now[0] = 0.5
    peer.send(bundle([pattern(i) for i in range(2000, 2100)]), server.port)
    await until(lambda: server.received == len(elements) + 100)
    assert tally.counts["osc.format"] == 1000 - (PATTERNS_AT_ONCE - 1) + 100 - PATTERNS_PER_S / 2
    server.close()


async def test_a_bundle_acts_together_and_in_order(server, peer, inbox):
    server.space.add("/a", lambda args, *_: inbox(args))
    inner = bundle([message("/a", [2]), message("/a", [3])])
    peer.send(bundle([message("/a", [1]), inner, message("/a", [4])]), server.port)
    first = await inbox.get()
    rest = [inbox.calls.get_nowait() for _ in range(3)]  # they are there without waiting
    assert [first, *rest] == [((i,),) for i in (1, 2, 3, 4)]


async def test_nothing_of_a_broken_bundle_acts(server, peer, inbox, tally):
    server.space.add("/a", lambda args, *_: inbox(args))
    peer.send(bundle([message("/a", [1]), b"/a\0\0,x\0\0"]), server.port)
    peer.send(message("/a", [2]), server.port)
    assert await inbox.get() == ((2,),)
    assert tally.counts["osc.format"] == 1


async def test_bundles_of_the_future_wait_for_their_time(server, peer, inbox):
    server.space.add("/a", lambda args, *_: inbox(args, time.time()))
    now = time.time()
    for delay_s, number in ((0.10, 2), (0.05, 1), (-5.0, 0)):
        inner = bundle([message("/a", [number])], from_unix(now + delay_s))
        peer.send(bundle([inner]) if number == 2 else inner, server.port)
    for delay_s, number in ((-5.0, 0), (0.05, 1), (0.10, 2)):
        args, at = await inbox.get()
        assert args == (number,)
        assert at >= now + delay_s - 1e-6
    assert server.held == 0


async def test_a_wrong_clock_is_said_once_and_its_bundles_act(server, peer, inbox, tally, caplog):
    server.space.add("/a", lambda args, *_: inbox(args))
    for number in range(3):
        peer.send(bundle([message("/a", [number])], from_unix(time.time() + 7200)), server.port)
    assert [await inbox.get() for _ in range(3)] == [((i,),) for i in range(3)]
    assert tally.counts["osc.clock"] == 3
    (line,) = caplog.messages
    assert "clock" in line
    assert str(peer.port) in line


async def test_too_many_bundles_of_the_future_are_counted(server, peer, inbox, tally):
    server.space.add("/a", inbox)
    big = bundle([message("/b", [bytes(60_000)])], from_unix(time.time() + 30))
    for i in range(1, 21):
        peer.send(big, server.port)
        await until(lambda i=i: server.held + tally.counts["osc.schedule_full"] == i)
    assert server.held == (1 << 20) // len(big)
    peer.send(message("/a"), server.port)
    await inbox.get()


async def test_an_unmapped_address_is_named_once_and_counted(server, peer, inbox, tally, caplog):
    server.space.add("/end", inbox)
    for _ in range(5):
        peer.send(message("/nobody", [1]), server.port)
    peer.send(message("/end"), server.port)
    await inbox.get()
    assert tally.counts["osc.unmapped"] == 5
    assert [line for line in caplog.messages if "'/nobody'" in line] == caplog.messages
    assert len(caplog.messages) == 1


async def test_each_unmapped_address_is_named(server, peer, inbox, tally, caplog):
    server.space.add("/end", inbox)
    for _ in range(4):
        for address in ("/one", "/two", "/end"):
            peer.send(message(address, [1]), server.port)
        await inbox.get()
    assert tally.counts["osc.unmapped"] == 8
    assert len(caplog.messages) == 2
    assert "'/one'" in caplog.messages[0]
    assert "'/two'" in caplog.messages[1]


BAD = [
    b"",
    b"x",
    b"/a\0\0,i\0\0",
    b"#bundle\0\0\0\0\0\0\0\0\x01\xff\xff\xff\xfc",
    b"/[a\0,i\0\0\0\0\0\x01",
    b"\xff" * 1000,
]


async def test_bad_datagrams_are_counted_and_one_line(server, peer, inbox, tally, caplog):
    server.space.add("/end", inbox)
    for data in BAD * 10:
        peer.send(data, server.port)
    peer.send(message("/end"), server.port)
    await inbox.get()
    assert tally.counts["osc.format"] == 10 * len(BAD)
    assert len(caplog.messages) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert caplog.records[0].name == "belabridge.osc"


async def test_a_handler_that_refuses_disturbs_nobody(server, peer, inbox, tally, caplog):
    def refuse(*_):
        raise UsageError("not a number")

    server.space.add("/a", refuse)
    server.space.add("/a", inbox)
    peer.send(bundle([message("/a", [1]), message("/a", [2])]), server.port)
    assert (await inbox.get())[0] == (1,)
    assert (await inbox.get())[0] == (2,)
    assert tally.counts["osc.handler"] == 2
    assert ["not a number" in line for line in caplog.messages] == [True]


async def test_a_peers_text_in_the_log_is_cut(server, peer, tally, caplog):
    peer.send(message("/" + "x" * 5000), server.port)
    await until(lambda: tally.counts["osc.unmapped"])
    assert len(caplog.messages[0]) < 200


async def test_answers_go_to_the_asker_or_to_the_reply_port(server, make_peer, tally):
    asker, other = make_peer(), make_peer()
    server.reply(asker.address, message("/x", [1]))
    assert await asker.packet() == Message("/x", (1,), "i")
    fixed = OscServer("127.0.0.1", 0, tally, reply_port=lambda _host: other.port)
    fixed.open()
    fixed.reply(asker.address, message("/x", [2]))
    assert await other.packet() == Message("/x", (2,), "i")
    fixed.close()


async def test_a_long_answer_comes_whole_in_order_and_paced(server, peer):
    answers = [message("/x", [i]) for i in range(10 * ANSWERS_A_TURN + 1)]
    loop = asyncio.get_running_loop()
    start = loop.time()
    server.reply_all(peer.address, answers)
    got = [await peer.packet() for _ in answers]
    assert [packet.args[0] for packet in got] == list(range(len(answers)))
    assert loop.time() - start >= 0.09


async def test_too_many_long_answers_are_refused_and_counted(server, peer, tally):
    def answers(n):
        for i in range(ANSWERS_A_TURN + 1):
            taken.append(n)
            yield message("/x", [i])

    taken = []
    for n in range(10):
        server.reply_all(peer.address, answers(n))
        for _ in range(ANSWERS_A_TURN if n < 8 else 0):  # all together would not fit the buffer
            await peer.get()
    assert tally.counts["osc.reply_busy"] == 2
    for _ in range(8):
        await peer.get()
    assert set(taken) == set(range(8))  # nothing was made for those that were refused
    server.reply_all(peer.address, answers(10))
    for _ in range(ANSWERS_A_TURN + 1):
        await peer.get()


async def test_an_answer_that_cannot_be_sent_is_counted(server, tally):
    server.reply(("127.0.0.1", 0), message("/x"))
    assert tally.counts["osc.reply_lost"] == 1


async def test_knows_itself(server, make_peer, tally):
    assert server.is_self(("127.0.0.1", server.port))
    assert server.is_self(("127.0.0.2", server.port))
    assert not server.is_self(("192.0.2.1", server.port))
    assert not server.is_self(("127.0.0.1", make_peer().port))


async def test_a_port_in_use_and_again_when_it_is_free(server, tally):
    second = OscServer("127.0.0.1", server.port, tally)
    with pytest.raises(PortInUse):
        second.open()
    server.close()
    server.close()
    second.open()
    second.close()


async def test_a_float_takes_the_short_way_and_all_else_the_long_one(server, peer, inbox):
    numbers = []
    token = server.space.add("/a", inbox, lambda value, source: numbers.append((value, source[1])))

    async def long_way(data):
        peer.send(data, server.port)
        return (await inbox.get())[0]

    assert await long_way(message("/a", [0.25])) == (0.25,)  # the first one, whose head is new
    for value in (0.5, -1.5):
        peer.send(message("/a", [value]), server.port)
    assert await long_way(message("/a", [3])) == (3,)
    assert await long_way(message("/a")) == ()
    assert await long_way(b"/[a]\0\0\0\0,f\0\0\x3f\0\0\0") == (0.5,)
    assert await long_way(bundle([message("/a", [0.75])])) == (0.75,)
    assert numbers == [(0.5, peer.port), (-1.5, peer.port)]
    assert server.received == 7

    other = type(inbox)()
    server.space.add("/a", other)  # it wants the whole message, so all get it
    assert await long_way(message("/a", [0.5])) == (0.5,)
    assert (await other.get())[0] == (0.5,)
    server.space.remove(token)
    peer.send(message("/a", [2.5]), server.port)
    assert (await other.get())[0] == (2.5,)
    assert len(numbers) == 2


async def test_heads_that_go_straight_are_remembered_within_bounds(server, peer, inbox):
    for number in range(5000):
        server.space.add(f"/{number}", inbox, lambda *_: None)
    for number in range(5000):
        server._on_datagram(message(f"/{number}", [0.5]), ("127.0.0.1", peer.port))
    assert 0 < len(server._numbers) <= 4096


async def test_a_number_that_is_refused_disturbs_nobody(server, peer, inbox, tally, caplog):
    def refuse(_value, _source):
        raise UsageError("not now")

    server.space.add("/a", inbox, refuse)
    for value in (1.0, 2.0):
        peer.send(message("/a", [value]), server.port)
    await until(lambda: tally.counts["osc.handler"] == 1)
    assert "not now" in caplog.text


async def test_closing_forgets_what_was_under_way(server, peer, inbox):
    server.space.add("/a", inbox)
    acts_at = time.time() + 0.02
    peer.send(bundle([message("/a")], from_unix(acts_at)), server.port)
    await until(lambda: server.held == 1)
    server.reply_all(peer.address, [message("/x")] * (ANSWERS_A_TURN + 1))
    server.close()
    await until(lambda: time.time() > acts_at + 0.01)
    assert inbox.calls.empty()
    for _ in range(ANSWERS_A_TURN):
        peer.socket.recv(100)
    with pytest.raises(BlockingIOError):
        peer.socket.recv(100)
