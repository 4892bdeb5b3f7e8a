"""Frames of dense values, from runs that were found while the blocks came."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.recording.runs import NO_GAP, RUN, Runs, RunSamples
from belabridge.recording.track import Gap


def recorded(blocks):
    """The samples and the number of runs of ``(frame, count, gap, step)``."""
    runs = Runs()
    found = [(0, *run) for block in blocks if (run := runs.seen(*block)) is not None]
    values = np.arange(sum(count for _, count, _, _ in blocks))
    return RunSamples(values, np.array(found, RUN)), len(found)


def all_frames(samples):
    return samples.frames(0, len(samples)).tolist()


steps = st.sampled_from([1.0, 2.0, 16.0, 10.0, 2.5, 0.5, 1 / 3, 1000.0])
counts = st.lists(st.integers(1, 20), min_size=1, max_size=12)


def regular(frame, counts, step):
    """Blocks of a program that assigns every ``step`` frames."""
    blocks, done = [], 0
    for count in counts:
        blocks.append((frame + int(np.floor(done * step + 1e-6)), count, NO_GAP, step))
        done += count
    return blocks


@given(st.integers(0, 1 << 52), counts, steps)
def test_a_regular_variable_is_one_run(frame, counts, step):
    samples, runs = recorded(regular(frame, counts, step))
    assert runs == 1
    assert all_frames(samples) == [frame + int(np.floor(i * step + 1e-6)) for i in range(sum(counts))]


@given(st.integers(0, 1 << 52), counts, st.sampled_from([1.0, 2.0, 16.0, 10.0, 1000.0]))
def test_a_step_that_nobody_tells_is_found(frame, counts, step):
    blocks = [(*block[:3], None) for block in regular(frame, counts, step)]
    samples, runs = recorded(blocks)
    assert runs == min(2, len(counts))
    supposed = step if len(counts) > 1 else 1.0  # one block alone tells nothing
    assert all_frames(samples) == [frame + int(i * supposed) for i in range(sum(counts))]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5000),
            st.integers(1, 9),
            st.sampled_from([NO_GAP, 0, 1, 77]),
            st.sampled_from([None, 1.0, 3.0]),
        ),
        min_size=1,
        max_size=20,
    ),
    st.data(),
)
def test_every_block_begins_at_its_frame_whatever_comes(blocks, data):
    samples, _ = recorded(blocks)
    frames = all_frames(samples)
    first = 0
    for frame, count, _, _ in blocks:
        assert frames[first] == frame
        first += count
    expected = [gap for *_, gap, _ in blocks if gap != NO_GAP]
    assert [gap.frames for gap in samples.gaps()] == expected
    start = data.draw(st.integers(0, len(samples)))
    stop = data.draw(st.integers(start, len(samples)))
    assert samples.frames(start, stop).tolist() == frames[start:stop]
    assert samples.frames(start, stop).dtype == np.uint64


# blocks, and the frames of all their values
WAYS = {
    "a gap ends a run whose step was known": (
        [(0, 2, NO_GAP, None), (4, 2, NO_GAP, None), (108, 2, 100, None), (112, 1, NO_GAP, None)],
        [0, 2, 4, 6, 108, 110, 112],
    ),
    "a gap behind the first block": (
        [(0, 2, NO_GAP, None), (104, 2, 100, None), (108, 1, NO_GAP, None)],
        [0, 2, 104, 106, 108],
    ),
    "a gap that is told late": (
        [(0, 2, NO_GAP, None), (102, 2, NO_GAP, None), (104, 2, 100, None), (106, 2, NO_GAP, None)],
        [0, 51, 102, 153, 104, 105, 106, 107],
    ),
    "a gap of nobody knows how many": (
        [(0, 2, NO_GAP, None), (90, 2, 0, None), (92, 2, NO_GAP, None)],
        [0, 1, 90, 91, 92, 93],
    ),
    "an irregular variable": (
        [(0, 2, NO_GAP, None), (8, 2, NO_GAP, None), (10, 2, NO_GAP, None), (16, 2, NO_GAP, None)],
        [0, 4, 8, 9, 10, 13, 16, 19],
    ),
    "frames that stand still": ([(5, 2, NO_GAP, None), (5, 2, NO_GAP, None)], [5, 5, 5, 5]),
    "a board that begins anew": (
        [(900, 2, NO_GAP, 1.0), (902, 2, NO_GAP, 1.0), (0, 2, 0, 1.0), (2, 2, NO_GAP, 1.0)],
        [900, 901, 902, 903, 0, 1, 2, 3],
    ),
    "the step gets known": (
        [(0, 2, NO_GAP, None), (2, 2, NO_GAP, 1.0), (4, 2, NO_GAP, 1.0)],
        [0, 1, 2, 3, 4, 5],
    ),
    "a program that assigns less often from now on": (
        [(0, 2, NO_GAP, 1.0), (2, 2, NO_GAP, 1.0), (4, 2, NO_GAP, 8.0), (20, 2, NO_GAP, 8.0)],
        [0, 1, 2, 3, 4, 12, 20, 28],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_ways_of_blocks(way):
    blocks, frames = WAYS[way]
    assert all_frames(recorded(blocks)[0]) == frames


def test_runs_behind_the_last_value_are_gaps_at_most():
    runs = np.array([(0, 0, 10, -1, np.nan, 1.0), (0, 2, 50, 38, 1.0, 1.0)], RUN)
    samples = RunSamples(np.arange(2), runs)
    assert samples.frames(0, 2).tolist() == [10, 11]
    assert samples.gaps() == [Gap(2, 38)]


@given(
    st.lists(
        st.tuples(
            st.just(0),
            st.integers(0, 2**64 - 1),
            st.integers(0, 2**64 - 1),
            st.integers(-(2**63), 2**63 - 1),
            st.floats(),
            st.floats(),
        ),
        max_size=6,
    ),
    st.integers(0, 10),
)
def test_damaged_runs_give_some_frames_and_raise_nothing(runs, count):
    samples = RunSamples(np.arange(count), np.array(runs, RUN))
    assert len(samples.frames(0, count)) == count
    assert all(gap.index <= count for gap in samples.gaps())
