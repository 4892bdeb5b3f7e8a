"""Bela programs, compiled for this machine or for a 32-bit ARM one, to run on the laptop's host."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOST = ROOT / "watcher" / "host"
PROGRAMS = Path(__file__).parent / "watcher" / "programs"


@dataclass(frozen=True)
class Machine:
    """For whom a program is compiled.

    Attributes:
        compiler: of C++.
        runner: what stands before the program on the command line.
    """

    compiler: str
    runner: tuple[str, ...] = ()


NATIVE = Machine("g++")
ARM32 = Machine("arm-linux-gnueabihf-g++", ("qemu-arm", "-L", "/usr/arm-linux-gnueabihf"))


def built(project: Path, machine: Machine = NATIVE, **variables: str) -> list[str]:
    """The command that runs a project's program, which is compiled when that is needed."""
    make = ["make", "-C", HOST, f"PROJECT={project}", f"CXX={machine.compiler}"]
    make += [f"{name}={value}" for name, value in variables.items()]
    (HOST / "build").mkdir(exist_ok=True)
    with (HOST / "build" / "lock").open("w") as lock:  # tests may run side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [*make, "-j2", "program"], env=_environ(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        shown = subprocess.run(
            [*make, "--silent", "where"], env=_environ(), capture_output=True, text=True, check=True
        )
    return [*machine.runner, shown.stdout.strip()]


def _environ() -> dict[str, str]:
    """Without what a `make` around the tests would hand down."""
    return {name: value for name, value in os.environ.items() if not re.fullmatch(r"MAKE\w*|MFLAGS", name)}
