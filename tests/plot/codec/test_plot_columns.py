"""Columns show what all samples would show: no peak is lost, and no more points than pixels go out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.plot.codec.columns import BREAKS, FALLS, columns
from belabridge.plot.codec.lane import Lane

samples = st.lists(
    st.tuples(
        st.integers(0, 50),
        st.one_of(st.floats(-(2.0**99), 2.0**99, width=32), st.sampled_from([math.nan, math.inf, -math.inf])),
    ),
    max_size=200,
)


def arrays(steps_and_values):
    frames = np.cumsum([step for step, _ in steps_and_values], dtype=np.int64)
    return frames, np.array([value for _, value in steps_and_values], np.float32)


@given(samples, st.integers(1, 300))
def test_each_column_has_its_lowest_and_highest_value(given_samples, step):
    frames, values = arrays(given_samples)
    got = columns(frames, values, step)
    assert got.at.tolist() == sorted(set((frames // step).tolist()))
    for at, low, high, flags in zip(*(part.tolist() for part in got), strict=True):
        here = values[frames // step == at]
        finite = here[np.isfinite(here)]
        if len(finite):
            assert (low, high) == (finite.min(), finite.max())
        else:
            assert math.isnan(low)
            assert math.isnan(high)
        assert bool(flags & BREAKS) == (len(finite) < len(here))
        if len(finite) == len(here):
            assert bool(flags & FALLS) == (here[0] > here[-1])


@given(samples.filter(bool), st.integers(1, 50), st.data())
def test_columns_are_the_same_in_pieces(given_samples, step, data):
    frames, values = arrays(given_samples)
    lane = Lane(int(frames[-1]) + 1)
    for cut in np.array_split(np.arange(len(frames)), data.draw(st.integers(1, 20))):
        lane.add(frames[cut], values[cut])
    whole = columns(frames, values, step)
    middle = data.draw(st.integers(0, int(frames[-1]) // step + 1))
    parts = [lane.columns(0, middle, step), lane.columns(middle, 10_000, step)]
    for ours, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(ours, np.concatenate(pieces))


def test_one_sample_of_five_seconds_of_audio_is_seen():
    values = np.zeros(220_500, np.float32)
    values[123_456] = 1.0
    got = columns(np.arange(220_500), values, 221)
    assert got.high.tolist().count(1.0) == 1
    assert got.at[got.high.argmax()] == 123_456 // 221
    assert len(got.at) <= 1000


def test_a_lane_keeps_what_it_should_and_no_more():
    lane = Lane(keep_frames=44_100)
    for first in range(0, 44_100 * 60, 1024):
        lane.add(np.arange(first, first + 1024), np.full(1024, first, np.float32))
        assert lane.newest_frame == first + 1023
    frames = lane.frames
    assert frames[-1] - frames[0] >= 44_100
    assert np.all(np.diff(frames) == 1)
    assert lane.capacity <= 4 * 65_536


def test_a_block_longer_than_all_that_is_kept():
    lane = Lane(10)
    lane.add(np.arange(100_000), np.arange(100_000.0))
    assert lane.frames.tolist() == list(range(99_989, 100_000))


def test_frames_that_begin_anew_make_another_epoch():
    lane = Lane(1000)
    lane.add([500, 501], [1.0, 2.0])
    lane.add([3, 4], [5.0, 6.0])
    assert (lane.epoch, lane.frames.tolist()) == (1, [3, 4])


def test_a_gap_breaks_the_line_before_and_behind():
    lane = Lane(1000)
    lane.add(np.arange(20), np.ones(20, np.float32))
    lane.gap(20, 30)
    lane.add(np.arange(50, 60), np.ones(10, np.float32))
    got = lane.columns(0, 10, 10)
    assert got.at.tolist() == [0, 1, 2, 4, 5]
    assert [bool(flag & BREAKS) for flag in got.flags] == [False, False, True, True, False]
    assert np.isnan(got.low[2])


def test_values_of_wide_types_are_kept_exactly():
    lane = Lane(1000)
    lane.add([1], np.array([0.5], np.float32))
    lane.add([2], np.array([1 << 31], np.uint32))
    lane.add([3], np.array([0.1], np.float64))
    assert lane.values.tolist() == [0.5, float(1 << 31), 0.1]


def test_a_copy_stays_as_it_was():
    lane = Lane(10)
    lane.add([1, 2], [1.0, 2.0])
    copy = lane.copy()
    lane.add([3], [3.0])
    assert copy.frames.tolist() == [1, 2]
    assert lane.frames.tolist() == [1, 2, 3]


@pytest.mark.parametrize("kind", [np.int8, np.uint32, np.int32, np.float64])
def test_columns_of_every_type(kind):
    got = columns(np.arange(4), np.array([1, 7, 3, 2], kind), 4)
    assert (got.low.tolist(), got.high.tolist(), got.flags.tolist()) == ([1.0], [7.0], [0])


def test_reckoned_frames_that_lap_over_are_no_new_beginning():
    lane = Lane(1000)
    lane.add([10, 20, 30], [1.0, 2.0, 3.0])
    lane.add([28, 38], [4.0, 5.0])
    assert (lane.epoch, lane.frames.tolist()) == (0, [10, 20, 30, 30, 38])
