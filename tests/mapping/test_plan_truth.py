"""What goes out is what the program reads, and not to the end that it came from."""

import numpy as np
import pytest
from planning import NAMES, monitor, plan_of, stream, table, values, variable

from belabridge.mapping.intents import SetValue
from belabridge.rules import InRule, OnePole, OscOut, OutRule, Shape, Take


def test_while_controlled_the_programs_own_values_do_not_go_out():
    plan = plan_of(OutRule("gain", osc=OscOut("/g")), OutRule("gain", Take.MAX, osc=OscOut("/m")))
    assert values(plan.block(monitor("gain", 0.1), 0.0)) == [np.float32(0.1)]
    both = plan.read([variable("gain", 0.5, controlled=True)], 1.0, frame=44)
    assert [(i.osc.address, i.value, i.frame) for i in both] == [("/g", 0.5, 44), ("/m", 0.5, 44)]
    assert plan.block(monitor("gain", 0.2), 2.0) == []
    assert plan.block(stream("gain", [0.2, 0.3]), 2.0) == []
    assert plan.read([variable("gain", 0.5, controlled=True)], 3.0) == []
    assert values(plan.read([variable("gain", 0.6, controlled=True)], 4.0)) == [0.6, 0.6]
    plan.read([variable("gain", 0.3)], 5.0)
    assert values(plan.block(monitor("gain", 0.25), 6.0)) == [0.25]


def test_a_silent_variable_goes_out_when_it_changes():
    plan = plan_of(OutRule("gain", osc=OscOut("/g")))
    assert values(plan.read(table(), 0.0, first=True)) == [0.0]
    assert plan.read(table(), 1.0) == []
    assert values(plan.read([variable("gain", 2.0)], 2.0)) == [2.0]
    assert plan.read([variable("gain", 2.0)], 3.0) == []


def test_a_variable_that_speaks_is_not_read():
    plan = plan_of(OutRule("gain", osc=OscOut("/g")))
    plan.read(table(), 0.0, first=True)
    plan.block(monitor("gain", 1.0), 1.0)
    assert plan.read([variable("gain", 5.0)], 1.1) == []
    # it fell silent with 1.0, and float32 and the board's digits are no change
    plan.block(monitor("gain", 0.1), 2.0)
    plan.read([variable("gain", 0.2)], 2.1)
    assert plan.read([variable("gain", 0.100000001490116)], 2.2) == []


def test_at_connect_every_mapped_value_goes_out_whatever_was_sent_before():
    rules = [OutRule(name, shape=Shape(on_change=True), osc=OscOut("/" + name)) for name in NAMES]
    plan = plan_of(*rules)
    for now in (0.0, 10.0):
        intents = plan.read(table(), now, first=True)
        assert [i.osc.address for i in intents] == ["/pot", "/mic", "/gain", "/count"]


@pytest.mark.parametrize("take", [Take.ALL, Take.RMS])
def test_what_takes_every_sample_begins_with_the_samples(take):
    plan = plan_of(OutRule("gain", take, 1000.0, osc=OscOut("/g")))
    assert plan.read(table(), 0.0, first=True) == []
    assert len(plan.block(stream("gain", [1.0, 2.0]), 0.1)) == 1
    assert plan.read([variable("gain", 9.0)], 0.2) == []


@pytest.mark.parametrize("take", [Take.ALL, Take.RMS])
def test_what_takes_every_sample_of_a_silent_variable_gets_its_value_once(take):
    rules = [OutRule("gain", take, 1000.0, osc=OscOut("/g")), OutRule("gain", osc=OscOut("/v"))]
    plan = plan_of(*rules)
    assert [i.osc.address for i in plan.read([variable("gain", 0.5)], 0.0, first=True)] == ["/v"]
    assert [i.osc.address for i in plan.read([variable("gain", 0.5)], 5.0)] == ["/g"]
    assert plan.read([variable("gain", 0.5)], 10.0) == []


