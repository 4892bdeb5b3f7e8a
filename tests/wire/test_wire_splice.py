"""Blocks from before our watch: dropped when dense, shortened when each value has its time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.values import Block, VarType
from belabridge.wire.splice import WatchStart


def block(frame, times=None, *, id_=0, monitored=False):
    relative = None if times is None else np.asarray(times, dtype="<u4")
    values = np.arange(1024.0) if relative is None else frame + relative.astype(np.float64)
    return Block(id_, VarType.DOUBLE, frame, values, relative, monitored)


def starts(frame=1000):
    start = WatchStart()
    start.watched([0], frame)
    return start


@pytest.mark.parametrize(
    "whole",
    [block(1000), block(5000), block(1000, [0, 5]), block(10, id_=1), block(10, monitored=True)],
)
def test_what_is_ours_or_nobodys_passes(whole):
    start = starts()
    assert start.ours(whole) is whole
    assert start.cut_blocks == 0


@pytest.mark.parametrize("spliced", [block(999), block(0), block(0, [0, 500, 999]), block(999, [0])])
def test_what_is_all_old_or_has_no_seam_is_dropped(spliced):
    start = starts()
    assert start.ours(spliced) is None
    assert start.cut_blocks == 1


def test_a_start_far_in_the_future_breaks_nothing():
    assert starts(2**52).ours(block(5, [0, 2**32 - 1])) is None


@given(st.integers(0, 2000), st.lists(st.integers(0, 300), max_size=30))
def test_a_sparse_splice_keeps_exactly_the_new_values(frame, steps):
    spliced = block(frame, np.cumsum([0, *steps]))
    kept = starts().ours(spliced)
    expected = [v for v in spliced.values if v >= 1000]
    assert ([] if kept is None else list(kept.values)) == expected
    if kept is not None:
        assert (kept.frames() == kept.values).all()
        assert kept.relative[0] == 0
        assert kept.relative.dtype == np.uint32
