"""The page about Python tells the truth: each of its programs runs, with a simulated board of either kind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from belabridge.sim.programs.default import default_program

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
WITHIN_S = 60.0


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_the_page_runs(board_apart, program):
    with board_apart(default_program()) as sim:
        code = program.replace("bela.local", f"{sim.host}:{sim.port}")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
