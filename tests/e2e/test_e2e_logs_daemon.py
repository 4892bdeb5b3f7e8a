"""Logs with the daemon: by OSC from a real oscsend, and by a command line that asks it; a real sshd."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from processes import wait_for

WITHIN_S = 60.0


class Asker:
    """A patch that sends with oscsend, and hears the answers at a port of its own."""

    def __init__(self, stage, logs, port, **settings):
        self.ear = stage.ear()
        send = {"patch": {"host": "127.0.0.1", "port": self.ear.port, "reply_port": self.ear.port}}
        config = stage.config(
            board=logs.address,
            osc={"listen": port, "send": send},
            out=[],
            **{"in": [{"osc": "/rec", "log": {"vars": ["mic"], "mode": "toggle"}}]},
            logs={"to": "takes", "ssh": logs.ssh.port, **settings},
        )
        self.bridge = stage.bridge(config, listen=port).ready()

    def send(self, word, *names):
        tags = ["s" * len(names), *names] if names else []
        subprocess.run(
            ["oscsend", "127.0.0.1", str(self.bridge.port), f"/belabridge/log/{word}", *tags], check=True
        )

    def answers(self, word):
        return [args for address, args in list(self.ear.heard) if address == f"/belabridge/log/{word}"]

    def wait(self, word, count=1):
        """The answers of a kind, once there are so many."""
        return wait_for(
            lambda: found if len(found := self.answers(word)) >= count else None,
            within_s=WITHIN_S,
            why=lambda: f"{self.ear.heard}\n{self.bridge.process}",
        )


def test_a_patch_starts_stops_and_gets_its_files(stage, logs, port):
    asker = Asker(stage, logs, port, delete_on_board="after_verify")
    asker.send("start", "mic", "pot1")
    assert sorted(map(tuple, asker.wait("started", 2))) == [("mic", "mic.bin"), ("pot1", "pot1.bin")]
    wait_for(lambda: len(logs.on_board("mic.bin")) > 20_000, within_s=WITHIN_S)
    asker.send("list")
    asker.wait("list/end")
    assert {row[0]: row[4] for row in asker.answers("list")} == {"mic.bin": "logging", "pot1.bin": "logging"}
    asker.send("stop")
    done = asker.wait("done", 2)
    assert len(asker.answers("stopped")) == 2
    for path, frames in done:
        assert Path(path).parent == logs.to
        assert Path(path).stat().st_size > 1000
        assert frames > 4000
    assert list(Path(logs.ssh.logs).iterdir()) == []
    for word, names, said in (
        ("start", ["mick"], "did you mean mic"),
        ("stop", [], "nothing is being logged"),
        ("fetch", ["mic"], "no log mic"),
    ):
        before = len(asker.answers("error"))
        asker.send(word, *names)
        assert said in asker.wait("error", before + 1)[-1][0]
    asker.bridge.end()


def test_the_command_line_asks_the_daemon(stage, logs, port):
    asker = Asker(stage, logs, port)
    done = stage.once("log", "start", "mic", "--json", within_s=WITHIN_S)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["viaDaemon"]
    assert answer["logs"][0]["file"] == "mic.bin"
    wait_for(lambda: len(logs.on_board("mic.bin")) > 20_000, within_s=WITHIN_S)
    again = stage.once("log", "start", "mic", within_s=WITHIN_S)
    assert again.returncode == 1
    assert "being logged already" in again.stderr
    stopped = stage.once("log", "stop", "--json", within_s=WITHIN_S)
    (log,) = json.loads(stopped.stdout)["logs"]
    assert log["state"] == "here", stopped
    assert Path(log["path"]).parent == logs.to
    assert Path(log["path"]).read_bytes() == logs.on_board("mic.bin")
    fetched = stage.once("log", "fetch", "mic", "--to", "elsewhere", within_s=WITHIN_S)
    assert (stage.folder / "elsewhere" / "mic.bin").read_bytes() == logs.on_board("mic.bin"), fetched
    assert stage.once("log", "rm", "mic.bin", "--yes", within_s=WITHIN_S).returncode == 0
    asker.bridge.end()


@pytest.mark.parametrize("logs", ["second"], indirect=True)
def test_a_disk_that_is_full_and_an_ssh_that_is_gone_are_told(stage, logs, port):
    asker = Asker(stage, logs, port)
    logs.to.write_text("a file where the folder should be", encoding="utf-8")
    asker.send("start", "mic")
    asker.wait("started")
    asker.send("stop")
    assert str(logs.to) in asker.wait("error")[0][0]
    logs.to.unlink()
    logs.ssh.close()
    asker.send("fetch")
    assert "no ssh to 127.0.0.1" in asker.wait("error", 2)[1][0]
    asker.bridge.end()


def test_a_control_of_the_config_begins_and_ends_a_log(stage, logs, port):
    asker = Asker(stage, logs, port)
    for n in range(2):
        press = ["oscsend", "127.0.0.1", str(port), "/rec", "f", "1"]
        subprocess.run(press, check=True)
        if not n:
            wait_for((Path(logs.ssh.logs) / "mic.bin").exists, within_s=WITHIN_S)
            wait_for(lambda: len(logs.on_board("mic.bin")) > 20_000, within_s=WITHIN_S)
    (path,) = wait_for(lambda: list(logs.to.glob("*-mic.bin")), within_s=WITHIN_S)
    assert path.read_bytes() == logs.on_board("mic.bin")
    asker.bridge.end()
