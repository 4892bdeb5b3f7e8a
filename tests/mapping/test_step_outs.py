"""Outputs that turn an encoder: steps out of the changes of a variable, which always add up."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning import monitor, plan_of, stream, table, variable
from touching import FADER, cc_in, cc_out, midi, raw

from belabridge.controls import Control, Kind, Relative
from belabridge.mapping.intents import Refused, SendMidi
from belabridge.mapping.plan import Plan
from belabridge.mapping.problems import rule_problem
from belabridge.mapping.step_outs import MOST_STEPS
from belabridge.rules import MidiOut, OutRule, Scale, Shape, Take

CHANGE = Shape(on_change=True)
CC16 = Control(Kind.CC, 16, 1)


def turned(shape=CHANGE, *, step=0.01, **more):
    """A rule that turns an encoder with ``pot``."""
    return cc_out(shape, control=CC16, relative=Relative.TWOS, step=step, **more)


# name: (rule, values of pot, steps that go out for each)
MOVES = {
    "the first says where it is": (turned(), [0.5], [[]]),
    "one step": (turned(), [0.0, 0.01], [[], [1]]),
    "several in one": (turned(), [0.0, 0.05], [[], [5]]),
    "small moves add up": (turned(), [0.0, 0.004, 0.008, 0.012], [[], [], [], [1]]),
    "what is left counts on": (turned(), [0.0, 0.015, 0.02], [[], [1], [1]]),
    "down": (turned(), [0.5, 0.48], [[], [-2]]),
    "trembling about a step": (turned(), [0.0, 0.01, 0.009, 0.01, 0.009], [[], [1], [], [], []]),
    "a whole one back": (turned(), [0.0, 0.01, 0.0], [[], [1], [-1]]),
    "a negative step": (turned(step=-0.01), [0.0, 0.02], [[], [-2]]),
    "beyond 0 to 1": (turned(step=1.0), [0.0, 100.0, -100.0], [[], [100], [-200]]),
    "scaled": (turned(Shape(scale=Scale((0, 1), (0, 127))), step=1.0), [0.0, 0.5, 1.0], [[], [63], [64]]),
    "clipped": (turned(Shape(clip=(0.0, 0.1))), [0.0, 5.0, 0.1, 0.0], [[], [10], [], [-10]]),
    "no end of it": (turned(), [0.0, 1e30, 1e30, 0.0], [[], [MOST_STEPS], [], [-MOST_STEPS]]),
    "after that it goes on": (turned(), [0.0, 1e6, 1e6 + 1], [[], [MOST_STEPS], [100]]),
}


@pytest.mark.parametrize("name", MOVES)
def test_moves(name):
    rule, values, expected = MOVES[name]
    plan = plan_of(rule)
    assert [midi(plan.block(monitor("pot", x), n * 0.1)) for n, x in enumerate(values)] == expected


@given(st.lists(st.floats(-50, 50, width=32), min_size=2), st.sampled_from([0.01, -0.01, 0.3, 1.0, 7.0]))
def test_the_steps_amount_to_the_way(values, step):
    plan = plan_of(turned(step=step))
    steps = [s for n, x in enumerate(values) for s in midi(plan.block(monitor("pot", x), n * 0.1))]
    assert all(s == int(s) != 0 for s in steps)
    rest = (float(np.float32(values[-1])) - float(np.float32(values[0]))) / step - sum(steps)
    assert abs(rest) < 1.0 + 1e-6


def test_what_the_rate_leaves_out_is_in_the_next_steps():
    plan = plan_of(turned(rate=10.0))
    found = [s for n in range(101) for s in midi(plan.block(monitor("pot", n / 100), n * 0.001))]
    found += midi(plan.tick(plan.due()))
    assert sum(found) == 100
    assert len(found) < 4


def test_a_board_that_comes_back_elsewhere_turns_it_there():
    plan = plan_of(turned())
    assert midi(plan.block(monitor("pot", 0.5), 0.0)) == []
    plan.bind(table())
    assert midi(plan.block(monitor("pot", 0.7), 9.0)) == [20]


def test_an_unchanged_rule_counts_on_over_a_reload():
    plan = plan_of(turned())
    plan.block(monitor("pot", 0.5), 0.0)
    heir = Plan([cc_out(), turned()], [], plan)
    heir.bind(table())
    (_, turn) = heir.block(monitor("pot", 0.6), 1.0)
    assert isinstance(turn, SendMidi)
    assert (turn.rule_index, turn.value) == (1, 10.0)


def test_a_statistic_turns_it():
    plan = plan_of(turned(take=Take.PEAK))
    found = [midi(plan.block(stream("pot", [x, -0.1]), n * 1.0)) for n, x in enumerate((0.25, 0.5))]
    assert found == [[], [25]]


def test_what_is_not_finite_is_refused_and_forgotten():
    plan = plan_of(turned())
    plan.block(monitor("pot", 0.0), 0.0)
    (refused,) = plan.block(monitor("pot", math.nan), 1.0)
    assert isinstance(refused, Refused)
    assert midi(plan.block(monitor("pot", 0.02), 2.0)) == [2]


PROBLEMS = {
    "a number other than 0": MidiOut(CC16, relative=Relative.SIGN, step=0.0),
    "need a step": MidiOut(CC16, relative=Relative.SIGN),
    "has a kind of steps": MidiOut(CC16, step=0.01),
    "bend says no steps": MidiOut(Control(Kind.BEND, None, 1), step=0.01),
    "nothing else": MidiOut(Control(Kind.NRPN, 5, 1), relative=Relative.TWOS, step=0.01),
}


@pytest.mark.parametrize("words", PROBLEMS)
def test_what_cannot_be_is_said(words):
    assert words in str(rule_problem(OutRule("pot", midi=PROBLEMS[words])))


def test_steps_are_no_feedback():
    rule = OutRule("pot", midi=MidiOut(Control(Kind.RPN, 5, 1), step=0.01), feedback=True)
    assert "no feedback" in str(rule_problem(rule))


def test_who_set_it_is_told():
    plan = plan_of(
        OutRule("gain", shape=CHANGE, midi=MidiOut(CC16, relative=Relative.TWOS, step=0.01)), cc_in()
    )
    plan.read([variable("gain", 0.0, controlled=True)], 0.0, first=True)
    plan.touch(0, raw(64), FADER, 1.0)
    (intent,) = plan.read([variable("gain", 0.5, controlled=True)], 1.1)
    assert isinstance(intent, SendMidi)
    assert (intent.value, intent.skip) == (50.0, FADER)
