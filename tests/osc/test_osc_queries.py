import pytest

from belabridge.osc.codec.reader import Message, read_packet
from belabridge.osc.codec.writer import message
from belabridge.osc.leases import Leases
from belabridge.osc.queries import Queries, list_answers, status_answers
from belabridge.osc.server import ANSWERS_A_TURN
from waiting import until

ROWS = [("pot1", "f", 0.5), ("counter", "i", 3), ("no\0nul", "d", 1e300)]
STATUS = [("board", "connected"), ("sent", 12), ("rate", 49.5), ("running", True), ("big", 2**40)]


@pytest.fixture
def leases():
    return Leases()


@pytest.fixture
def refreshed():
    return []


@pytest.fixture
def asked(server, leases, refreshed):
    def refresh():
        refreshed.append(True)

    Queries(server, leases, lambda: ROWS, lambda: STATUS, refresh, clock=lambda: 100.0).install()
    return server


async def ask(peer, server, address, *args, tags=None):
    peer.send(message(address, args, tags), server.port)
    return await peer.packet()


async def test_refresh(asked, peer, refreshed):
    peer.send(message("/belabridge/refresh"), asked.port)
    await until(lambda: refreshed)
    assert (await ask(peer, asked, "/belabridge/refresh", 1)).address == "/belabridge/error"
    assert refreshed == [True]


async def test_list(asked, peer):
    assert await ask(peer, asked, "/belabridge/list") == Message(
        "/belabridge/list", ("pot1", "f", 0.5), "ssf"
    )
    assert await peer.packet() == Message("/belabridge/list", ("counter", "i", 3.0), "ssf")
    assert await peer.packet() == Message("/belabridge/list", ("nonul", "d", float("inf")), "ssf")
    assert await peer.packet() == Message("/belabridge/list/end", (3,), "i")


async def test_status(asked, peer):
    expected = [
        (("board", "connected"), "ss"),
        (("sent", 12), "si"),
        (("rate", 49.5), "sf"),
        (("running", 1), "si"),
        (("big", float(2**40)), "sf"),
    ]
    assert await ask(peer, asked, "/belabridge/status") == Message("/belabridge/status", *expected[0])
    for pair in expected[1:]:
        assert await peer.packet() == Message("/belabridge/status", *pair)
    assert await peer.packet() == Message("/belabridge/status/end", (5,), "i")


@pytest.mark.parametrize(
    ("args", "seconds"),
    [((), 60.0), ((None,), 60.0), ((None, 5), 5.0), ((None, 2.5), 2.5), ((None, 1e9), 3600.0)],
)
async def test_subscribe(asked, leases, make_peer, args, seconds):
    asker, other = make_peer(), make_peer()
    port = other.port if args else asker.port
    # Pure Data says every number as a float
    asker.send(message("/belabridge/subscribe", [float(port), *args[1:]] if args else []), asked.port)
    receiver = other if args else asker
    assert await receiver.packet() == Message("/belabridge/subscribed", (port, seconds), "if")
    assert leases.standing(100.0) == [(("127.0.0.1", port), seconds, 0)]
    assert leases.own_port(("127.0.0.1", port)) is (not args)


async def test_unsubscribe(asked, leases, peer):
    await ask(peer, asked, "/belabridge/subscribe")
    assert await ask(peer, asked, "/belabridge/unsubscribe") == Message(
        "/belabridge/unsubscribed", (peer.port,), "i"
    )
    assert leases.active(100.0) == ()


NONSENSE = [
    ("/belabridge/subscribe", ["x"], "must be a number"),
    ("/belabridge/subscribe", [True], "must be a number"),
    ("/belabridge/subscribe", [float("nan")], "must be a number"),
    ("/belabridge/subscribe", [0], "not a port"),
    ("/belabridge/subscribe", [65536], "not a port"),
    ("/belabridge/subscribe", [9000, 0], "more than 0 seconds"),
    ("/belabridge/unsubscribe", [9000], "no subscription"),
    ("/belabridge/list", [1], "no arguments"),
    ("/belabridge/status", ["x"], "no arguments"),
]


@pytest.mark.parametrize(("address", "args", "text"), NONSENSE)
async def test_nonsense_is_answered_and_counted(asked, leases, peer, tally, address, args, text):
    answer = await ask(peer, asked, address, *args)
    assert answer.address == "/belabridge/error"
    assert text in answer.args[0]
    assert tally.counts["osc.handler"] == 1
    assert leases.active(100.0) == ()


async def test_a_full_table_says_so(asked, leases, peer):
    for port in range(1, 65):
        leases.subscribe("192.0.2.1", port, 200.0, 100.0)
    answer = await ask(peer, asked, "/belabridge/subscribe")
    assert "too many" in answer.args[0]


async def test_nobody_can_make_it_talk_to_itself(asked, leases, peer, tally):
    answer = await ask(peer, asked, "/belabridge/subscribe", asked.port)
    assert "our own" in answer.args[0]
    asked.send(("127.0.0.1", asked.port), message("/belabridge/list"))  # as if from our own port
    await until(lambda: tally.counts["osc.handler"] == 2)
    assert asked.received == 2
    assert leases.active(100.0) == ()


async def test_its_answers_are_no_questions(asked, peer, tally):
    """Two bridges that were pointed at each other must not keep each other busy."""
    answers = [
        *list_answers(ROWS),
        *status_answers(STATUS),
        message("/belabridge/subscribed", [1, 60.0]),
    ]
    for data in answers:
        peer.send(data, asked.port)
    await until(lambda: asked.received == len(answers))
    refused = 0
    while tally.counts["osc.handler"] > refused:
        refused += 1
        assert (await peer.packet()).address == "/belabridge/error"
    peer.send(message("/belabridge/error", ["x"]), asked.port)
    await until(lambda: asked.received == len(answers) + 1)
    with pytest.raises(BlockingIOError):
        peer.socket.recv(100)


def test_an_empty_board():
    assert [read_packet(data) for data in list_answers([])] == [Message("/belabridge/list/end", (0,), "i")]


async def test_answers_are_made_as_they_go_out_and_none_while_busy(server, peer, tally):
    """Sixty-four questions of 20 bytes must not build sixty-four lists of a thousand."""
    made = []

    def rows():
        for i in range(1000):
            made.append(i)
            yield f"v{i}", "f", 0.0

    Queries(server, Leases(), rows, lambda: STATUS, lambda: None).install()
    (handler,) = server.space.handlers_for("/belabridge/list")
    for _ in range(64):
        handler((), "", "/belabridge/list", peer.address)
    assert tally.counts["osc.reply_busy"] == 64 - 8
    assert len(made) == 8 * ANSWERS_A_TURN


def test_names_that_osc_cannot_hold_are_made_to_fit():
    rows = [("no\0nul", "f", 0.0), ("half \ud800", "f", 0.0)]
    assert [read_packet(data).args[0] for data in list_answers(rows)] == ["nonul", "half ?", 2]
    pairs = [("sent/\udcff", "\ud800")]
    assert [read_packet(data).args for data in status_answers(pairs)] == [("sent/?", "?"), (1,)]
