"""``belabridge record`` and ``belabridge export``: real processes at a simulated board."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from belabridge.cli import group
from belabridge.client.blocks import Block
from belabridge.recording.load import load
from belabridge.recording.recorder import Recorder
from processes import BELABRIDGE, Running, wait_for
from takes import RATE_HZ, dense, sparse
from terminal import in_a_terminal


@pytest.fixture(scope="module")
def board():
    running = Running(BELABRIDGE, "sim", "--port", "0")
    try:
        yield running.wait_out(r"127\.0\.0\.1:\d+")[0]
    finally:
        running.kill()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(group, [str(word) for word in words], prog_name="belabridge")


def recorded(*words, board):
    running = Running(BELABRIDGE, "record", *words, "--board", board)
    try:
        return running.code(60), running
    finally:
        running.kill()


def test_a_take_of_a_length_is_exact(board, folder):
    code, running = recorded("mic", "pot1", "--for", "4410f", board=board)
    assert code == 0
    assert running.out == ["take1", "  mic: 4410 values, 0.1 s", "  pot1: 4410 values, 0.1 s"]
    take = load("take1")
    assert take.is_complete
    assert sorted(take) == ["mic", "pot1"]
    assert take["mic"].frames.tolist() == take["pot1"].frames.tolist()


def test_a_second_take_gets_the_next_number_and_programs_get_json(board):
    wanted = ["gain", "trigger", "--for", "100ms", "--json"]
    recorded(*wanted, board=board)
    code, running = recorded(*wanted, board=board)
    assert code == 0
    said = json.loads("".join(running.out))
    assert said["path"] == "take2"
    assert said["tracks"]["gain"] == {"values": 0, "seconds": 0.0, "missingFrames": 0}
    assert said["tracks"]["trigger"] == {"values": 4410, "seconds": 0.1, "missingFrames": 0}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_a_length_a_signal_ends_it_and_all_is_kept(board, number):
    running = Running(BELABRIDGE, "record", "mic", "--to", "takes/monday", "--board", board)
    try:
        wait_for(lambda: Path("takes/monday/mic.npy").exists() and len(load("takes/monday")["mic"]) > 5000)
        assert running.end(number) == 0
    finally:
        running.kill()
    assert running.out[0] == "takes/monday"
    take = load("takes/monday")
    assert take.is_complete
    assert set(np.diff(take["mic"].frames)) == {1}


def test_a_signal_ends_it_also_while_the_board_is_gone():
    board = Running(BELABRIDGE, "sim", "--port", "0")
    try:
        where = board.wait_out(r"127\.0\.0\.1:\d+")[0]
        running = Running(BELABRIDGE, "record", "mic", "--board", where)
        try:
            wait_for(lambda: Path("take1/mic.npy").exists())
            board.kill()
            assert running.end(signal.SIGINT) == 0
        finally:
            running.kill()
    finally:
        board.kill()
    assert load("take1").is_complete


def test_what_was_recorded_survives_a_kill(board):
    running = Running(BELABRIDGE, "record", "mic", "--board", board)
    try:
        wait_for(lambda: Path("take1/mic.npy").exists() and len(load("take1")["mic"]) > 5000)
    finally:
        running.kill()
    mic = load("take1")["mic"]
    assert len(mic) > 5000
    assert set(np.diff(mic.frames)) == {1}


def test_what_cannot_be_recorded_leaves_nothing(board, folder):
    code, running = recorded("mik", board=board)
    assert code == 1
    assert "no variable 'mik': did you mean mic" in running.err[-1]
    assert list(folder.iterdir()) == []
    (folder / "full").mkdir()
    (folder / "full" / "x").write_text("precious")
    code, running = recorded("mic", "--to", "full", board=board)
    assert code == 1
    # a warning may come before it: the board may still stream for a client that was killed
    said = "belabridge: full: exists already, and nothing is overwritten: choose another name"
    assert running.err[-1] == said
    assert [path.name for path in folder.rglob("*")] == ["full", "x"]


def test_a_full_disk_ends_it_with_a_clear_line(board):
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000));"
    limited += "from belabridge.cli import main; main()"
    running = Running(sys.executable, "-c", limited, "record", "mic", "--board", board)
    try:
        assert running.code(60) == 1
    finally:
        running.kill()
    assert running.err[-1].startswith("belabridge: take1: cannot be written (File too large)")
    assert len(load("take1")["mic"]) == (50_000 - 128) // 4


def test_a_terminal_shows_a_bar(board):
    command = [BELABRIDGE, "record", "mic", "--for", "60s", "--board", board]
    with in_a_terminal(command, dict(os.environ)) as terminal:
        terminal.shows(rb"take1.*[1-9]\d*/2646000")


@pytest.fixture
def take(folder):
    with Recorder("take1", sample_rate_hz=RATE_HZ) as recorder:
        recorder.block("mic", dense(0, [0.5, 2.0]))
        recorder.block("a\nb", sparse(9, [1, 0], [0, 7]))


@pytest.mark.usefixtures("take")
def test_an_export_says_what_it_wrote_and_what_not():
    result = run("export", "take1", "--to", "csv")
    assert (result.exit_code, result.output) == (0, "take1_csv (2 files)\n")
    result = run("export", "take1", "--to", "wav", "--bits", 16)
    assert result.output == (
        "take1.wav\n"
        r"  a\nb is left out: its values are not in each frame, but 7 frames apart: use csv or npz"
        "\n  mic: 1 values do not fit into -1..1, and were clipped\n"
    )


@pytest.mark.usefixtures("take")
def test_variables_can_be_chosen_and_files_named(folder):
    result = run("export", "take1", "mic", "--to", "npz", "--out", "new/x.npz", "--json")
    assert json.loads(result.output) == {
        "path": "new/x.npz",
        "files": ["new/x.npz"],
        "leftOut": {},
        "notes": [],
    }
    with np.load(folder / "new" / "x.npz") as found:
        assert found.files == ["mic", "mic.frames", "sample_rate_hz"]


@pytest.mark.usefixtures("take")
def test_what_cannot_be_exported_is_one_line():
    for words, said in {
        ("take1", "mik", "--to", "csv"): "take1: it has no variable 'mik': it has mic, ",
        ("take9", "--to", "csv"): "take9: cannot be read (No such file or directory)",
        ("take1", "a\nb", "--to", "wav"): "7 frames apart",
    }.items():
        result = run("export", *words)
        assert result.exit_code == 1
        assert said in result.output
        assert result.output.startswith("belabridge: ")
    run("export", "take1", "--to", "npz")
    assert "take1.npz: exists already" in run("export", "take1", "--to", "npz").output
    assert run("export", "take1", "--to", "mp3").exit_code == 2


def test_a_terminal_shows_a_bar_while_it_exports(folder):
    with Recorder("long", sample_rate_hz=RATE_HZ) as recorder:
        recorder.block("mic", Block("mic", np.zeros(10, "<f4"), 0, RATE_HZ))
    os.truncate("long/mic.npy", 200_000_000)
    with in_a_terminal([BELABRIDGE, "export", "long", "--to", "csv"], dict(os.environ)) as terminal:
        terminal.shows(rb"long.*[1-9]\d*/49999968")


def test_an_export_that_is_interrupted_leaves_nothing(folder):
    with Recorder("long", sample_rate_hz=RATE_HZ) as recorder:
        recorder.block("mic", Block("mic", np.zeros(10, "<f4"), 0, RATE_HZ))
    os.truncate("long/mic.npy", 1_000_000_000)
    running = Running(BELABRIDGE, "export", "long", "--to", "csv")
    try:
        wait_for(lambda: any(path.stat().st_size for path in folder.glob("*.part")))
        assert running.end(signal.SIGINT) == 130
    finally:
        running.kill()
    assert list(folder.iterdir()) == [folder / "long"]
