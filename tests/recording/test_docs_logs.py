"""What docs/logs.md shows is so: its programs run, and its picture is what `log info` prints."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from belabridge.cli import group
from log_bytes import original

TEXT = (Path(__file__).parents[2] / "docs" / "logs.md").read_text(encoding="utf-8")
PROGRAMS = [
    program
    for program in re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    if "LogShell" not in program  # that one needs a board: tests/board/logs has one
]
COMMANDS = re.findall(r"^belabridge (log (?:info|export)[^#\n]*)", TEXT, re.MULTILINE)
PICTURE = re.search(r"^ {4}mic\.bin:.*?\n\n", TEXT, re.MULTILINE | re.DOTALL)[0]


@pytest.fixture(autouse=True)
def logs(tmp_path, monkeypatch):
    """The files of the document: ten seconds of ``mic`` with a gap, and cut off; ``pot1`` without."""
    monkeypatch.chdir(tmp_path)
    frames = 30531 + np.arange(440_224)
    frames[4096:] += 777
    mic = original("mic", "f", frames, frames, pointer_bytes=4)
    Path("mic.bin").write_bytes(mic.data[: mic.begins[-1] + 8 + 4 * (len(frames) % 1024)])
    Path("pot1.bin").write_bytes(original("pot1", "f", frames[:4096], frames[:4096]).data)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_document_runs(program, capsys):
    exec(compile(program, "logs.md", "exec"), {})  # noqa: S102 - our own document's
    assert "440224" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_document_does_its_work(command):
    result = CliRunner().invoke(group, command.split(), prog_name="belabridge")
    has_a_gap = 1  # what `log info` says of it
    assert result.exit_code == (has_a_gap if " info " in f" {command}" else 0), result.output


def test_the_picture_is_what_is_printed():
    printed = CliRunner().invoke(group, ["log", "info", "mic.bin"]).output
    assert [*map(str.strip, PICTURE.splitlines())][:-1] == [*map(str.strip, printed.splitlines())]
