"""The daemon's life on real sockets: reload, ports, ends."""

import json
import signal
import time

import pytest

from belabridge.sim.faults import Stall
from osc_peer import free_port
from processes import wait_for

ENDS_WITHIN_S = 2.0


def settings(board, listen, send, **more):
    return {
        "board": board,
        "osc": {"listen": listen, "send": f"127.0.0.1:{send}"},
        "out": [{"var": "pot1"}],
        "in": [{"osc": "/gain", "var": "gain"}, {"osc": "/freq", "var": "freq"}],
    } | more


def test_a_reload_touches_only_what_differs(stage, port):
    board, first, second = stage.board(), stage.ear(), stage.ear()
    base = settings(board.address, port, first.port)
    bridge = stage.bridge(stage.config(**base)).ready()
    page = stage.page(board.address)
    first.wait("/bela/pot1")
    first.say(port, "/gain", 0.25)
    first.say(port, "/freq", 330.0)
    page.wait(lambda v: v["gain"]["value"] == 0.25 and v["freq"]["value"] == 330)

    # other rules, by the command: freq is no longer ours and is given back, gain stays as it is
    stage.config(**base | {"out": [{"var": "pot2", "osc": "/two"}], "in": base["in"][:1]})
    done = bridge.reload()
    assert (done.returncode, done.stdout) == (0, "the new config is in force\n")
    first.wait("/two")
    at = first.count
    variables = page.wait(lambda v: not v["freq"]["controlled"])
    assert variables["gain"]["controlled"]
    assert variables["gain"]["value"] == 0.25
    page.wait(lambda v: not v["pot1"]["monitor"])
    assert bridge.reload().stdout == "the config has not changed\n"

    # another destination and another port, by the signal
    other = free_port()
    stage.config(**settings(board.address, other, second.port))
    bridge.process.send(signal.SIGHUP)
    second.wait("/bela/pot1")
    second.say(other, "/gain", 0.75)
    page.wait(lambda v: v["gain"]["value"] == 0.75)
    heard = stage.ear(port)  # the old port is free again
    heard.close()
    status = bridge.status()
    assert status["listen"] == f"127.0.0.1:{other}"
    assert status["board"]["reconnects"] == 0
    assert not first.values("/bela/pot1", at)
    bridge.end()
    assert not any(entry["controlled"] or entry["monitor"] for entry in page.variables().values())


def test_a_reload_to_another_board(stage, port):
    boards, ear = [stage.board(), stage.board()], stage.ear()
    bridge = stage.bridge(stage.config(**settings(boards[0].address, port, ear.port))).ready()
    ear.wait("/bela/pot1")
    stage.config(**settings(boards[1].address, port, ear.port))
    assert bridge.reload().returncode == 0
    bridge.wait_status(lambda s: s["board"]["address"] == boards[1].address and s["board"]["connected"])
    assert not any(entry["monitor"] for entry in stage.lists(boards[0].address).values())
    at = ear.count
    ear.wait("/bela/pot1", after=at)
    bridge.end()


def test_wrong_configs_keep_the_old_one_and_end_a_start(stage, port):
    board, ear, taken = stage.board(), stage.ear(), stage.ear()
    good = settings(board.address, port, ear.port)
    path = stage.config(**good)
    bridge = stage.bridge(path).ready()
    ear.wait("/bela/pot1")
    rules = ("{var: pot1, rate: fast}", "{var: pot1, rate: 5, rate: 6}", "{vra: x}")
    faulty = "\n  - ".join(["osc: {listen: 9001}\nout:", *rules])
    for text, faults in (
        (faulty, [f"{path}:3:23: ", f"{path}:4:26: ", f"{path}:5:6: "]),
        ("a: [", [f"{path}:"]),
        (f"osc:\n  listen: {taken.port}\n", [f"{path}:2:11: osc.listen: 127.0.0.1:{taken.port} is in use"]),
    ):
        path.write_text(text, encoding="utf-8")
        done = bridge.reload()
        assert done.returncode == 78
        for fault in faults:
            assert any(line.startswith(fault) for line in done.stderr.splitlines()), (fault, done.stderr)
        at = len(bridge.log)
        bridge.process.send(signal.SIGHUP)
        bridge.process.wait_err("the old config stays in force", after=at)
        at = ear.count
        ear.wait("/bela/pot1", after=at)
        started = stage.once("run", path)
        assert started.returncode == 78, started
        assert started.stderr.splitlines()[0].startswith(faults[0])
        assert "Traceback" not in started.stderr
        checked = stage.once("check", path, "--json")
        port_only = "in use" in faults[0]
        assert checked.returncode == (0 if port_only else 78)
        assert json.loads(checked.stdout)["ok"] is port_only
    assert bridge.status()["listen"] == f"127.0.0.1:{port}"
    bridge.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("board_is", ["there", "absent", "stalled", "gone"])
def test_it_ends_in_time(stage, port, number, board_is):
    board, ear = stage.board(), stage.ear()
    address = f"127.0.0.1:{free_port()}" if board_is == "absent" else board.address
    bridge = stage.bridge(stage.config(**settings(address, port, ear.port)))
    bridge.ready(connected=board_is != "absent")
    if board_is != "absent":
        ear.say(port, "/gain", 0.5)
        stage.page(board.address).wait(lambda v: v["gain"]["value"] == 0.5)
    if board_is == "stalled":
        board.inject(Stall())
    if board_is == "gone":
        board.close_now()
        bridge.wait_status(lambda s: not s["board"]["connected"])
    began = time.monotonic()
    code = bridge.process.end(number)
    assert time.monotonic() - began < ENDS_WITHIN_S
    assert code == 0, str(bridge.process)
    # what could not be given back is said
    assert any("did not let go" in line for line in bridge.log) is (board_is == "stalled")
    assert "Traceback" not in "\n".join(bridge.log)


def test_proxies_in_the_environment_do_not_matter(stage, port):
    trap = stage.board()  # it would see a connection
    board, ear = stage.board(), stage.ear()
    proxies = {
        name: f"http://{trap.address}"
        for word in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "socks_proxy")
        for name in (word, word.upper())
    } | {"no_proxy": "", "NO_PROXY": ""}
    bridge = stage.bridge(stage.config(**settings(board.address, port, ear.port)), environ=proxies).ready()
    ear.wait("/bela/pot1")
    assert stage.once("list", "--board", board.address, environ=proxies).returncode == 0
    assert trap.ask(lambda server: len(server._peers)) == 0
    bridge.end()


def test_without_a_config_everything_is_mapped_on_the_usual_ports(stage):
    """Skips when somebody has the usual ports; then nothing can be proven here."""
    try:
        ear = stage.ear(9000)
        stage.ear(9001).close()
    except OSError:
        pytest.skip("another program has port 9000 or 9001")
    bridge = stage.bridge(None, "--sim").ready()
    for name in ("pot1", "gain", "counter"):
        ear.wait(f"/bela/{name}")
    ear.say(9001, "/bela/gain", 0.0)
    at = ear.count
    wait_for(lambda: len(ear.values("/bela/mic", at)) > 30, why="mic is silent")
    assert not any(ear.values("/bela/mic")[-10:])
    bridge.end()
