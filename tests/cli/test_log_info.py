"""``belabridge log info``: what is in a log file, and what became of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from belabridge.cli import group
from captures import FOLDER
from log_bytes import counting, exact, original

RECORDED = FOLDER / "log.myvar.bin"


def info(*words):
    return CliRunner().invoke(group, ["log", "info", *map(str, words)], prog_name="belabridge")


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def save(content, name="x.bin"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.data)
        return name

    return save


def test_a_recorded_log():
    result = info(RECORDED)
    assert result.exit_code == 0
    assert result.output == (
        f"{RECORDED}: myvar, double, dense\n"
        "  file     37 kB, 64-bit board\n"
        "  values   4 608, frames 30531 to 35138: 0.1 s at 44100 Hz\n"
        "  end      the last 197 values are 0, or padding: --for or --end tells\n"
    )


@pytest.mark.parametrize("words", [("--for", "100ms"), ("--for", "4410f"), ("--end", 34941)])
def test_the_end_of_a_log_when_the_user_knows_it(words):
    result = info(*words, RECORDED, "--json")
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert (told["values"], told["lastFrame"], told["zerosAtEnd"]) == (4411, 34941, 0)


def test_programs_get_everything():
    assert json.loads(info("--json", "--rate", 48000, FOLDER / "log.arm32.myvar4.bin").output) == {
        "file": str(FOLDER / "log.arm32.myvar4.bin"),
        "bytes": 24652,
        "name": "myvar4",
        "type": "d",
        "mode": "sparse",
        "modeIsSure": True,
        "protocol": 1,
        "pointerBytes": 4,
        "sampleRate": 48000.0,
        "values": 1839,
        "firstFrame": 28056,
        "lastFrame": 50112,
        "stepFrames": None,
        "zerosAtEnd": 0,
        "gaps": [],
        "damage": [],
    }


def test_gaps_and_damage_are_named_and_are_a_failure(saved):
    frames = np.arange(9216) * 2
    for place in range(1024, 8192, 1024):
        frames[place:] += 200
    lost = dict.fromkeys(range(1024, 8192, 1024), 100)
    content = exact("lfo", "i", counting("i", 9216), frames, lost=lost, rate=48_000.0)
    result = info(saved(content.data[:-7]))
    assert result.exit_code == 1
    head, *lines = result.output.splitlines()
    assert head == "x.bin: lfo, int, dense"
    assert lines[0] == "  file     37 kB, protocol 2"
    assert lines[1].startswith("  values   9 214, frames 0 to 19826: 0.4 s at 48000 Hz")
    assert lines[2:5] == [
        "  step     one value in 2 frames",
        "  gap      100 values in 200 frames are missing before value 1024",
        "  gap      100 values in 200 frames are missing before value 2048",
    ]
    assert lines[7:] == [
        "  gap      100 values in 200 frames are missing before value 5120",
        "  gap      and 2 more",
        "  damage   the file ends within a block: 1 block from byte 32944 on, 1 byte unread",
    ]


def test_a_mode_that_is_a_guess_says_so(saved):
    name = saved(original("gate", "i", np.zeros(2048), np.arange(2048)))
    assert "gate, int, dense, as it seems (--mode says it)\n" in info(name).output
    assert "gate, int, dense\n" in info(name, "--mode", "dense").output
    assert "gate, int, sparse\n" in info(name, "--mode", "sparse").output


def test_a_log_without_values(saved):
    assert "  values   0\n" in info(saved(exact("a", "d", [], []))).output


def test_names_in_a_file_cannot_steer_a_terminal(saved):
    content = exact("\x1b[2J", "d", [1.0], [5])
    assert info(saved(content)).output.startswith("x.bin: \\x1b[2J, double, dense\n")


def test_what_is_no_log_is_said_with_its_name(saved):
    result = info(saved(b"hello"))
    assert result.exit_code == 1
    assert result.output == (
        "belabridge: x.bin: this is no log file that can be read: "
        "it begins neither with 'watcher' nor with 'WATCHER2'\n"
    )
    assert info("none.bin").output == "belabridge: none.bin: cannot be read (No such file or directory)\n"


def test_several_files():
    result = info("--json", *sorted(FOLDER.glob("log.myvar*.bin")))
    assert [json.loads(line)["name"] for line in result.output.splitlines()] == ["myvar", "myvar2", "myvar4"]
