"""The small pure parts of the client: demands, the board's clock, and the frames of dense blocks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.board.speech import Want
from belabridge.client.blocks import Block, joined
from belabridge.client.clock import BoardClock
from belabridge.client.dating import MOST_UNDATED, Dating
from belabridge.client.demands import Demands
from belabridge.values import Block as BoardBlock
from belabridge.values import VarType


def test_what_several_want_is_united_and_taken_apart():
    demands = Demands()
    demands.put("stream", {"a": Want(watch=True, latency_frames=100), "b": Want(watch=True)})
    demands.put("faster", {"a": Want(watch=True, latency_frames=10)})
    demands.put("monitor", {"a": Want(monitor_period_frames=441), "c": Want(monitor_period_frames=100)})
    demands.put("other", {"c": Want(monitor_period_frames=50)})
    assert demands.united() == {
        "a": Want(watch=True, monitor_period_frames=441, latency_frames=10),
        "b": Want(watch=True),
        "c": Want(monitor_period_frames=50),
    }
    assert demands.watched_by_others("stream") == {"a"}
    demands.drop("faster")
    demands.drop("other")
    demands.drop("nobody")
    assert demands.united()["a"] == Want(watch=True, monitor_period_frames=441, latency_frames=100)
    assert demands.united()["c"] == Want(monitor_period_frames=100)


@given(st.dictionaries(st.integers(0, 5), st.booleans(), min_size=1))
def test_the_order_of_demands_says_nothing(demands):
    one, other = Demands(), Demands()
    for key, watch in demands.items():
        one.put(key, {"a": Want(watch=watch, monitor_period_frames=key)})
    for key, watch in reversed(demands.items()):
        other.put(key, {"a": Want(watch=watch, monitor_period_frames=key)})
    assert one.united() == other.united()


def test_the_youngest_frame_tells_the_time():
    clock = BoardClock(1000.0)
    assert clock.frame(5.0) == 0
    clock.seen(100, 10.0)
    clock.seen(150, 10.2)  # 150 ms late
    assert clock.frame(10.2) == 300
    clock.seen(900, 10.5)  # the first was 300 ms late
    assert clock.frame(10.5) == 900
    assert clock.when(1000) == pytest.approx(10.6)
    assert clock.latest == 900


def test_time_that_a_board_lost_is_forgotten():
    clock = BoardClock(1000.0)
    clock.seen(10_000, 10.0)
    for tenth in range(120):
        clock.seen(10_500 + 100 * tenth, 11.0 + 0.1 * tenth)  # half a second less than it should be
    assert clock.frame(23.0) == 22_500


@pytest.mark.parametrize(
    ("latest", "away_s", "frame", "anew"),
    [
        (100_000, 1.0, 500, True),  # back to the beginning
        (100_000, 1.0, 101_000, False),
        (100_000, 1.0, 100_100, False),  # its audio stood still meanwhile
        (500, 5.0, 5500, False),
        (500, 5.0, 4900, True),  # a program that had hardly begun, and began again
        (500, 0.1, 100, True),
    ],
)
def test_a_program_that_began_anew_is_known_by_its_frames(latest, away_s, frame, anew):
    clock = BoardClock(1000.0)
    clock.seen(latest, 50.0)
    assert clock.began_anew(frame, 50.0 + away_s) is anew


def test_a_clock_that_runs_slower_is_followed():
    clock = BoardClock(1000.0)
    for second in range(1000):
        clock.seen(int(second * 1000.0 * (1 - 100e-6)), float(second))
    assert abs(clock.frame(1000.0) - 1_000_000 * (1 - 100e-6)) < 5


def board_block(frame, count, zeros=0):
    values = np.ones(count, np.float32)
    values[count - zeros :] = 0
    return BoardBlock(0, VarType.FLOAT, frame, values, None, monitored=False)


def dated(pairs):
    return [(block.frame, step) for block, step in pairs]


def test_blocks_wait_until_their_step_is_known():
    dating = Dating()
    assert dating.seen(board_block(0, 4), None) == []
    assert dated(dating.seen(board_block(8, 4), 2.0)) == [(0, 2.0), (8, 2.0)]
    assert dated(dating.seen(board_block(16, 4), 2.0)) == [(16, 2.0)]
    assert dating.rest(20, may_be_padded=True) == []


def test_blocks_without_a_step_reach_to_the_next_one():
    dating = Dating()
    at = np.cumsum([4 * (n + 1) for n in range(MOST_UNDATED + 3)]).tolist()
    out = [pair for frame in at for pair in dating.seen(board_block(frame, 4), None)]
    assert dated(out) == [(a, (b - a) / 4) for a, b in pairwise(at)]
    assert [block.frame for block, _ in dating.rest(at[-1] + 40, may_be_padded=False)] == [at[-1]]


def test_the_last_block_is_reckoned_without_its_padding():
    dating = Dating()
    dating.seen(board_block(100, 8, zeros=4), None)
    ((block, step),) = dating.rest(140, may_be_padded=True)
    assert (len(block.values), step) == (4, 10.0)


def test_blocks_of_one_variable_become_one():
    blocks = [
        Block("v", np.arange(3, dtype=np.float32), 10, 100.0),
        Block("v", np.arange(2, dtype=np.float32), 50, 100.0, 1.0, np.array([0, 7], np.uint32)),
    ]
    whole = joined("v", blocks, 100.0)
    assert whole.frames.tolist() == [10, 11, 12, 50, 57]
    assert (whole.first_frame, whole.last_frame, len(whole)) == (10, 57, 5)
    assert whole.time_s.tolist() == [0.1, 0.11, 0.12, 0.5, 0.57]
    assert len(joined("v", [], 100.0)) == 0
