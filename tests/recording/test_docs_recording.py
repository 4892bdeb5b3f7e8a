"""What docs/recording.md shows is so: its programs and commands run one after the other."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from belabridge.cli import group
from belabridge.recording.load import load
from processes import BELABRIDGE, Running

TEXT = (Path(__file__).parents[2] / "docs" / "recording.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^belabridge ([^#\n]*)", TEXT, re.MULTILINE)


def test_programs_and_commands_of_the_document_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    board = Running(BELABRIDGE, "sim", "--port", "0")
    try:
        where = board.wait_out(r"127\.0\.0\.1:\d+")[0]
        for program in PROGRAMS:
            exec(compile(program.replace("bela.local", where), "recording.md", "exec"), {})  # noqa: S102 - ours
    finally:
        board.kill()
    take = load("take1")
    assert take.is_complete
    assert [len(track) for track in take.values()] == [88_200, 88_200]
    assert Path("take1.wav").exists()
    for command in COMMANDS:
        if command.startswith("export"):
            result = CliRunner().invoke(group, command.split(), prog_name="belabridge")
            assert result.exit_code == 0, (command, result.output)
    for name in re.findall(r'np\.load\("take1/(\w+\.npy)"', TEXT):
        assert len(np.load(Path("take1") / name, mmap_mode="r")) == 88_200
    assert "take1.wav" in capsys.readouterr().out
