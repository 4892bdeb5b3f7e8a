"""Controls that begin and end logs."""

from __future__ import annotations

import pytest

from belabridge.controls import Control, Kind, MidiOrigin, Touch
from belabridge.mapping.intents import Refused, WriteLog
from belabridge.mapping.plan import Plan
from belabridge.mapping.problems import rule_problem
from belabridge.rules import InRule, LogMode, LogTrigger, MidiIn

MODES = [
    (LogMode.TOGGLE, [None, None]),
    (LogMode.START, [True, True]),
    (LogMode.STOP, [False, False]),
    (LogMode.HOLD, [True, False, True]),
]


@pytest.mark.parametrize(("mode", "done"), MODES)
def test_a_number_above_0_is_a_press(mode, done):
    trigger = LogTrigger(("mic",), mode, 2.0)
    plan = Plan((), [InRule(osc="/rec", log=trigger)])
    intents = [each for x in (1.0, 0.0, 1) for each in plan.in_rule(0, (x,), "me", 0.0)]
    assert intents == [WriteLog(0, trigger, on) for on in done]


@pytest.mark.parametrize(("mode", "done"), MODES)
@pytest.mark.parametrize(
    ("kind", "touches"),
    [
        (Kind.NOTE, [Touch(0.8, note=60, on=True), Touch(0.0, note=60), Touch(0.8, note=60, on=True)]),
        (Kind.CC, [Touch(0.6), Touch(0.9), Touch(0.1), Touch(0.0), Touch(1.0)]),
    ],
)
def test_so_is_a_note_and_a_control_that_passes_its_middle(kind, touches, mode, done):
    trigger = LogTrigger(("mic", "pot1"), mode)
    rule = InRule(midi=MidiIn(Control(kind, 60)), log=trigger)
    assert rule_problem(rule) is None
    plan = Plan((), [rule])
    origin = MidiOrigin("port", Control(kind, 60))
    intents = [each for touch in touches for each in plan.touch(0, touch, origin, 0.0)]
    assert intents == [WriteLog(0, trigger, on) for on in done]


def test_what_is_no_number_is_refused():
    plan = Plan((), [InRule(osc="/rec", log=LogTrigger(("mic",)))])
    (intent,) = plan.in_rule(0, ("go",), "me", 0.0)
    assert isinstance(intent, Refused)


def test_a_rule_that_logs_sets_nothing():
    assert rule_problem(InRule(osc="/rec", var="gain", log=LogTrigger(("mic",)))) is not None
