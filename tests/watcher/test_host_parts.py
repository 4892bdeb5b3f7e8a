"""What a Bela program may use beside the Gui works on the laptop: pipes, files of text, tasks."""

from __future__ import annotations

import re

import numpy as np
import pytest

from host_program import NATIVE, PROGRAMS, built
from processes import Running


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The program's folder and its lines, after a second of frames."""
    folder = tmp_path_factory.mktemp("parts")
    program = Running(
        *built(PROGRAMS / "bela-parts", NATIVE), "--port", 0, "--folder", folder, "--frames", 44_100
    )
    try:
        assert program.code() == 0, str(program)
    finally:
        program.kill()
    return folder, "\n".join(program.out)


def counts(told):
    return {name: int(n) for name, n in re.findall(r"(\w+) (\d+)", told[1].splitlines()[-1])}


def test_a_task_runs_each_time_it_is_scheduled(told):
    assert "task 4 of 4," in told[1]


def test_a_pipe_carries_whole_values_in_order_in_both_directions(told):
    assert {name: counts(told)[name] for name in ("read", "wrong", "back")} == {
        "read": 100,
        "wrong": 0,
        "back": 100,
    }


def test_a_full_pipe_takes_no_more(told):
    # 64 bytes have room for a few pairs, and nobody reads them
    assert 10 < counts(told)["refused"] < 20


def test_a_file_of_text_has_its_format_header_and_footer(told):
    lines = (told[0] / "pairs.txt").read_text().splitlines()
    assert lines == ["frame -> square", *(f"{n:.1f} -> {n * n}" for n in range(100)), "end"]


def test_without_a_format_each_value_is_a_line(told):
    assert (told[0] / "plain.txt").read_text().splitlines() == [f"{n:.6f}" for n in range(100)]


def test_a_file_that_exists_is_left_and_another_one_written(told):
    assert "names plain.txt plain+0.txt" in told[1]
    assert np.array_equal(np.fromfile(told[0] / "plain+0.txt", "<f4"), np.arange(100))
