"""A simulated board as a process, whose disk lies behind a real sshd, for what programs do with logs."""

from __future__ import annotations

from pathlib import Path

from log_board import PROJECT


class LogStage:
    """A board, and how its ssh is reached.

    Attributes:
        address: of the board.
        ssh: its sshd.
        to: a folder for files here.
    """

    def __init__(self, stage, ssh, *more):
        self._stage, self.ssh = stage, ssh
        _, self.address = stage.sim("--project", PROJECT, "--logs", ssh.logs, *more)
        self.to = stage.folder / "takes"
        stage.environ["XDG_STATE_HOME"] = str(stage.folder / "state")

    def log(self, *words, within_s=60.0):
        """``belabridge log ...`` without a daemon."""
        reached = ["--board", self.address, "--ssh-port", self.ssh.port]
        return self._stage.once("log", *words, *reached, within_s=within_s)

    def on_board(self, name):
        return (Path(self.ssh.logs) / name).read_bytes()
