"""Gaps in dense streams of fast, slow and irregular variables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.values import Block, VarType
from belabridge.wire.continuity import Continuity

VALUES = np.zeros(1024, dtype="<f4")


def block(frame, *, id_=0, count=1024, sparse=False, monitored=False):
    relative = np.zeros(count, dtype="<u4") if sparse else None
    return Block(id_, VarType.FLOAT, frame, VALUES[:count], relative, monitored)


def gaps(frames):
    continuity = Continuity()
    return [continuity.seen(block(frame)) for frame in frames], continuity.step_frames(0)


S = 16 * 1024
TABLE = {  # frames of the blocks; gaps before each; the step learned
    "every frame": ([0, 1024, 2048], [0, 0, 0], 1),
    "one lost": ([0, 1024, 3072, 4096], [0, 0, 1024, 0], 1),
    "any gap": ([0, 1024, 2053], [0, 0, 5], 1),
    "lost before the step was known": ([0, 2048, 3072], [0, 0, 1024], 1),
    "slow": ([7, 7 + S, 7 + 2 * S, 7 + 3 * S], [0, 0, 0, 0], 16),
    "slow, one lost": ([0, S, 2 * S, 4 * S, 5 * S], [0, 0, 0, S, 0], 16),
    "slow, lost at first": ([0, 2 * S, 3 * S, 4 * S], [0, 0, 0, S], 16),
    "two lost in a row make a false step, until": (
        [0, 2048, 4096, 5120, 7168],
        [0, 0, 0, 0, 1024],
        1,
    ),
    "a smaller step shows an earlier gap": ([0, 2048, 4096, 5632, 6656], [0, 0, 0, 0, 512], 1),
    "flushed in mid-stream": ([0, 1024, 1169, 2193, 3217], [0, 0, 0, 0, 0], 1),
    "slow, flushed in mid-stream": ([0, S, 2 * S, 2 * S + 9000, 3 * S + 9000], [0, 0, 0, 0, 0], 16),
    "flushed at first": ([0, 145, 1169], [0, 0, 0], 1),
    "the clock stands": ([2, 2, 2, 3], [0, 0, 0, 0], None),
    "irregular": ([0, 3000, 7000, 9500, 40000], [0, 0, 0, 0, 0], None),
}


@pytest.mark.parametrize("name", TABLE)
def test_gaps(name):
    frames, expected, step = TABLE[name]
    assert gaps(frames) == (expected, step)


def test_a_cut_block_is_as_long_as_it_is():
    continuity = Continuity()
    for whole in (block(0), block(1024), block(2048, count=145)):
        assert continuity.seen(whole) == 0
    assert continuity.seen(block(2048 + 145)) == 0


def valued(frame, true, count=1024, id_=0):
    """A block with so many values that are none."""
    values = np.ones(count, dtype="<f4")
    values[true:] = 0
    return Block(id_, VarType.FLOAT, frame, values, None, monitored=False)


PADDED = {  # frame and true values of each block; values that were padding, after each
    "flushed in mid-stream": ([(0, 1024), (1024, 1024), (2048, 145), (2193, 1024)], [0, 0, 0, 879]),
    "flushed at first": ([(0, 145), (145, 1024), (1169, 1024)], [0, 0, 879]),
    "slow": (
        [(0, 1024), (S, 1024), (2 * S, 1024), (3 * S, 24), (3 * S + 24 * 16, 9)],
        [0, 0, 0, 0, 1000],
    ),
    "slow, flushed at first": ([(0, 24), (384, 1024), (384 + S, 1024), (384 + 2 * S, 9)], [0, 0, 0, 1000]),
    "zeros of its own": ([(0, 1024), (1024, 145), (2048, 145), (3072, 0), (4096, 0)], [0, 0, 0, 0, 0]),
    "silent and flushed": ([(0, 1024), (1024, 0), (1524, 0), (2548, 0)], [0, 0, 524, 524]),
    "one lost behind it": ([(0, 1024), (1024, 145), (3000, 1024)], [0, 0, 0]),
    "shorter than its distance, without zeros": ([(0, 1024), (1024, 1024), (1300, 1024)], [0, 0, 0]),
    "the clock stands": ([(2, 100), (2, 100), (2, 100), (3, 100)], [0, 0, 0, 0]),
}


@pytest.mark.parametrize("name", PADDED)
def test_padding_that_went_its_way_is_counted(name):
    blocks, expected = PADDED[name]
    continuity = Continuity()
    counted = []
    for frame, true in blocks:
        continuity.seen(valued(frame, true))
        counted.append(continuity.padded)
    assert counted == expected


def test_the_last_block_of_a_stream_that_another_ended_may_be_padded():
    continuity = Continuity()
    continuity.ended(0)
    continuity.seen(valued(0, 1024))
    continuity.ended(0)
    assert continuity.padded == 0
    continuity.seen(valued(1024, 1000))
    continuity.ended(0)
    assert continuity.padded == 24
    assert continuity.seen(valued(3000, 1024)) == 3000 - 2048, (
        "the padding is counted, and not missing as well"
    )


def test_a_new_run_follows_nothing_but_keeps_the_step():
    continuity = Continuity()
    for frame in (0, 1024):
        continuity.seen(block(frame))
    continuity.restart(0)
    continuity.restart(99)
    assert continuity.seen(block(50_000)) == 0
    assert continuity.step_frames(0) == 1
    assert continuity.seen(block(50_000 + 2048)) == 1024


def test_variables_are_apart_and_other_blocks_do_not_count():
    continuity = Continuity()
    for frame in (0, 1024, 2048):
        assert continuity.seen(block(frame)) == 0
        assert continuity.seen(block(frame * 16, id_=1)) == 0
        assert continuity.seen(block(frame + 99_999, sparse=True)) == 0
        assert continuity.seen(block(frame + 99_999, monitored=True)) == 0
    assert (continuity.step_frames(0), continuity.step_frames(1), continuity.step_frames(2)) == (1, 16, None)


@given(st.integers(0, 2**40), st.integers(1, 64), st.lists(st.booleans(), min_size=1, max_size=60))
def test_once_the_step_is_known_every_lost_block_is_counted(start, step, lost):
    continuity = Continuity()
    for n in range(3):
        assert continuity.seen(block(start + n * step * 1024)) == 0
    missing = 0
    for n, gone in enumerate([*lost, False], start=3):
        if not gone:
            missing += continuity.seen(block(start + n * step * 1024))
    assert missing == sum(lost) * step * 1024


@given(st.lists(st.integers(0, 2**53), max_size=40))
def test_any_frames_give_a_gap_that_is_not_negative(frames):
    assert all(gap >= 0 for gap in gaps(frames)[0])
