"""What docs/logs.md says of fetching is so: its program fetches from a board."""

from __future__ import annotations

import os
import re
from pathlib import Path

from belabridge.board.logs.host_keys import usual_file
from log_board import PROJECT, log_bytes

TEXT = (Path(__file__).parents[3] / "docs" / "logs.md").read_text(encoding="utf-8")


async def test_its_program_brings_all_logs_and_clears_the_board(standin, tmp_path, monkeypatch, capsys):
    (program,) = [code for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "LogShell" in code]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("mic", "pot1"):
        (standin.logs / f"{name}.bin").write_bytes(log_bytes(3, name=name))
    names = {"__name__": "a page"}
    exec(compile(program, "logs.md", "exec"), names)  # noqa: S102 - our own document's
    await names["fetch_all"](standin.login, PROJECT)
    assert (tmp_path / "takes" / "pot1.bin").read_bytes() == log_bytes(3, name="pot1")
    assert f"takes{os.sep}mic.bin checksum" in capsys.readouterr().out
    assert list(standin.logs.iterdir()) == []
    assert usual_file().is_relative_to(tmp_path)
    assert usual_file().exists()
