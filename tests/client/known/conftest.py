"""Boards of both kinds, and objects of the known form that are cleaned up."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from belabridge.sim.programs.captures import bela_test
from belabridge.sim.programs.default import default_program
from log_board import CAN_BE_A_BOARD, Sshd
from processes import wait_for


@pytest.fixture
def bela_board(board_apart):
    """A board whose variables hold the frame at which they were assigned."""
    with board_apart(bela_test()) as sim:
        yield sim


@pytest.fixture
def demo_board(board_apart):
    """The board of the demo."""
    with board_apart(default_program()) as sim:
        yield sim


@pytest.fixture
def connected():
    """Makes a connected object of a class: ``connected(Streamer, sim)``."""
    made = []

    def make(kind, sim):
        one = kind(sim.host, sim.port)
        made.append(one)
        assert one.connect() == 1
        return one

    yield make
    for one in made:
        one.cleanup()


@pytest.fixture
def disk_of(tmp_path, monkeypatch):
    """Makes the files of a board that logs be seen by ssh; ``disk_of(sim).login`` is the way to them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with ExitStack() as stack:

        def make(sim):
            if not CAN_BE_A_BOARD:
                pytest.skip("needs sshd, and root to let it see a shadow file of its own")
            disk = Disk(sim, stack.enter_context(Sshd(tmp_path / "board")))
            stack.callback(disk.end)
            sim.act(disk.write)
            return disk

        yield make


@pytest.fixture
def disk(bela_board, disk_of):
    """The files of ``bela_board``."""
    return disk_of(bela_board)


class Disk:
    """Writes what a simulated board logs to files, as it comes.

    Attributes:
        folder: of the board's program.
        login: the way to it.
        is_over: nothing more is to be written.
    """

    def __init__(self, sim, sshd):
        self.folder = sshd.home / "Bela" / "projects" / sim.board.program.project
        self.folder.mkdir(parents=True)
        self.login = sshd.login
        self.is_over = False
        self._sim, self._written = sim, {}

    def end(self):
        self.is_over = True

    def settle(self):
        """Return when all that was logged is in its file."""
        wait_for(lambda: {name: len(data) for name, data in self._sim.board.files.items()} == self._written)

    def write(self):
        for name, data in self._sim.board.files.items():
            done = self._written.get(name, 0)
            if len(data) > done:
                with (self.folder / name).open("ab") as file:
                    file.write(data[done:])
                self._written[name] = len(data)
        if not self.is_over:
            asyncio.get_running_loop().call_later(0.02, self.write)
