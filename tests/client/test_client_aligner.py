"""Rows of several variables, held against a reference that looks at each frame by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.client.aligner import Aligner
from belabridge.client.blocks import Block

F4, I4 = np.dtype("<f4"), np.dtype("<i4")


def block(name, frames, values, dtype=F4, end=None):
    frames = np.array(frames, np.uint64)
    made = Block(name, np.array(values, dtype), int(frames[0]), 44_100.0, 1.0, (frames - frames[0]))
    if end is not None:
        made = Block(
            name, np.array(values, dtype), int(frames[0]), 44_100.0, (end - int(frames[0])) / len(frames)
        )
    return made


def rows_of(aligner):
    return [(p.frames.tolist(), p.rows.tolist(), p.missing_frames) for p in aligner.rows()]


def test_equal_frames_become_columns():
    aligner = Aligner({"a": F4, "b": F4}, 0)
    aligner.add(block("a", range(4), [0, 1, 2, 3], end=4))
    assert rows_of(aligner) == []
    aligner.add(block("b", range(4), [4, 5, 6, 7], end=4))
    assert rows_of(aligner) == [([0, 1, 2, 3], [[0, 4], [1, 5], [2, 6], [3, 7]], 0)]


def test_different_types_become_fields():
    aligner = Aligner({"a": F4, "n": I4}, 0)
    aligner.add(block("a", range(2), [0.5, 1.5], end=2))
    aligner.add(block("n", range(2), [7, 8], I4, end=2))
    (piece,) = aligner.rows()
    assert piece.rows.dtype.names == ("a", "n")
    assert piece.rows["n"].tolist() == [7, 8]
    assert piece.rows["n"].dtype == I4


def test_a_slow_variable_keeps_its_value():
    aligner = Aligner({"a": F4, "slow": F4}, 0)
    aligner.seed("slow", 0, 9.0)
    aligner.add(block("a", range(6), range(6), end=6))
    aligner.add(block("slow", [4], [5.0]))
    aligner.passed(6)
    assert rows_of(aligner) == [([0, 1, 2, 3, 4, 5], [[0, 9], [1, 9], [2, 9], [3, 9], [4, 5], [5, 5]], 0)]


def test_a_gap_of_one_is_a_gap_of_all():
    aligner = Aligner({"a": F4, "b": F4}, 0)
    aligner.add(block("a", range(10), range(10), end=10))
    aligner.add(block("b", range(3), range(3), end=3))
    aligner.gap("b", 3)
    aligner.add(block("b", range(7, 10), range(3), end=10))
    assert rows_of(aligner) == [
        ([0, 1, 2], [[0, 0], [1, 1], [2, 2]], 0),
        ([7, 8, 9], [[7, 0], [8, 1], [9, 2]], 4),
    ]


def test_after_a_program_began_anew_frames_count_from_zero():
    aligner = Aligner({"a": F4}, 1000)
    aligner.add(block("a", [1000, 1001], [1, 2], end=1002))
    assert rows_of(aligner) == [([1000, 1001], [[1], [2]], 0)]
    aligner.begin_anew(5)
    aligner.add(block("a", [5, 6], [3, 4], end=7))
    assert rows_of(aligner) == [([5, 6], [[3], [4]], 0)]


def test_who_waits_for_whom():
    aligner = Aligner({"a": F4, "b": F4}, 0)
    aligner.add(block("a", range(100), range(100), end=100))
    assert (aligner.waiting_frames, aligner.slowest, aligner.unknown) == (100, "b", {"b"})


@pytest.mark.parametrize(
    ("value", "dtype", "held"), [(200.0, "i1", -56), (-56.0, "u1", 200), (2.5, "f4", 2.5)]
)
def test_a_listed_value_is_held_as_its_type(value, dtype, held):
    aligner = Aligner({"a": F4, "c": np.dtype(dtype)}, 0)
    aligner.seed("c", 0, value)
    aligner.add(block("a", [0], [1.0], end=1))
    aligner.passed(1)
    (piece,) = aligner.rows()
    assert np.atleast_1d(piece.rows["c"] if piece.rows.dtype.names else piece.rows[:, 1])[0] == held


@st.composite
def histories(draw):
    """Some variables, each with rising frames of its assignments, in blocks of any size, in any order."""
    variables = {}
    for name in "abc"[: draw(st.integers(1, 3))]:
        frames = sorted(draw(st.sets(st.integers(0, 60), min_size=1)))
        sizes = draw(st.lists(st.integers(1, 8), min_size=1))
        blocks, at = [], 0
        for size in sizes * len(frames):
            if at < len(frames):
                blocks.append(frames[at : at + size])
                at += size
        variables[name] = (frames, blocks)
    turns = [name for name, (_, blocks) in variables.items() for _ in blocks]
    return variables, draw(st.permutations(turns)), draw(st.integers(0, 30))


@given(histories())
def test_every_row_is_what_each_variable_was_at_its_frame(history):
    variables, turns, start = history
    value = {name: 1000.0 * (place + 1) for place, name in enumerate(variables)}
    aligner = Aligner(dict.fromkeys(variables, F4), start)
    waiting = {name: list(blocks) for name, (_, blocks) in variables.items()}
    got = []
    for name in turns:
        frames = waiting[name].pop(0)
        aligner.add(block(name, frames, [value[name] + frame for frame in frames]))
        got += aligner.rows()
    aligner.passed(100)
    got += aligner.rows()

    known = max(start, *(frames[0] for frames, _ in variables.values()))
    expected_frames = sorted({f for frames, _ in variables.values() for f in frames if f >= known})
    expected_rows = [
        [value[name] + max(f for f in frames if f <= at) for name, (frames, _) in variables.items()]
        for at in expected_frames
    ]
    assert [f for piece in got for f in piece.frames.tolist()] == expected_frames
    assert [row for piece in got for row in piece.rows.tolist()] == expected_rows
    assert sum(piece.missing_frames for piece in got) == (known - start if got else 0)
