"""Faults of a simulated board as a user writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.cli.sim_faults import WORDS, fault
from belabridge.errors import UsageError
from belabridge.sim.faults import DropBody, DropHeader, Greet, Restart, Splice, Stall, Vanish


@pytest.mark.parametrize(
    ("text", "after_s", "what"),
    [
        ("vanish", 0, Vanish()),
        ("vanish@10s", 10, Vanish()),
        ("vanish:5s@10s", 10, Vanish(5)),
        ("stall:500ms@.5", 0.5, Stall(0.5)),
        (" stall:2 ", 0, Stall(2)),
        ("drop-header", 0, DropHeader(1)),
        ("drop-header:7@1.5s", 1.5, DropHeader(7)),
        ("drop-body:2", 0, DropBody(2)),
        ("splice:100@1s", 1, Splice(100)),
        ("splice", 0, Splice(512)),
        ("restart@3s", 3, Restart()),
        ("greet", 0, Greet()),
    ],
)
def test_what_is_meant(text, after_s, what):
    assert fault(text) == (after_s, what)


def test_a_restart_with_other_variables():
    _, what = fault("restart:3@1s")
    assert [variable.name for variable in what.program.variables] == ["v0", "v1", "v2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", WORDS),
        ("explode@1s", WORDS),
        ("greet:2", WORDS),
        ("vanish:long", "'long' is no time: write one such as 10s or 500ms"),
        ("vanish:", "'' is no time"),
        ("vanish@soon", "'soon' is no time"),
        ("drop-header:0", "'0' is no count"),
        ("drop-body:-1", "'-1' is no count"),
        ("splice:1e3", "'1e3' is no count"),
        ("restart:99999999999", "is no count"),
    ],
)
def test_what_makes_no_sense_is_told(text, said):
    with pytest.raises(UsageError) as caught:
        fault(text)
    assert said in str(caught.value)


@given(st.text(max_size=20))
def test_any_text_is_a_fault_or_refused(text):
    try:
        after_s, _ = fault(text)
    except UsageError:
        return
    assert after_s >= 0
