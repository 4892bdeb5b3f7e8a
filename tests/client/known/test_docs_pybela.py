"""The programs of docs/pybela.md run, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from belabridge import Watcher

TEXT = (Path(__file__).parents[3] / "docs" / "pybela.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
SAID = [r"\d+ \[\d", r"\('pot1', 256\), \('mic', 256\)(.|\n)*'gain': 0.5", "pot1 [1-9]"]


@pytest.mark.parametrize(("program", "said"), list(zip(PROGRAMS, SAID, strict=True)))
def test_a_program_of_the_document_runs(demo_board, disk_of, program, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if "Logger" in program:
        login = disk_of(demo_board).login
        monkeypatch.setattr(Watcher, "_login", property(lambda _watcher: login))
    program = program.replace('"bela.local"', f'"{demo_board.host}", {demo_board.port}')
    exec(compile(program, "pybela.md", "exec"), {})  # noqa: S102 - our own document's
    assert re.search(said, capsys.readouterr().out)
