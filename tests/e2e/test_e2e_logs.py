"""``belabridge log`` as a user types it, with a real sshd: without a daemon."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from host_program import ROOT
from processes import wait_for


def test_a_log_is_followed_to_its_end(logs, stage):
    done = logs.log("start", "mic", "pot1", "--for", "1s", "--follow", "--to", logs.to)
    assert done.returncode == 0, done.stderr
    assert "mic: the board logs into mic.bin" in done.stderr
    paths = sorted(logs.to.glob("*.bin"))
    assert len(paths) == 2
    for path in paths:
        assert str(path) in done.stdout
        assert path.read_bytes() == logs.on_board(f"{path.stem.rpartition('-')[2]}.bin")
    assert "verified by checksum" in done.stdout
    assert stage.once("log", "info", *paths).returncode in {
        0,
        1,
    }  # an original board's watch begins a new block


def test_ctrl_c_ends_the_log_that_is_followed_and_brings_all_of_it(logs, stage):
    words = ["--board", logs.address, "--ssh-port", logs.ssh.port, "--to", logs.to, "--json"]
    following = stage.belabridge("log", "start", "mic", "--follow", *words)
    wait_for(lambda: any(path.stat().st_size > 10_000 for path in logs.to.glob("*.part")), within_s=60)
    assert following.end(signal.SIGINT, within_s=60) == 0, str(following)
    (log,) = json.loads(following.out[-1])["logs"]
    assert (log["variable"], log["file"], log["state"]) == ("mic", "mic.bin", "here")
    assert Path(log["path"]).read_bytes() == logs.on_board("mic.bin")


def test_start_stop_list_fetch_and_rm_one_by_one(logs):
    done = logs.log("start", "mic")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "belabridge log fetch" in done.stderr
    again = logs.log("start", "pot1", "mic")
    assert again.returncode == 1
    assert "mic (it is being logged already)" in again.stderr
    wait_for(lambda: len(logs.on_board("mic.bin")) > 20_000, within_s=60)
    rows = json.loads(logs.log("list", "--json").stdout)["board"]
    assert [(row["file"], row["variable"], row["state"]) for row in rows] == [("mic.bin", "mic", "logging")]
    assert "being written" in logs.log("rm", "mic.bin", "--yes").stderr
    stopped = logs.log("stop")
    assert stopped.stdout == "mic: mic.bin is on the board\n", stopped.stderr
    assert logs.log("stop").returncode == 1
    fetched = logs.log("fetch", "--to", logs.to)
    assert fetched.returncode == 0, fetched.stderr
    assert (logs.to / "mic.bin").read_bytes() == logs.on_board("mic.bin")
    listed = logs.log("list", "--to", logs.to).stdout
    assert "on the board, synth:" in listed
    assert "whole" in listed
    refused = logs.log("rm", "mic.bin")
    assert refused.returncode != 0  # it asks, and nobody answers
    assert logs.log("rm", "mic.bin", "--yes").stdout == "mic.bin is gone from the board\n"
    assert logs.log("list", "--to", logs.to).stdout.startswith("on the board, synth: none")


def test_what_cannot_be_is_said_in_one_line(logs, stage):
    for words, said in (
        (("start", "micc"), "did you mean mic"),
        (("stop", "mic"), "mic is not being logged"),
        (("fetch", "mic"), "the board has no log mic"),
    ):
        done = logs.log(*words)
        assert done.returncode == 1
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
    refused = stage.once("log", "list", "--board", logs.address, "--ssh-port", "1")
    assert refused.returncode == 1
    assert "no ssh to 127.0.0.1:1" in refused.stderr
    assert stage.once("log", "start", "mic", "--at", "2s", "--board", logs.address).returncode == 2


def test_another_key_is_refused_until_it_is_trusted(logs, stage, tmp_path):
    assert logs.log("list").returncode == 0
    known = Path(stage.environ["XDG_STATE_HOME"]) / "belabridge" / "known_boards"
    other = known.read_text(encoding="ascii").split()
    other[2] = other[2][:-8] + ("AAAAAAA=" if other[2].endswith("=") else "AAAAAAAA")
    known.write_text(" ".join(other) + "\n", encoding="ascii")
    refused = logs.log("list")
    assert refused.returncode == 1
    place = f"127.0.0.1:{logs.ssh.port}"
    assert f"belabridge log trust {place}" in refused.stderr
    trusted = stage.once("log", "trust", place)
    assert f"{place} is trusted: SHA256:" in trusted.stdout, trusted.stderr
    assert logs.log("list").returncode == 0


@pytest.mark.parametrize("logs", ["second"], indirect=True)
def test_the_commands_of_the_document_do_their_work(logs):
    text = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    block = text.partition("# variables to the board's disk\n")[2].partition("```")[0]
    commands = re.findall(r"^belabridge log ([^#\n]*)", block, re.MULTILINE)
    assert {command.split()[0] for command in commands} == {"start", "stop", "list", "fetch", "rm"}
    for command in commands:
        done = logs.log(*command.split())
        assert done.returncode == 0, (command, done.stderr)
    assert min(path.name for path in logs.to.glob("*.bin")) == "mic.bin"
    assert list(Path(logs.ssh.logs).iterdir()) == []
