"""Another client at the same board: its page, or another library."""

import signal

import pytest

from belabridge.sim.faults import Greet
from processes import wait_for

# a board of either kind, and a page that speaks of watches as the bridge does there
KINDS = [pytest.param(True, 1, id="original"), pytest.param(False, 2, id="second")]
TAKEN = ("controlled", "watched", "monitor")


def state(variables):
    """What clients have made of each variable."""
    return {name: {word: entry[word] for word in TAKEN} for name, entry in variables.items()}


@pytest.mark.parametrize(
    ("original", "protocol"), [*KINDS, pytest.param(False, 1, id="an original page at the second")]
)
def test_what_was_found_is_left_and_what_was_taken_is_given_back(stage, port, original, protocol):
    board = stage.board(original=original)
    ear = stage.ear()
    page = stage.page(board.address, protocol=protocol)
    page.say(cmd="watch", watchers=["pot2"])
    page.say(cmd="monitor", watchers=["counter"], periods=[4410])
    page.say(cmd="control", watchers=["freq"])
    page.say(cmd="set", watchers=["freq"], values=[330])
    found = state(page.wait(lambda v: v["pot2"]["watched"] and v["freq"]["value"] == 330))

    config = stage.config(
        board=board.address,
        osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
        out=[
            {"var": "pot1"},
            {"var": "pot2"},  # somebody watches it: it is monitored beside that
            {"var": "mic", "take": "rms", "osc": "/level"},
        ],
        **{"in": [{"osc": "/gain", "var": "gain"}, {"osc": "/freq", "var": "freq"}]},
    )
    bridge = stage.bridge(config).ready()
    ear.say(port, "/gain", 0.5)
    ear.say(port, "/freq", 550.0)
    taken = page.wait(lambda v: v["gain"]["value"] == 0.5 and v["freq"]["value"] == 550)
    assert taken["mic"]["watched"] is (original or protocol == 2)  # the original knows of its own watches
    assert taken["pot1"]["monitor"]
    assert state(taken)["counter"] == found["counter"], "not ours"
    assert state(taken)["trigger"] == found["trigger"], "not ours"

    bridge.end(signal.SIGTERM)
    assert state(page.variables()) == found
    watched = {name for name, entry in stage.lists(board.address).items() if entry["watched"]}
    assert watched == {"pot2"}
    assert board.harm == []


@pytest.mark.parametrize(("original", "protocol"), KINDS)
def test_a_busy_client_does_not_confuse_the_bridge(stage, port, original, protocol):
    board = stage.board(original=original)
    ear = stage.ear()
    config = stage.config(
        board=board.address,
        osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
        out=[
            {"var": "pot1"},
            {"var": "mic", "take": "all", "osc": {"address": "/mic", "as": "blob"}},
            {"var": "gain", "osc": "/gain/now"},
        ],
        **{"in": [{"osc": "/gain", "var": "gain"}]},
    )
    bridge = stage.bridge(config).ready()
    page = stage.page(board.address, protocol=protocol)
    ear.say(port, "/gain", 0.0)
    page.wait(lambda v: v["gain"]["value"] == 0)
    for round_ in range(6):
        visitor = stage.page(board.address, replies=bool(round_ % 2))  # each one makes the board greet all
        board.inject(Greet())
        visitor.say(cmd="list")
        visitor.say(cmd="monitor", watchers=["trigger", "pot2"], periods=[1, 441])
        visitor.say(cmd="watch", watchers=["pot2", "counter"])
        visitor.say(cmd="set", watchers=["gain", "freq"], values=[0.25, 1.0])  # gain is ours; freq nobody's
        visitor.say(cmd="unwatch", watchers=["pot2", "counter"])
        visitor.variables()
        visitor.close()
    # the other's set is told: what the program reads is true, whoever said it
    ear.wait("/gain/now", that=lambda value: value == 0.25)
    # the page takes our stream away: it comes back by itself
    page.say(cmd="unwatch", watchers=["mic"])
    page.wait(lambda v: not v["mic"]["watched"])
    page.wait(lambda v: v["mic"]["watched"])
    at = ear.count
    wait_for(lambda: len(ear.values("/mic", at)) > 20 and ear.values("/bela/pot1", at), why="no values")
    status = bridge.status()
    assert status["board"]["connected"]
    assert status["board"]["reconnects"] == 0
    assert not any(reason.startswith(("board.lost", "wire")) for reason in status["drops"]), status["drops"]
    bridge.end()
    assert board.harm == []


def test_two_bridges_at_one_board(stage, port):
    board = stage.board()
    ears, bridges = (stage.ear(), stage.ear()), []
    for n, (ear, listen) in enumerate(zip(ears, (port, "none"), strict=True)):
        config = stage.config(
            f"{n}.yaml",
            board=board.address,
            osc={"listen": listen, "send": f"127.0.0.1:{ear.port}"},
            out=[{"var": "mic", "take": "rms", "osc": "/level"}, {"var": "pot1"}],
        )
        bridges.append(stage.bridge(config).ready())
    for ear in ears:
        ear.wait("/level")
        ear.wait("/bela/pot1")
    assert "several daemons run" in stage.once("status").stderr
    bridges[1].end()
    at = ears[0].count  # the first found its stream taken by nobody, and keeps it
    wait_for(lambda: len(ears[0].values("/level", at)) > 20, why="the first one lost its stream")
    bridges[0].end()
    assert not any(entry["watched"] or entry["monitor"] for entry in stage.lists(board.address).values())
