"""Assigning many values at once has the effect of assigning them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.sim.layout import layout
from belabridge.sim.outlet import NEVER, Outlet, State
from belabridge.values import TimestampMode, VarType

KINDS = [(VarType.CHAR, TimestampMode.SPARSE), (VarType.DOUBLE, TimestampMode.DENSE)]

acts = st.one_of(
    st.tuples(st.just("assign"), st.integers(1, 1200), st.booleans()),
    st.tuples(
        st.just("start"), st.sampled_from(["watch", "log"]), st.integers(0, 3000), st.integers(0, 2000)
    ),
    st.tuples(st.just("stop"), st.sampled_from(["watch", "log"]), st.integers(0, 4000)),
    st.tuples(st.just("monitor"), st.sampled_from([0, 1, 2, 7, 500])),
)


@given(st.lists(acts, max_size=12), st.sampled_from(KINDS), st.integers(1, 5))
def test_many_at_once_are_many_one_by_one(script, kind, every):
    at_once, singly = (Outlet(b"3/x", 0, layout(*kind)) for _ in range(2))
    dtype = layout(*kind).dtype
    now = 0
    for act, *arguments in script:
        if act == "assign":
            count, active = arguments
            frames = np.arange(now, now + count * every, every, dtype=np.uint64)
            values = frames.astype(dtype)
            bulk = [sent[4:] for sent in sorted(at_once.assigned(frames, values, active=active))]
            each = [
                sent[4:]
                for i in range(count)
                for sent in singly.assigned(frames[i : i + 1], values[i : i + 1], active=active)
            ]
            assert bulk == each
            now += count * every
        else:
            for outlet in (at_once, singly):
                if act == "monitor":
                    outlet.monitor(*arguments)
                else:
                    stream = getattr(outlet, arguments[0])
                    outlet.start(stream, now, *arguments[1:]) if act == "start" else outlet.stop(
                        stream, arguments[1]
                    )
        assert at_once.logged == singly.logged
        assert at_once.period == singly.period
        assert (at_once.watch.state, at_once.log.state) == (singly.watch.state, singly.log.state)


@given(st.lists(acts, max_size=8), st.sampled_from(KINDS), st.integers(1, 5), st.booleans())
def test_while_it_is_quiet_nothing_leaves_or_changes(script, kind, every, active):
    outlet = Outlet(b"3/x", 0, layout(*kind))
    now = 0
    for act, *arguments in script:
        if act == "assign":
            quiet = outlet.quiet_until(now, every, active=active)
            frames = np.arange(now, min(now + arguments[0] * every, quiet), every, dtype=np.uint64)
            before = (outlet.watch.state, outlet.log.state, outlet.period)
            if len(frames):
                assert outlet.assigned(frames, frames.astype(layout(*kind).dtype), active=active) == []
                assert not outlet.logged
                assert before == (outlet.watch.state, outlet.log.state, outlet.period)
                now = int(frames[-1]) + every
        elif act == "monitor":
            outlet.monitor(*arguments)
        else:
            stream = getattr(outlet, arguments[0])
            outlet.start(stream, now, *arguments[1:]) if act == "start" else outlet.stop(stream, arguments[1])


def assigned(outlet: Outlet, start: int, stop: int, *, active: bool = True):
    frames = np.arange(start, stop, dtype=np.uint64)
    return outlet.assigned(frames, frames.astype("<f8"), active=active)


@pytest.fixture
def outlet():
    return Outlet(b"0/d", 0, layout(VarType.DOUBLE, TimestampMode.DENSE))


def test_a_duration_includes_both_ends(outlet):
    assert outlet.start(outlet.watch, 0, 10, 5) == (10, 15)
    (sent,) = assigned(outlet, 0, 100)
    values = np.frombuffer(sent.body[8:], "<f8")
    assert values[:7].tolist() == [10, 11, 12, 13, 14, 15, 0]
    assert outlet.watch.state is State.OFF
    assert not outlet.busy


def test_a_watch_that_ends_while_nobody_is_active_goes_on_to_the_end_of_its_buffer(outlet):
    """Its state machine has left the moment behind at which it sends what is left."""
    outlet.start(outlet.watch, 0, 0, 100)
    assert assigned(outlet, 0, 200, active=False) == []
    assert outlet.watch.running
    assert assigned(outlet, 200, 711) == []
    (sent,) = assigned(outlet, 711, 900)
    assert int.from_bytes(sent.body[:8], "little") == 200
    assert outlet.watch.state is State.OFF


def test_no_end_is_the_largest_number(outlet):
    assert outlet.start(outlet.log, 5, 0, 0) == (5, NEVER)


def test_stopping_what_is_off_does_nothing(outlet):
    outlet.stop(outlet.watch, 0)
    assert not outlet.busy
