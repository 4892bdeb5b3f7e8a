"""What a window lets through, held against the frames one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.client.blocks import Block, Gap
from belabridge.client.window import Window

RATE_HZ = 44_100.0


def dense(first, count, step=1.0):
    frames = first + np.arange(count) * step
    return Block("v", frames.astype(np.float32), first, RATE_HZ, step)


def sparse(*frames):
    frames = np.array(frames, np.uint64)
    return Block("v", frames.astype(np.float32), int(frames[0]), RATE_HZ, 1.0, frames - frames[0])


def taken(window, *blocks):
    """What comes out, as frames of values, and as (frame, missing) of gaps."""
    out = [part for block in blocks for part in window.take(block)]
    for part in out:
        assert part.values.tolist() == part.frames.tolist()
    return [(p.first_frame, p.missing_frames) if isinstance(p, Gap) else p.frames.tolist() for p in out]


@pytest.mark.parametrize(
    ("start", "end", "blocks", "out"),
    [
        (0, None, [dense(0, 3), dense(3, 2)], [[0, 1, 2], [3, 4]]),
        (2, 4, [dense(0, 3), dense(3, 3)], [[2], [3]]),
        (1, None, [dense(0, 3, 2.0)], [[2, 4]]),
        (0, None, [dense(0, 2), dense(5, 1)], [[0, 1], (2, 3), [5]]),
        (0, None, [dense(0, 2, 2.0), dense(4, 1, 2.0)], [[0, 2], [4]]),
        (0, 6, [dense(0, 2), dense(9, 1)], [[0, 1], (2, 4)]),
        (3, None, [dense(5, 1)], [(3, 2), [5]]),
        (0, None, [sparse(4, 9), sparse(90)], [[4, 9], [90]]),
        (5, 90, [sparse(4, 9, 89, 90)], [[9, 89]]),
        (10, None, [sparse(4, 9)], []),
    ],
)
def test_a_window(start, end, blocks, out):
    assert taken(Window("v", start, end, promised=True), *blocks) == out


def test_one_that_is_not_promised_begins_when_it_begins():
    window = Window("v", 3, 13, promised=False)
    assert taken(window, dense(5, 20)) == [list(range(5, 15))]
    assert window.is_complete


def test_a_loss_of_the_connection_is_a_gap_of_both_kinds():
    regular = Window("v", 0, None, promised=True)
    rare = Window("v", 0, None, promised=True)
    assert taken(regular, dense(0, 2)) == [[0, 1]]
    assert taken(rare, sparse(1)) == [[1]]
    for window in (regular, rare):
        window.back(50)
    assert taken(regular, dense(60, 1)) == [(2, 58), [60]]
    assert taken(rare, sparse(70)) == [(2, 48), [70]]
    assert taken(rare, sparse(90)) == [[90]]


def test_a_program_that_began_anew_has_what_was_left_of_the_window():
    window = Window("v", 100, 200, promised=True)
    taken(window, dense(100, 60))
    window.began_anew(5)
    assert taken(window, dense(7, 100)) == [(7, 0), list(range(7, 45))]
    assert window.is_complete


def test_a_window_that_lies_ahead_stays_where_it_is():
    window = Window("v", 1000, 1002, promised=True)
    window.began_anew(5)
    assert taken(window, dense(10, 5)) == []
    assert taken(window, dense(1000, 5)) == [[1000, 1001]]


@given(
    sizes=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=12),
    start=st.integers(0, 60),
    length=st.integers(0, 60),
    step=st.integers(1, 4),
)
def test_every_frame_of_a_window_is_there_or_in_a_gap(sizes, start, length, step):
    window = Window("v", start, start + length, promised=True)
    at, given_frames, got, missing = 0, set(), [], set()
    for count, hole in sizes:
        for part in window.take(dense(at, count, float(step))):
            if part.is_gap:
                missing |= set(range(part.first_frame, part.end_frame))
            else:
                got += part.frames.tolist()
        given_frames |= set(range(at, at + count * step, step))
        at += (count + hole) * step
    assert got == sorted(f for f in given_frames if start <= f < start + length)
    assert not missing & set(got)
    wanted = range(max(start, 0), min(start + length, at - sizes[-1][1] * step))
    unaccounted = set(wanted) - missing - {f + k for f in given_frames for k in range(step)}
    # a hole before the first value may be shorter than a step: the start lies anywhere
    assert len(unaccounted) < step