@pytest.mark.parametrize("take", [Take.ALL, Take.RMS])
def test_a_look_right_after_the_connect_does_not_run_ahead_of_the_samples(take):
    plan = plan_of(OutRule("gain", take, 1000.0, osc=OscOut("/g")))
    plan.read([variable("gain", 0.5)], 0.0, first=True)
    assert plan.read([variable("gain", 0.5)], 0.05) == []
    assert plan.read([variable("gain", 0.75)], 6.0) == [], "it changes, so it is assigned: its samples come"


def test_what_is_given_back_is_told_to_all_outputs():
    plan = plan_of(OutRule("gain", Take.MAX, 1000.0, osc=OscOut("/g")))
    plan.read([variable("gain", 0.5, controlled=True)], 0.0, first=True)
    assert values(plan.read([variable("gain", 0.25)], 5.0)) == [0.25]


def test_all_gets_a_controlled_value_as_a_block_of_one():
    plan = plan_of(OutRule("gain", Take.ALL, None, osc=OscOut("/g")))
    (intent,) = plan.read([variable("gain", 0.5, controlled=True)], 0.0, frame=9)
    assert (intent.values.tolist(), intent.frame) == ([0.5], 9)


# No echo


def echoing(**more):
    plan = plan_of(OutRule("gain", osc=OscOut("/g"), **more), InRule("/g", var="gain"))
    plan.read(table(), 0.0, first=True)
    return plan


def test_what_came_from_an_end_does_not_go_back_there():
    plan = echoing()
    assert plan.in_rule(0, (0.1,), "fader", 1.0) == [SetValue(0, "gain", 0.1)]
    (intent,) = plan.read([variable("gain", 0.100000001490116, controlled=True)], 1.1)
    assert intent.skip == "fader"
    (changed,) = plan.read([variable("gain", 0.9, controlled=True)], 2.0)
    assert changed.skip is None
    (again,) = plan.read([variable("gain", 0.1, controlled=True)], 3.0)
    assert again.skip is None  # the fader has seen 0.9 since


def test_echo_can_be_wished_for():
    plan = echoing(echo=True)
    plan.in_rule(0, (0.1,), "fader", 1.0)
    (intent,) = plan.read([variable("gain", 0.1, controlled=True)], 1.1)
    assert intent.skip is None


def test_a_list_that_lags_behind_the_hand_is_no_echo():
    plan = echoing()
    for i in range(1, 10):
        plan.in_rule(0, (i / 10,), "fader", 1.0 + i / 1000)
    skips = [
        i.skip for v in (0.3, 0.6, 0.9) for i in plan.read([variable("gain", v, controlled=True)], 2.0 + v)
    ]
    assert skips == ["fader"] * 3


def test_the_one_who_set_it_last_is_the_one_who_is_left_out():
    plan = echoing()
    plan.in_rule(0, (0.5,), "left", 1.0)
    plan.in_rule(0, (0.7,), "right", 1.1)
    (intent,) = plan.read([variable("gain", 0.7, controlled=True)], 1.2)
    assert intent.skip == "right"
    plan.in_rule(0, (0.2,), "left", 1.3)
    plan.in_rule(0, (0.2,), "right", 1.4)
    (intent,) = plan.read([variable("gain", 0.2, controlled=True)], 1.5)
    assert intent.skip == "right"


def test_a_whole_number_on_the_board_is_what_was_set():
    plan = plan_of(OutRule("count", osc=OscOut("/c")), InRule("/c", var="count"))
    plan.in_rule(0, (2.6,), "fader", 0.0)
    (intent,) = plan.read([variable("count", 3.0, controlled=True)], 0.1)
    assert intent.skip == "fader"


def test_between_a_set_and_its_list_the_program_is_not_believed():
    plan = echoing()
    plan.in_rule(0, (0.5,), "fader", 1.0)
    assert plan.block(monitor("gain", 0.1), 1.01) == []
    assert plan.read([variable("gain", 0.1)], 1.02) == []  # asked for before the set
    (intent,) = plan.read([variable("gain", 0.5, controlled=True)], 1.03)
    assert (intent.value, intent.skip) == (0.5, "fader")
    assert plan.read([variable("gain", 0.1)], 5.0) != []  # somebody gave it back
    assert values(plan.block(monitor("gain", 0.2), 5.1)) == [np.float32(0.2)]


