"""The bench runs as its page says: a short try prints its table; no time is asserted."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from log_board import CAN_BE_A_BOARD

ROOT = Path(__file__).parent.parent


def bench(*arguments):
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("recording", "streaming 12 floats and saving"),
        ("memory", "memory after 0.5 simulated minutes"),
        ("latency", "latency from the board's"),
    ],
)
def test_a_short_try_prints_its_table(name, first):
    done = bench(name, "--quick")
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["figure", "ours", "floor", "ratio", "target"]
    assert rows[0].startswith(first)
    assert rows[0].endswith("met") or rows[0].endswith("NOT MET")


@pytest.mark.skipif(shutil.which("jackd") is None, reason="jackd is not installed")
def test_midi_goes_the_whole_way_in_a_short_try():
    done = bench("midi_path", "--quick")
    assert done.returncode == 0, done.stderr
    _, out, in_, _ = done.stdout.splitlines()
    assert re.search(r"board to MIDI port.* [+-]\d+\.\d\d ms", out)
    assert re.search(r"MIDI port to board.* [+-]\d+\.\d\d ms", in_)


def test_a_name_that_there_is_not_is_said_with_those_that_there_are():
    done = bench("speed")
    assert done.returncode == 2
    assert "no measurement speed: there are whole_path, latency" in done.stderr


@pytest.mark.skipif(not CAN_BE_A_BOARD, reason="needs sshd, and root to let it see a shadow file of its own")
def test_logs_are_fetched_in_a_short_try():
    done = bench("log_fetch", "--quick")
    assert done.returncode == 0, done.stderr
    _, ours, *_, followed = done.stdout.splitlines()
    assert re.search(r"log fetch, 8 MB, verified.* \d+ MB/s .* at least 0\.9 x", ours)
    assert re.search(r"a followed log.* \d\.\d\d s .* at most 2 s", followed)
