"""A simulated board that is killed and started again, as itself or with other variables."""

import signal

import pytest

from belabridge.sim.faults import Restart
from belabridge.sim.program import Program, ProgramVariable
from belabridge.sim.programs.default import default_program
from osc_peer import free_port
from processes import wait_for

ROUNDS = 2


def test_a_board_that_is_killed_and_started_again(stage, boards, port):
    ear = stage.ear()
    board_port = free_port()
    sim, board = boards.start(port=board_port)
    config = stage.config(board=board, osc={"listen": port, "send": f"127.0.0.1:{ear.port}"})
    bridge = stage.bridge(config).ready()
    ear.say(port, "/bela/gain", 0.0)
    ear.say(port, "/bela/freq", 220.0)
    stage.page(board).wait(lambda v: v["gain"]["value"] == 0 and v["freq"]["value"] == 220)

    for n in range(1, ROUNDS + 1):
        sim.end(signal.SIGKILL)
        bridge.wait_status(lambda status: not status["board"]["connected"])
        at = ear.count
        sim, _ = boards.start(port=board_port)
        wait_for(lambda at=at: len(ear.values("/bela/pot1", at)) > 20, why="no value after a restart")
        page = stage.page(board)
        variables = page.wait(lambda v: v["gain"]["controlled"] and v["freq"]["value"] == 220)
        assert variables["gain"]["value"] == 0
        # and it is heard: the tone stays off
        at = ear.count
        wait_for(lambda at=at: len(ear.values(f"/bela/{boards.heard}", at)) > 20, why="nothing is heard")
        assert not any(ear.values(f"/bela/{boards.heard}", at)[10:])  # the gain may glide
        status = bridge.status()
        assert status["board"]["reconnects"] == n
        assert status["drops"]["board.lost"] == n
        outages = [line for line in bridge.warnings if "board:" in line]
        assert len(outages) == n, outages
    bridge.end()


def test_a_board_that_comes_late(stage, boards, port):
    ear = stage.ear()
    board_port = free_port()
    config = stage.config(
        board=f"127.0.0.1:{board_port}", osc={"listen": port, "send": f"127.0.0.1:{ear.port}"}
    )
    bridge = stage.bridge(config).ready(connected=False)
    ear.say(port, "/bela/gain", 0.0)
    bridge.process.wait_err("no Bela at")
    boards.start(port=board_port)
    ear.wait("/bela/pot1")
    assert len([line for line in bridge.warnings if "no Bela at" in line]) == 1
    assert bridge.status()["board"]["reconnects"] == 0
    bridge.end()


def test_a_program_with_other_variables(stage, port):
    board = stage.board()
    ear = stage.ear()
    config = stage.config(
        board=board.address,
        osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
        out=[{"var": "pot1"}, {"var": "mic", "take": "rms", "osc": "/level"}],
        **{"in": [{"osc": "/gain", "var": "gain"}]},
    )
    bridge = stage.bridge(config).ready()
    ear.wait("/level")
    ear.say(port, "/gain", 0.25)
    stage.page(board.address).wait(lambda v: v["gain"]["value"] == 0.25)

    other = Program(
        "other",
        (
            ProgramVariable("pott1", values=lambda frames: frames * 0 + 0.5),
            ProgramVariable("mic", values=lambda frames: frames * 0 + 0.125),
        ),
    )
    board.inject(Restart(other))
    bridge.wait_status(lambda status: status["board"]["project"] == "other" and status["board"]["connected"])
    bridge.process.wait_err("no variable 'pot1', which is mapped: did you mean pott1")
    bridge.process.wait_err("no variable 'gain'")
    ear.wait("/level", that=lambda level: level == pytest.approx(0.125))  # what is there goes on
    status = bridge.status()
    assert [rule["missing"] for rule in status["out"] + status["in"]] == [True, False, True]
    at = ear.count
    ear.say(port, "/gain", 0.75)  # a value for a variable that is not there now waits for it

    board.inject(Restart(default_program()))
    bridge.wait_status(lambda s: not any(rule["missing"] for rule in s["out"] + s["in"]))
    ear.wait("/bela/pot1", after=at)
    stage.page(board.address).wait(lambda v: v["gain"]["controlled"] and v["gain"]["value"] == 0.75)
    assert board.harm == []
    bridge.end()
