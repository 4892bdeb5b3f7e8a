"""The API in the hands of a type checker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def checked(*names):
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        *(HERE / name for name in names),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


def test_right_uses_have_the_types_that_they_seem_to_have():
    done = checked("usage_async.py", "usage_blocking.py", "known/usage_known.py")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_wrong_uses_are_seen():
    done = checked("usage_wrong.py")
    lines = (HERE / "usage_wrong.py").read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    seen = {
        int(line.split(":")[1])
        for line in done.stdout.splitlines()
        if "usage_wrong.py" in line and ": error:" in line
    }
    assert seen == marked
