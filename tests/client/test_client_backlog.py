"""What waits for its reader: its order, its bounds, and what is seen of what was dropped."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.client.backlog import Backlog
from belabridge.client.blocks import Block, Gap
from belabridge.errors import BoardLost, FellBehind


def block(name, first, count=10):
    return Block(name, np.zeros(count, np.float32), first, 44_100.0)


def all_of(backlog):
    out = []
    while (item := backlog.take()) is not None:
        out.append(item)
    return out


@pytest.mark.parametrize(("most", "most_frames"), [(2, None), (None, 20)])
def test_the_oldest_is_dropped_and_seen_as_a_gap(most, most_frames):
    backlog = Backlog(most, most_frames, fails=False)
    for first in range(0, 50, 10):
        backlog.put(block("a", first))
    gap, *rest = all_of(backlog)
    assert isinstance(gap, Gap)
    assert (gap.first_frame, gap.missing_frames) == (0, 30)
    assert [item.first_frame for item in rest] == [30, 40]
    assert backlog.dropped == 3
    backlog.put(block("a", 50))
    assert not any(isinstance(item, Gap) for item in all_of(backlog))


def test_one_that_fails_says_so_behind_what_waits():
    backlog = Backlog(1, None, fails=True)
    backlog.put(block("a", 0))
    backlog.put(block("a", 10))
    backlog.put(block("a", 20))
    assert [backlog.take().first_frame for _ in range(2)] == [0, 10]
    with pytest.raises(FellBehind):
        backlog.take()
    with pytest.raises(StopIteration):
        backlog.take()


def test_an_end_comes_behind_what_waits():
    backlog = Backlog(9, None, fails=False)
    backlog.put(block("a", 0))
    backlog.close(BoardLost("gone"))
    backlog.close()
    backlog.put(block("a", 10))
    assert backlog.take().first_frame == 0
    with pytest.raises(BoardLost):
        backlog.take()


@pytest.mark.parametrize("wake", [lambda b: b.put(block("a", 0)), lambda b: b.close()], ids=["put", "close"])
def test_who_sleeps_is_woken(wake):
    backlog = Backlog(9, None, fails=False)
    timer = threading.Timer(0.05, wake, [backlog])
    timer.start()
    backlog.sleep(60.0)
    timer.join()
    assert len(backlog) == 1 or backlog.is_closed


@given(st.lists(st.sampled_from("ab"), max_size=40), st.integers(1, 6), st.data())
def test_nothing_vanishes_unseen(names, most, data):
    backlog = Backlog(most, None, fails=False)
    at = dict.fromkeys("ab", 0)
    seen = dict.fromkeys("ab", 0)

    def look(item):
        assert item.first_frame == seen[item.name]
        seen[item.name] = item.end_frame

    for name in names:
        backlog.put(block(name, at[name]))
        at[name] += 10
        assert len(backlog) <= most
        if data.draw(st.booleans()) and (item := backlog.take()) is not None:
            look(item)
    for item in all_of(backlog):
        look(item)
    left = {name: seen[name] == at[name] for name in set(names)}
    assert all(left.values()) or backlog.dropped  # a gap is seen with the next block of its variable
