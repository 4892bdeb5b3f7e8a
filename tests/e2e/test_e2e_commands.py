"""list, monitor, set, init, check, demo and sim as a user types them, against a simulated board."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from osc_peer import free_port
from processes import BELABRIDGE, DEADLINE_S, wait_for

WATCHER = {
    "name",
    "type",
    "timestampMode",
    "value",
    "valueInput",
    "controlled",
    "watched",
    "monitor",
    "logged",
    "logFileName",
}


def test_list(stage, boards):
    _, board = boards.start("--project", "mine")
    done = stage.once("list", "--board", board, "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert {"project", "sampleRate", "watchers"} <= set(answer)
    assert answer["project"] == "mine"
    assert answer["sampleRate"] == 44100
    assert [set(watcher) for watcher in answer["watchers"]] == [WATCHER] * boards.count
    plain = stage.once("list", "--board", board).stdout
    assert all(watcher["name"] in plain for watcher in answer["watchers"])


def test_set_and_release(stage, boards):
    _, board = boards.start()
    done = stage.once("set", "--board", board, "gain=0.25", "freq=1e3", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert answer == {
        "project": answer["project"] or None,
        "sampleRate": 44100,
        "watchers": [
            {"name": "gain", "type": "f", "value": 0.25, "controlled": True},
            {"name": "freq", "type": "f", "value": 1000, "controlled": True},
        ],
    }
    assert stage.lists(board)["gain"]["value"] == 0.25
    done = stage.once("set", "--board", board, "--release", "gain", "--json")
    (row,) = json.loads(done.stdout)["watchers"]
    assert row == {"name": "gain", "type": "f", "value": pytest.approx(0.8), "controlled": False}
    assert stage.lists(board)["freq"]["controlled"], "what was not released stays"


def test_monitor(stage, boards):
    _, board = boards.start()
    done = stage.once("monitor", "--board", board, "pot1", "gain", "--json", "--rate", "50", "--count", "20")
    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 20
    assert all([entry["name"] for entry in row["watchers"]] == ["pot1", "gain"] for row in rows)
    frames = [row["timestamp"] for row in rows]
    assert frames == sorted(frames)
    assert len(set(frames)) > 10
    assert rows[-1]["watchers"][1]["value"] == pytest.approx(0.8)
    assert not any(entry["monitor"] for entry in stage.lists(board).values()), "given back"
    plain = stage.once("monitor", "--board", board, "--count", "3")
    assert len(plain.stdout.splitlines()) == 3


@pytest.mark.parametrize("end", ["head", "interrupt"])
def test_monitor_in_a_pipe_ends_silently(stage, boards, end):
    _, board = boards.start()
    if end == "head":
        done = subprocess.run(  # noqa: S602  a pipe of the shell is what is tested
            f"{BELABRIDGE} monitor --board {board} --rate 100 | head -3; exit ${{PIPESTATUS[0]}}",
            shell=True,
            executable="/bin/bash",
            env=stage.environ,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == 3
    else:
        monitor = stage.belabridge("monitor", "--board", board)
        monitor.wait_out("pot1")
        assert monitor.end(signal.SIGINT) == 0
        assert monitor.err == []
    page = stage.page(board)
    page.wait(lambda v: not any(entry["monitor"] for entry in v.values()))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["list", "--board", "127.0.0.1:{nobody}"], 1, "no Bela at"),
        (["set", "--board", "{board}", "gian=1"], 1, "did you mean gain"),
        (["monitor", "--board", "{board}", "pto1"], 1, "did you mean"),
        (["set", "--board", "{board}", "gain=loud"], 2, "gain=0.5"),
        (["set", "--board", "{board}", "gain=nan"], 2, "gain=0.5"),
        (["set", "--board", "{board}", "counter=1e20"], 2, "-2147483648 to 2147483647"),
        (["set"], 2, "VAR=VALUE"),
        (["list", "--board", "host:port:x"], 2, "write only a name"),
        (["run", "--sim", "--board", "{board}"], 2, "--sim"),
        (["run", "nowhere.yaml"], 78, "nowhere.yaml"),
        (["check", "nowhere.yaml"], 78, "nowhere.yaml"),
        (["status"], 1, "belabridge run"),
        (["reload"], 1, "belabridge run"),
        (["sim", "--port", "{port_of_board}"], 1, "in use"),
        (["sim", "--speed", "-1"], 2, "--speed"),
    ],
)
def test_exit_codes(stage, words, code, said):
    board = stage.board().address
    known = {"board": board, "nobody": free_port(), "port_of_board": board.rpartition(":")[2]}
    done = stage.once(*(word.format(**known) for word in words))
    assert done.returncode == code, done
    assert said in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    changed = [v["name"] for v in stage.page(board).variables().values() if v["controlled"]]
    assert not changed


def test_a_first_config_by_init(stage, boards, port):
    _, board = boards.start()
    done = stage.once("init", "--board", board)
    assert done.returncode == 0, done.stderr
    path = stage.folder / "belabridge.yaml"
    text = path.read_text(encoding="utf-8")
    assert "#" in text
    assert stage.once("check", path, "--board", board).returncode == 0
    again = stage.once("init", "--board", board)
    assert again.returncode == 1
    assert path.read_text(encoding="utf-8") == text, "never overwritten"
    ear = stage.ear()
    moved = text.replace("9001", str(port)).replace("9000", str(ear.port))
    path.write_text(moved, encoding="utf-8")
    bridge = stage.bridge(path).ready()
    ear.wait("/bela/pot1")
    bridge.end()


def test_check_names_what_a_board_lacks(stage, boards):
    _, board = boards.start()
    path = stage.config(out=[{"var": "pto1"}])
    done = stage.once("check", path, "--board", board)
    assert done.returncode == 1
    assert f"{path}:2:" in done.stdout
    assert "`pot1`" in done.stdout


def test_sim_with_many_variables_at_speed(stage):
    sim, board = stage.sim("--vars", "12", "--speed", "16")
    first = json.loads(stage.once("list", "--board", board, "--json").stdout)
    assert [watcher["name"] for watcher in first["watchers"]][-12:] == [f"v{n}" for n in range(12)]
    assert sim.end(signal.SIGINT) == 0


def test_the_demo_in_a_pipe(stage):
    demo = stage.belabridge("demo")
    wait_for(lambda: len(demo.out) >= 3, why=lambda: str(demo))
    line = demo.out[-1]
    for word in ("connected", "belabridge-demo", "pot1", "mic", "drops", "latency"):
        assert word in line, line
    assert "drops 0" in line
    assert re.search(r"subscriber 127\.0\.0\.1:\d+ [1-9][\d ]* sent", line), line
    assert "lost" not in line, line
    assert re.search(r"in \d+ on 127\.0\.0\.1:\d+,", line), line
    assert re.search(r"counter \d+ ", line), line
    began = time.monotonic()
    assert demo.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 2
    assert "Traceback" not in "\n".join(demo.err)
    assert "\x1b" not in "".join(demo.out)


@pytest.mark.parametrize("command", [("demo",), ("run", "--sim", "--show")])
def test_what_flows_is_shown_as_long_as_somebody_reads(stage, command):
    shown = subprocess.Popen(
        [str(BELABRIDGE), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=stage.environ,
        cwd=stage.folder,
    )
    assert "pot1" in shown.stdout.readline()
    shown.stdout.close()
    try:
        assert shown.wait(DEADLINE_S) == 0
        assert "Traceback" not in shown.stderr.read()
    finally:
        shown.kill()
        shown.stderr.close()


def test_a_full_disk_is_one_line(stage):
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device, not a file
        done = subprocess.run(
            [str(BELABRIDGE), "check", "--schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "belabridge: the system says: No space left on device\n")


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (40, 120)])
def test_the_demo_in_a_terminal(stage, rows, columns):
    master, slave = pty.openpty()

    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environ = {k: v for k, v in stage.environ.items() if k not in {"COLUMNS", "LINES", "NO_COLOR"}}
    demo = subprocess.Popen(
        [str(BELABRIDGE), "demo"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environ | {"TERM": "xterm-256color"},
        cwd=stage.folder,
        start_new_session=True,
    )
    os.close(slave)
    shown = bytearray()

    def read():
        while select.select([master], [], [], 0)[0]:
            try:
                shown.extend(os.read(master, 65536))
            except OSError:  # the other end is closed
                return

    def has(*words):
        read()
        return all(word.encode() in shown for word in words)

    try:
        wait_for(
            lambda: has("belabridge-demo", "pot1", "/bela/mic", "latency", "destinations"),
            why=lambda: shown.decode(errors="replace"),
        )
        began = time.monotonic()
        demo.send_signal(signal.SIGINT)
        wait_for(lambda: has("the player heard") or demo.poll() is not None, within_s=5, why="it goes on")
        assert demo.wait(5) == 0
        assert time.monotonic() - began < 2
        assert not has("Traceback")
    finally:
        demo.kill()
        demo.wait()
        os.close(master)
