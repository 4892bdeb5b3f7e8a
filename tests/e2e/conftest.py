"""What the tests with real programs share: everything that is started here ends with its test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import ExitStack
from tempfile import TemporaryDirectory

import pytest
import yaml

from belabridge.errors import DaemonNotRunning
from belabridge.service.ask import answer_of, ask
from board_page import Page
from host_program import ROOT, built
from live_board import LiveBoard
from log_board import CAN_BE_A_BOARD, Sshd
from log_stage import LogStage
from osc_peer import Ear, free_port
from processes import BELABRIDGE, DEADLINE_S, Running, wait_for


class Stage:
    """Programs, boards and ears of one test.

    Attributes:
        folder: a folder of the test.
        environ: with a runtime folder of the test, so that ``status`` finds its daemon and no other.
    """

    def __init__(self, folder, stack):
        self.folder, self._stack = folder, stack
        # short, whatever the test is called: the path of a unix socket has 107 bytes
        runtime = stack.enter_context(TemporaryDirectory(prefix="bb-"))
        self.environ = os.environ | {"XDG_RUNTIME_DIR": runtime, "COLUMNS": "100"}
        self.environ.pop("RUNTIME_DIRECTORY", None)

    def _ends(self, thing, end):
        self._stack.callback(end)
        return thing

    def start(self, *command, environ=None):
        """Any program."""
        program = Running(*command, environ=self.environ | (environ or {}), cwd=self.folder)
        return self._ends(program, program.kill)

    def belabridge(self, *words, environ=None):
        """A command of ours that goes on."""
        return self.start(BELABRIDGE, *words, environ=environ)

    def once(self, *words, environ=None, within_s=DEADLINE_S):
        """A command of ours that ends; has stdout, stderr and returncode."""
        return subprocess.run(
            [str(BELABRIDGE), *map(str, words)],
            env=self.environ | (environ or {}),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def sim(self, *words, port=0):
        """``belabridge sim`` as a process; gives it and its address."""
        sim = self.belabridge("sim", "--port", port, *words)
        return sim, sim.wait_out(r"simulated board on (\S+);")[1]

    def example(self, *words, port=0):
        """bela-example on the laptop's host, with our library in it; gives it and its address."""
        example = self.start(*built(ROOT / "bela-example"), "--port", port, "--folder", self.folder, *words)
        return example, example.wait_out(r" on (\S+);")[1]

    def board(self, program=None, **more):
        board = LiveBoard(program, **more)
        return self._ends(board, board.close)

    def page(self, address, **more):
        page = Page(address, **more)
        return self._ends(page, page.close)

    def ear(self, port=0):
        ear = Ear(port)
        return self._ends(ear, ear.close)

    def config(self, name="config.yaml", **settings):
        """Write a config; gives its path."""
        path = self.folder / name
        new = path.with_suffix(".new")
        new.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        new.replace(path)
        return path

    def bridge(self, config=None, *words, environ=None, listen=None):
        """``belabridge run``, serving."""
        process = self.belabridge("run", *([config] if config else []), *words, environ=environ)
        return Bridge(self, process, listen)

    def lists(self, address):
        """``belabridge list --json``: the variables by name."""
        done = self.once("list", "--board", address, "--json")
        assert done.returncode == 0, done.stderr
        return {watcher["name"]: watcher for watcher in json.loads(done.stdout)["watchers"]}


class Bridge:
    """A running daemon.

    Attributes:
        process: it.
        port: where it hears OSC.
    """

    def __init__(self, stage, process, listen):
        self._stage, self.process, self.port = stage, process, listen

    def ready(self, *, connected=True):
        """Wait until it serves, and has a board."""
        wait_for(lambda: self._status(connected), why=lambda: f"not ready: {self.process}", every_s=0.1)
        return self

    def _status(self, connected):
        assert self.process.process.poll() is None, f"ended: {self.process}"
        try:
            return self.status()["board"]["connected"] or not connected
        except DaemonNotRunning:
            return False

    def status(self):
        """What `belabridge status --json` shows, without the half second of its start."""
        return answer_of(ask("status", pid=self.process.pid, environ=self._stage.environ))

    def wait_status(self, fits, *, within_s=DEADLINE_S):
        """The status as soon as ``fits(status)``."""
        last = []

        def found():
            last[:] = [self.status()]
            return last[0] if fits(last[0]) else None

        return wait_for(found, within_s=within_s, every_s=0.1, why=lambda: f"{last}\n{self.process}")

    def reload(self):
        return self._stage.once("reload", "--pid", self.process.pid)

    @property
    def log(self):
        return self.process.err

    @property
    def warnings(self):
        return [line for line in self.log if " WARNING " in line]

    def end(self, number=signal.SIGTERM):
        """End it as a service manager does; nothing may have been raised."""
        assert self.process.end(number) == 0, str(self.process)
        assert_calm(self.process)


def assert_calm(program):
    """Nothing was raised, and nothing was told to the error stream that is not a line of the log."""
    text = "\n".join(program.err)
    assert "Traceback" not in text, text
    assert "fault in belabridge" not in text, text
    assert "Exception" not in text, text


class Boards:
    """Boards of one kind.

    Attributes:
        count: of their variables.
        heard: the variable in which `gain` and `freq` are heard.
        project: what they run.
    """

    def __init__(self, start, count, heard, project):
        self.start, self.count, self.heard, self.project = start, count, heard, project


@pytest.fixture(params=["sim", "example"])
def boards(request, stage):
    """The simulated board, and then the real library on this computer."""
    if request.param == "sim":
        return Boards(stage.sim, 7, "mic", "belabridge-demo")
    return Boards(stage.example, 15, "sound", "bela-example")


@pytest.fixture
def stage(tmp_path):
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


@pytest.fixture
def port():
    """A free UDP port to listen on."""
    return free_port()


@pytest.fixture(params=["second", "original"])
def logs(request, stage, tmp_path):
    """A board that writes log files, of both protocols, behind a real sshd."""
    if not CAN_BE_A_BOARD:
        pytest.skip("needs sshd, and root to let it see a shadow file of its own")
    with Sshd(tmp_path / "board") as ssh:
        yield LogStage(stage, ssh, *(["--original"] if request.param == "original" else []))
