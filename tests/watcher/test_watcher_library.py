"""The C++ library's own tests, built and run by watcher/Makefile: each way it must work in is one target."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WATCHER = Path(__file__).parents[2] / "watcher"
FUZZ_S = 60 if os.environ.get("BELABRIDGE_STRICT") else 5  # the bench's is longer
PROGRAMS = {
    "unit": ("g++",),
    "warnings": ("g++", "clang++", "arm-linux-gnueabihf-g++"),
    "alone": ("g++",),
    "refused": ("g++",),
    "trap": ("g++",),
    "tsan": ("g++",),
    "asan": ("g++",),
    "arm": ("arm-linux-gnueabihf-g++", "qemu-arm"),
    "fuzz": ("clang++",),
}


@pytest.mark.parametrize("target", PROGRAMS)
def test_the_library_passes(target):
    missing = [program for program in PROGRAMS[target] if shutil.which(program) is None]
    if missing and not os.environ.get("BELABRIDGE_STRICT"):
        pytest.skip(f"not installed: {', '.join(missing)}")
    made = subprocess.run(
        ["make", "-s", "-C", WATCHER, target, f"SECONDS={FUZZ_S}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, (made.stdout + made.stderr)[-4000:]
