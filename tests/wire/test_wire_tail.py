"""Padding is cut where the end is known, and only there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.values import Block, VarType
from belabridge.wire.tail import cut_dense, cut_dense_before, sparse_count


def dense(frame, count=1024, *, monitored=False):
    return Block(0, VarType.FLOAT, frame, np.arange(count, dtype="<f4"), None, monitored)


@pytest.mark.parametrize(
    ("frame", "end", "step", "count"),
    [
        (1000, 1000, 1, 1),
        (1000, 1099, 1, 100),
        (1000, 2022, 1, 1023),
        (1000, 2023, 1, 1024),
        (1000, 9999, 1, 1024),
        (1000, 999, 1, 1),  # flushed before its time came: one value
        (1000, 1159, 16, 11),  # the end falls between two assignments: the one behind it is the last
        (1000, 1160, 16, 11),
        (1000, 1001, 0.5, 3),
    ],
)
def test_a_dense_block_is_cut_after_its_end_frame(frame, end, step, count):
    block = dense(frame)
    cut = cut_dense(block, end, step)
    assert len(cut.values) == count
    assert (cut is block) == (count == 1024)
    assert (cut.frame, cut.relative, cut.monitored) == (frame, None, False)


def test_other_blocks_pass():
    relative = np.zeros(1, dtype="<u4")
    for block in (
        dense(5, 1, monitored=True),
        Block(0, VarType.FLOAT, 5, relative, relative, monitored=False),
    ):
        assert cut_dense(block, 0) is block


@pytest.mark.parametrize(
    ("after", "count"), [(1145, 145), (2024, 1024), (2025, 1024), (1000, 1024), (900, 1024)]
)
def test_a_dense_block_is_cut_before_the_next_one(after, count):
    assert len(cut_dense_before(dense(1000), after).values) == count


@given(st.lists(st.integers(0, 2**20), max_size=60), st.integers(0, 40))
def test_the_sparse_count_is_that_of_the_values_behind_the_padding(steps, padding):
    times = np.cumsum([0, *steps])
    padded = np.concatenate([times, np.zeros(padding, dtype=np.int64)]).astype("<u4")
    expected = len(times) if times[-1] else 1  # all in the first frame: nothing tells them from padding
    assert sparse_count(padded) == expected
