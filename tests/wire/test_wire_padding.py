"""What the end of a log puts into an original stream is cut, and nothing else."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.sim.core import SimBoard
from belabridge.sim.program import Program, ProgramVariable
from belabridge.values import Block, TimestampMode, Variable, VarType
from belabridge.wire.control import LogStarted
from belabridge.wire.padding import Padding
from belabridge.wire.session import Listed, Session

FULL = 1024


def block(frame, true=FULL):
    values = np.zeros(FULL, dtype="<f4")
    values[:true] = 1
    return Block(0, VarType.FLOAT, frame, values, None, monitored=False)


def variable(*, logged):
    return Variable("v", 0, VarType.FLOAT, TimestampMode.DENSE, 0.0, 0.0, logged=logged)


def given_out(padding, *blocks):
    """Frame and number of values of what comes out."""
    return [(b.frame, len(b.values)) for one in blocks for b in padding.seen(one)]


def padding(step=1.0):
    return Padding(lambda _id: step)


def test_without_a_log_every_block_passes_at_once():
    cutter = padding()
    for one in (block(0), block(FULL, 5), block(FULL + 5)):
        assert cutter.seen(one) == (one,)


@pytest.mark.parametrize(("step", "end", "true"), [(1, 1500, 477), (16, 1500, 31), (1, 2047, FULL)])
def test_the_block_of_a_known_end_is_cut_there_at_once(step, end, true):
    cutter = padding(step)
    cutter.logged(0, 0, end)
    following = FULL + step * true
    assert given_out(cutter, block(0), block(FULL, true)) == [(0, FULL), (FULL, true)]
    assert given_out(cutter, block(following)) == [(following, FULL)]
    assert given_out(cutter, block(following + FULL * step, 7)) == [(following + FULL * step, FULL)], "over"


def test_a_log_that_is_over_before_the_program_assigns_again_has_two_values():
    cutter = padding(16)
    cutter.logged(0, 48_002, 48_003)
    assert given_out(cutter, block(48_016, 2), block(48_048)) == [(48_016, 2), (48_048, FULL)]


def test_without_an_end_a_zero_waits_for_the_next_block():
    cutter = padding()
    cutter.logged(0, 0, None)
    assert given_out(cutter, block(0, 1000)) == []
    assert given_out(cutter, block(FULL, 300)) == [(0, FULL)], "its own zeros"
    assert given_out(cutter, block(FULL + 300)) == [(FULL, 300), (FULL + 300, FULL)]


def test_an_unlog_before_the_known_end_cuts_where_the_next_block_begins_and_the_end_cuts_nothing():
    cutter = padding()
    cutter.logged(0, 0, 3000)
    assert given_out(cutter, block(0, 300), block(300), block(300 + FULL)) == [
        (0, 300),
        (300, FULL),
        (300 + FULL, FULL),
    ]
    assert given_out(cutter, block(300 + 2 * FULL)) == [(300 + 2 * FULL, FULL)], "its values are no zeros"


def test_a_log_that_begins_later_holds_nothing_up_before():
    cutter = padding()
    cutter.logged(0, 50_000, None)
    assert given_out(cutter, block(0, 5)) == [(0, FULL)]


def test_a_list_shows_a_log_that_nobody_told_us_of_and_its_end():
    cutter = padding()
    cutter.listed([variable(logged=True)], 10)
    assert given_out(cutter, block(0, 5)) == []
    cutter.listed([variable(logged=False)], FULL + 600)
    assert given_out(cutter, block(FULL, 5)) == [(0, FULL)], "it may be on its way still"
    assert given_out(cutter, block(FULL + 5, 500), block(2 * FULL + 5, 5)) == [
        (FULL, 5),
        (FULL + 5, FULL),
        (2 * FULL + 5, FULL),
    ]


def test_a_list_from_before_a_log_does_not_end_it():
    cutter = padding()
    cutter.logged(0, 2 * FULL, None)
    cutter.listed([variable(logged=False)], FULL)
    assert given_out(cutter, block(2 * FULL, 5)) == []


def test_what_nobody_wants_any_more_is_not_kept():
    cutter = padding()
    cutter.logged(0, 0, None)
    assert given_out(cutter, block(0, 5)) == []
    assert cutter.drop(0)
    assert not cutter.drop(0)
    assert not cutter.drop(7)
    assert given_out(cutter, block(90_000)) == [(90_000, FULL)]


TICK = 16
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["log", "timed", "unlog", "list", "wait"]), st.integers(0, 200), st.integers(1, 5000)
    ),
    max_size=12,
)


class World:
    """An original board whose variable says its frame, what others tell it, and our half of the talk."""

    def __init__(self, step):
        value = ProgramVariable("v", VarType.DOUBLE, values=lambda frames: 1.0 + frames, every_frames=step)
        self.board = SimBoard(Program("p", (value,)), original=True)
        self.session, self.cutter, self.out = Session(), padding(step), []
        self.board.connect_control("us")
        self.board.control_received("us", '{"event":"connection-reply"}')

    def say(self, cmd, **more):
        command = {"cmd": cmd, "watchers": ["v"], **more}
        self.board.control_received("us", json.dumps({"watcher": [command]}))
        self.run(0)

    def run(self, frames):
        for message in self.board.advance(frames // TICK * TICK):
            if message.endpoint == "control":
                self.hear(message.payload)
            elif (block := self.session.data_received(message.payload)) is not None:
                self.out += self.cutter.seen(block)

    def hear(self, payload):
        for event in self.session.control_received(payload):
            if isinstance(event, Listed):
                self.cutter.listed(event.list.variables, event.list.frame)
            elif isinstance(event, LogStarted):
                self.cutter.logged(0, event.frame, event.end_frame)


@given(ACTIONS, st.sampled_from([1, 16]))
def test_no_false_value_comes_through_whatever_others_log(actions, step):
    world = World(step)
    world.say("list")
    world.say("watch")
    world.run(3000 * step)
    for what, wait, duration in actions:
        if what == "timed":
            world.say("log", timestamps=[world.board.frame + wait], durations=[duration])
        elif what != "wait":
            world.say(what)
        # two logs within one block are ambiguous: a person's are not so near
        world.run(wait * TICK * step + 1100 * step)
    world.run(5000 * step)
    assert len(world.out) > 2
    for block in world.out:
        assert block.values.tolist() == (1.0 + block.frames(step)).tolist()
    assert all(a.frame + len(a.values) * step <= b.frame for a, b in pairwise(world.out))
