"""Buffers of equal length, whatever the blocks were; and several variables cut at the same frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.client.blocks import Block
from belabridge.client.known.buffers import Cutter, as_buffer, flat, with_timestamps
from belabridge.client.known.together import Together


def dense(name, first, count, step=1.0):
    """A block whose values are the frames."""
    values = (first + np.arange(count) * step).astype(np.int64).astype(np.float64)
    return Block(name, values, first, 44_100.0, step)


def sparse(name, frames):
    frames = np.array(frames, np.uint64)
    after = (frames - frames[0]).astype(np.uint32)
    return Block(name, frames.astype(np.float64), int(frames[0]), 44_100.0, 1.0, after)


def test_a_full_block_goes_on_as_it_is():
    block = dense("a", 0, 8)
    assert Cutter(8, waits=True).take(block)[0] is block


@given(
    sizes=st.lists(st.integers(1, 20), max_size=12),
    length=st.integers(1, 9),
    step=st.sampled_from([1.0, 2.0, 16.0]),
    waits=st.booleans(),
)
def test_no_value_is_lost_and_each_keeps_its_frame(sizes, length, step, waits):
    cutter, got, first = Cutter(length, waits=waits), [], 100
    for size in sizes:
        got += cutter.take(dense("a", first, size, step))
        first += int(size * step)
    if waits:
        assert {len(buffer) for buffer in got} <= {length}
    rest = cutter.rest()
    got += [] if rest is None else [rest]
    assert all(0 < len(buffer) <= length for buffer in got)
    values = [value for buffer in got for value in buffer.values.tolist()]
    assert values == [100 + i * step for i in range(sum(sizes))]
    assert [frame for buffer in got for frame in buffer.frames.tolist()] == values
    assert cutter.rest() is None


@given(
    cuts=st.lists(st.integers(1, 9), max_size=8),
    frames=st.sets(st.integers(0, 500), min_size=1),
    length=st.integers(1, 9),
)
def test_sparse_values_keep_their_frames(cuts, frames, length):
    ordered, cutter, got = sorted(frames), Cutter(length, waits=True), []
    at = 0
    for size in [*cuts, len(ordered)]:
        if ordered[at : at + size]:
            got += cutter.take(sparse("s", ordered[at : at + size]))
        at += size
    rest = cutter.rest()
    got += [] if rest is None else [rest]
    assert [f for buffer in got for f in buffer.frames.tolist()] == ordered
    for buffer in map(as_buffer, got):
        assert [buffer["ref_timestamp"] + after for after in buffer["rel_timestamps"]] == buffer["data"]


def test_a_step_that_changes_is_spread_over_the_buffer():
    cutter = Cutter(8, waits=True)
    assert not cutter.take(dense("a", 0, 4, 1.0))
    (buffer,) = cutter.take(dense("a", 4, 4, 3.0))
    assert (buffer.first_frame, buffer.end_frame) == (0, 16)


def test_a_buffer_as_a_dict():
    block = dense("a", 7, 3)
    assert as_buffer(block) == {"ref_timestamp": 7, "data": [7.0, 8.0, 9.0]}
    assert with_timestamps(block) == {"data": [7.0, 8.0, 9.0], "timestamps": [7, 8, 9]}
    assert with_timestamps(None) == {"data": [], "timestamps": []}
    assert flat([block, block]) == [7.0, 8.0, 9.0] * 2
    assert as_buffer(sparse("s", [5, 9])) == {
        "ref_timestamp": 5,
        "data": [5.0, 9.0],
        "rel_timestamps": [0, 4],
    }


@pytest.mark.parametrize(
    ("type_", "values"), [("u4", [2**32 - 1, 2**31]), ("i4", [-1]), ("u1", [200]), ("i1", [-56])]
)
def test_numbers_are_those_of_their_type(type_, values):
    block = Block("a", np.array(values, type_), 0, 44_100.0)
    assert as_buffer(block)["data"] == values
    assert all(type(value) is int for value in as_buffer(block)["data"])


def cut(blocks):
    return {name: block.frames.tolist() for name, block in blocks.items()}


def test_together_at_the_fastest_one_s_length():
    together = Together({"d": 4, "f": 8}, 1000)
    assert not list(together.take(dense("d", 10, 4), 0))
    assert [cut(each) for each in together.take(dense("f", 10, 8), 0)] == [
        {"d": [10, 11, 12, 13], "f": [10, 11, 12, 13]}
    ]
    assert [cut(each) for each in together.take(dense("d", 14, 4), 0)] == [
        {"d": [14, 15, 16, 17], "f": [14, 15, 16, 17]}
    ]


def test_together_begins_where_all_have_begun():
    together = Together({"a": 4, "b": 4}, 1000)
    list(together.take(dense("a", 0, 8), 0))
    (first,) = together.take(dense("b", 3, 8), 0)
    assert cut(first) == {"a": [3, 4, 5, 6], "b": [3, 4, 5, 6]}


def test_who_has_nothing_to_say_is_not_waited_for_when_that_is_known():
    together = Together({"a": 4, "slow": 4}, 1000)
    list(together.take(sparse("slow", [0]), 0))
    got = list(together.take(dense("a", 0, 8), 8))
    assert [cut(each) for each in got] == [{"a": [0, 1, 2, 3], "slow": [0]}, {"a": [4, 5, 6, 7], "slow": []}]


def test_nor_for_longer_than_one_has_patience():
    together = Together({"a": 4, "silent": 4}, 20)
    got = [cut(each) for first in range(0, 40, 4) for each in together.take(dense("a", first, 4), 0)]
    assert got[0] == {"a": [0, 1, 2, 3], "silent": []}
    assert got[-1]["a"][-1] >= 15


def test_after_a_gap_all_begin_behind_it():
    together = Together({"a": 4, "b": 4}, 1000)
    list(together.take(dense("a", 0, 4), 0))
    list(together.take(dense("b", 0, 4), 0))
    list(together.take(dense("a", 4, 8), 0))
    together.gap("b", 10)
    (got,) = [*together.take(dense("b", 10, 4), 0), *together.take(dense("a", 12, 4), 0)]
    assert cut(got) == {"a": [10, 11, 12, 13], "b": [10, 11, 12, 13]}


def test_the_rest_is_as_far_as_anybody_came():
    together = Together({"a": 4, "b": 4}, 1000)
    list(together.take(dense("a", 0, 3), 0))
    list(together.take(dense("b", 0, 2), 0))
    assert [cut(each) for each in together.rest()] == [{"a": [0, 1, 2], "b": [0, 1]}]


@given(st.data())
def test_together_loses_nothing(data):
    names = "abc"[: data.draw(st.integers(1, 3))]
    length = data.draw(st.integers(1, 6))
    together, got = Together(dict.fromkeys(names, length), 10_000), {name: [] for name in names}
    at = dict.fromkeys(names, 0)
    for name in data.draw(st.lists(st.sampled_from(names), max_size=20)):
        size = data.draw(st.integers(1, 9))
        for blocks in together.take(dense(name, at[name], size), 0):
            assert len({len(block) for block in blocks.values()}) == 1
            for each, block in blocks.items():
                got[each] += block.frames.tolist()
        at[name] += size
    for blocks in together.rest():
        for each, block in blocks.items():
            got[each] += block.frames.tolist()
    if all(at.values()):
        assert got == {name: list(range(at[name])) for name in names}
