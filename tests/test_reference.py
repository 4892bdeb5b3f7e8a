"""The reference of the Python API builds without a warning, and has every public name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import belabridge

ROOT = Path(__file__).parent.parent
WITHIN_S = 200.0  # for what takes 6


def test_the_reference_builds_without_warnings_and_has_every_public_name(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "docs" / "reference.py", tmp_path],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "belabridge.html").read_text(encoding="utf-8")
    names = set(re.findall(r'id="(\w+)"', page))
    assert len(belabridge.__all__) >= 17
    assert names >= set(belabridge.__all__)
    assert {path.stem for path in tmp_path.rglob("*.html")} >= {
        "bela",
        "blocking",
        "stream",
        "errors",
        "login",
    }


def test_every_public_name_says_what_it_is():
    assert [name for name in belabridge.__all__ if not getattr(belabridge, name).__doc__] == []
