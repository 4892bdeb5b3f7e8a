"""How far something is: a bar in a terminal, quiet lines in a pipe."""

from __future__ import annotations

import os
import sys

import pytest

from belabridge.cli.progress import Lines, amount_text, progress
from terminal import in_a_terminal


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (36_964, "37 kB"),
        (5_300_000, "5.3 MB"),
        (4 << 40, "4.4e+03 GB"),
    ],
)
def test_bytes_as_a_person_reads_them(count, text):
    assert amount_text(count) == text


def test_what_is_soon_over_says_nothing(capsys):
    with progress("mic.bin", 100) as told:
        for done in range(100):
            told(done)
    assert capsys.readouterr() == ("", "")


def test_lines_come_every_two_seconds_at_most(capsys):
    now_s = 0.0
    told = Lines("mic.bin", 200, "values", clock=lambda: now_s).told
    for tenth in range(50):
        now_s = tenth / 10
        told(4 * tenth)
    assert capsys.readouterr().err == "mic.bin: 80 values (40 %)\nmic.bin: 160 values (80 %)\n"


def test_a_line_without_a_total(capsys):
    now_s = 0.0
    told = Lines("mic.bin", 0, clock=lambda: now_s).told
    now_s = 3.0
    told(1234)
    assert capsys.readouterr().err == "mic.bin: 1.23 kB\n"


@pytest.mark.parametrize(("unit", "shown"), [("bytes", r"1\.0/5\.0 kB"), ("values", r"1000/5000")])
def test_a_terminal_has_a_bar(unit, shown):
    code = (
        "from belabridge.cli.progress import progress\n"
        f"with progress('[b]mic\\x1b[2J.bin', 5000, {unit!r}) as told:\n"
        "    told(1000)\n"
        "    input()\n"
    )
    with in_a_terminal([sys.executable, "-c", code], os.environ) as terminal:
        terminal.shows(rb"\[b\]mic\\x1b\[2J\.bin.*" + shown.encode())
        terminal.type(b"\r")
