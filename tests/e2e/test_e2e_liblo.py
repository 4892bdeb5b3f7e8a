"""The daemon with liblo's programs: values into oscdump, controls and questions from oscsend."""

import json
import re
import shutil

import pytest

from osc_peer import free_port
from processes import wait_for

pytestmark = pytest.mark.skipif(
    not (shutil.which("oscsend") and shutil.which("oscdump")), reason="needs the Debian package liblo-tools"
)


def oscsend(stage, port, *words):
    sent = stage.start("oscsend", f"osc.udp://127.0.0.1:{port}", *words)
    assert sent.code() == 0, str(sent)


def shown(dump, address, after=0):
    """The numbers that oscdump has shown for an address."""
    pattern = re.compile(rf"^\S+ {re.escape(address)} [fi] (\S+)$")
    return [float(m[1]) for line in dump.out[after:] if (m := pattern.match(line))]


def test_everything_flows_both_ways_with_liblo(stage, boards, port):
    _, board = boards.start()
    to = free_port()
    dump = stage.start("oscdump", "-L", to)
    config = stage.config(board=board, osc={"listen": port, "send": f"127.0.0.1:{to}"})
    bridge = stage.bridge(config).ready()

    # everything is mapped: each variable arrives, those that are never assigned as well
    for name in ("pot1", "pot2", "mic", "trigger", "counter", "gain", "freq"):
        dump.wait_out(rf" /bela/{name} [fi] ")
    at = len(dump.out)
    wait_for(lambda: len(shown(dump, "/bela/pot1", at)) >= 50, why="pot1 does not flow")
    assert all(0 <= value <= 1 for value in shown(dump, "/bela/pot1"))

    heard = f"/bela/{boards.heard}"
    # what is set is what the program reads, and what it does with it is heard in another variable
    oscsend(stage, port, "/bela/gain", "f", "0")
    page = stage.page(board)
    page.wait(lambda variables: variables["gain"]["controlled"] and variables["gain"]["value"] == 0)
    at = len(dump.out)
    wait_for(lambda: len(shown(dump, heard, at)) >= 50, why="the tone does not flow")
    assert not any(shown(dump, heard, at)[10:]), "the tone is off"
    oscsend(stage, port, "/bela/gain", "i", "1")  # liberal with what comes in
    at = len(dump.out)
    wait_for(lambda: any(abs(v) > 0.1 for v in shown(dump, heard, at)), why="the tone is not back")
    # oscsend is a program of the same host, so oscdump counts as what it may come from: no echo to there;
    # what another client sets is told
    page.say(cmd="set", watchers=["gain"], values=[0.5])
    dump.wait_out(r" /bela/gain f 0\.5", after=at)

    bridge.end()
    assert not stage.lists(board)["gain"]["controlled"]


def test_questions_and_the_bridges_own_addresses(stage, boards, port):
    """Asked from a port of our own, because oscsend closes its before an answer comes."""
    _, board = boards.start()
    ear, patch = stage.ear(), stage.ear()
    config = stage.config(
        board=board,
        osc={"listen": port, "send": {"patch": f"127.0.0.1:{ear.port}"}},
        out=[{"var": "pot1", "osc": "/knob"}],
        **{"in": [{"osc": "/gain", "var": "gain"}]},
    )
    bridge = stage.bridge(config).ready()

    patch.say(port, "/gain")
    assert patch.wait("/gain") == (pytest.approx(0.8),)
    patch.say(port, "/gain", ("f", 0.25))
    stage.page(board).wait(lambda variables: variables["gain"]["value"] == 0.25)
    patch.say(port, "/gain")
    patch.wait("/gain", that=lambda value: value == 0.25)
    patch.say(port, "/knob")
    assert 0 <= patch.wait("/knob")[0] <= 1

    patch.say(port, "/belabridge/list")
    assert patch.wait("/belabridge/list/end") == (boards.count,)
    rows = {args[0]: args for where, args in patch.heard if where == "/belabridge/list"}
    assert rows["gain"] == ("gain", "f", 0.25)
    assert rows["counter"][1] == "i"

    patch.say(port, "/belabridge/status")
    (count,) = patch.wait("/belabridge/status/end")
    said = dict(args for where, args in patch.heard if where == "/belabridge/status")
    assert len(said) == count
    assert said["connected"] == 1
    assert said["project"] == boards.project

    at = patch.count
    patch.say(port, "/belabridge/subscribe")
    assert patch.wait("/belabridge/subscribed", after=at)[0] == patch.port
    wait_for(lambda: len(patch.values("/knob", at)) >= 20, why="a subscriber hears nothing")
    assert [end["port"] for end in bridge.status()["subscribers"]] == [patch.port]
    patch.say(port, "/belabridge/unsubscribe")
    patch.wait("/belabridge/unsubscribed", after=at)
    assert bridge.status()["subscribers"] == []

    other = stage.ear()
    patch.say(port, "/belabridge/subscribe", other.port, ("f", 0.5))
    other.wait("/knob")
    bridge.wait_status(lambda status: status["subscribers"] == [])  # the lease has ended by itself
    assert ear.values("/knob")
    bridge.end()


def test_what_came_in_through_an_end_is_not_echoed_to_it(stage, boards, port):
    _, board = boards.start()
    near, far = stage.ear(), stage.ear()
    send = {"near": f"127.0.0.1:{near.port}", "far": f"127.0.0.1:{far.port}"}
    bridge = stage.bridge(stage.config(board=board, osc={"listen": port, "send": send})).ready()
    near.wait("/bela/gain")
    far.wait("/bela/gain")
    near.say(port, "/bela/gain", 0.125)
    far.wait("/bela/gain", that=lambda value: value == 0.125)
    # afterwards something else comes, from elsewhere: both hear it, so near has had the time to hear the echo
    stage.once("set", "--board", board, "gain=0.5")
    near.wait("/bela/gain", that=lambda value: value == 0.5)
    assert 0.125 not in near.values("/bela/gain")
    bridge.end()


def test_status_is_strict_json_with_the_boards_names(stage, boards, port):
    _, board = boards.start()
    ear = stage.ear()
    config = stage.config(board=board, osc={"listen": port, "send": f"127.0.0.1:{ear.port}"})
    bridge = stage.bridge(config).ready()
    ear.wait("/bela/pot1")
    done = stage.once("status", "--json")
    status = json.loads(done.stdout, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert status["board"]["project"] == boards.project
    assert status["board"]["sampleRate"] == 44100
    assert status["listen"] == f"127.0.0.1:{port}"
    assert {out["var"] for out in status["out"]} >= {"pot1", "mic", "gain"}
    plain = stage.once("status")
    assert plain.returncode == 0
    assert boards.project in plain.stdout
    bridge.end()
    assert stage.once("status").returncode == 1
    assert "belabridge run" in stage.once("reload").stderr
