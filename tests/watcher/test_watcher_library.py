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
BUILT = ("unit", "trap", "tsan", "asan", "arm", "fuzz")  # those that are mostly compiling one large file


def missing(target):
    return [program for program in PROGRAMS[target] if shutil.which(program) is None]


def make(*words):
    return subprocess.run(["make", "-s", "-C", WATCHER, *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(request):
    """All processors compile what the chosen tests need; what does not compile says so in its own test."""
    chosen = {item.callspec.params["target"] for item in request.session.items if item.path == request.path}
    targets = [f"built/{target}" for target in BUILT if target in chosen and not missing(target)]
    if len(targets) > 1:
        make("-k", f"-j{os.cpu_count()}", *targets)


@pytest.mark.parametrize("target", PROGRAMS)
@pytest.mark.usefixtures("built")
def test_the_library_passes(target):
    if missing(target) and not os.environ.get("BELABRIDGE_STRICT"):
        pytest.skip(f"not installed: {', '.join(missing(target))}")
    made = make(f"-j{os.cpu_count()}", target, f"SECONDS={FUZZ_S}")
    assert made.returncode == 0, (made.stdout + made.stderr)[-4000:]
