"""Names and headers of log files; their contents are held to recordings in test_sim_replay."""

from __future__ import annotations

import pytest

from belabridge.sim import logfile
from belabridge.sim.machine import ARM32, X86_64
from belabridge.values import VarType


def test_names_that_are_taken():
    taken: list[str] = []
    for _ in range(3):
        taken.append(logfile.free_name("x", taken))
    assert taken == ["x.bin", "x+0.bin", "x+1.bin"]


@pytest.mark.parametrize(("machine", "size"), [(X86_64, 28), (ARM32, 24)])
def test_the_header_ends_on_a_multiple_of_four(machine, size):
    head = logfile.header("myvar", VarType.DOUBLE, machine)
    assert head.startswith(b"watcher\0myvar\0d\0")
    assert len(head) == size
    for name in ("a", "ab", "abc"):
        assert len(logfile.header(name, VarType.INT, machine)) % 4 == 0