def test_a_program_that_takes_its_value_back_tells_everybody():
    plan = echoing()
    plan.in_rule(0, (0.5,), "fader", 1.0)
    plan.read([variable("gain", 0.5, controlled=True)], 1.1)
    plan.read([variable("gain", 0.25)], 5.0)
    (intent,) = plan.block(monitor("gain", 0.5), 5.1)
    assert intent.skip is None


def test_a_filtered_input_keeps_its_origin():
    plan = plan_of(
        OutRule("gain", osc=OscOut("/g")), InRule("/g", var="gain", shape=Shape(smooth=OnePole(0.05)))
    )
    plan.in_rule(0, (0.0,), "fader", 0.0)
    plan.in_rule(0, (1.0,), "fader", 1.0)
    (moved,) = plan.tick(plan.due())
    assert 0 < moved.value < 1
    (intent,) = plan.read([variable("gain", moved.value, controlled=True)], 1.1)
    assert intent.skip == "fader"


def test_a_value_of_the_program_in_between_is_seen_by_the_one_who_set():
    plan = echoing()
    plan.in_rule(0, (0.5,), "fader", 1.0)
    plan.read([variable("gain", 0.5, controlled=True)], 1.1)
    plan.bind([])
    plan.bind(table())  # the program has restarted, and nobody controls it
    plan.block(monitor("gain", 0.75), 5.0)
    (intent,) = plan.read([variable("gain", 0.5, controlled=True)], 6.0)
    assert intent.skip is None


def test_an_older_value_that_others_replaced_is_not_the_setters_any_more():
    plan = echoing()
    plan.in_rule(0, (0.25,), "left", 1.0)
    plan.in_rule(0, (0.75,), "right", 1.1)
    plan.read([variable("gain", 0.75, controlled=True)], 1.2)
    (intent,) = plan.read([variable("gain", 0.25, controlled=True)], 2.0)  # by somebody else
    assert intent.skip is None


def told(name, value, frame=0):
    """A monitor of a board of protocol 2: what the program reads."""
    block = monitor(name, value)
    block.reads, block.frame = True, frame
    return block


def test_what_a_monitor_reads_goes_out_while_controlled_and_only_when_new():
    plan = plan_of(OutRule("gain", osc=OscOut("/g")), OutRule("gain", Take.MAX, osc=OscOut("/m")))
    plan.read([variable("gain", 0.5, controlled=True)], 0.0, first=True)
    assert plan.block(told("gain", 0.5), 1.0) == []
    both = plan.block(told("gain", 0.25, 44), 2.0)
    assert [(i.osc.address, i.value, i.frame) for i in both] == [("/g", 0.25, 44), ("/m", 0.25, 44)]
    assert plan.block(told("gain", 0.25), 3.0) == []
    assert plan.read([variable("gain", 0.25, controlled=True)], 4.0) == [], "and a list says no more"
    assert plan.block(monitor("gain", 0.7), 5.0) == [], "the program's own is another matter"


def test_what_a_monitor_reads_does_not_go_back_to_who_set_it():
    plan = plan_of(OutRule("gain", osc=OscOut("/g")), InRule("/gain", var="gain"))
    plan.read([variable("gain", 0.5, controlled=True)], 0.0, first=True)
    (intent,) = plan.in_rule(0, (0.75,), "me", 1.0)
    assert isinstance(intent, SetValue)
    assert plan.block(told("gain", 0.5), 1.01) == [], "on its way before the set"
    (back,) = plan.block(told("gain", 0.75), 1.02)
    assert (back.value, back.skip) == (0.75, "me")
    (elsewhere,) = plan.block(told("gain", 0.1), 9.0)
    assert elsewhere.skip is None


def test_what_a_monitor_reads_of_a_free_variable_is_fed_once():
    plan = plan_of(OutRule("gain", osc=OscOut("/g")))
    plan.read(table(), 0.0, first=True)
    assert values(plan.block(told("gain", 0.5), 1.0)) == [0.5]
    assert plan.block(told("gain", 0.5), 2.0) == []
