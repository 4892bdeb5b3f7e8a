"""A plan that replaces another one: what both have goes on as it was."""

from planning import monitor, plan_of, table, values, variable

from belabridge.mapping.plan import Plan
from belabridge.rules import InRule, OnePole, OscOut, OutRule, Shape

POT = OutRule("pot", shape=Shape(on_change=True), osc=OscOut("/p"))
GAIN = OutRule("gain", osc=OscOut("/g"))
SMOOTH = OutRule("mic", shape=Shape(smooth=OnePole(1.0)), osc=OscOut("/m"))


def heir(old, *rules):
    plan = Plan(
        [r for r in rules if isinstance(r, OutRule)], [r for r in rules if isinstance(r, InRule)], old
    )
    plan.bind(table())
    return plan


def test_only_what_is_new_goes_out_at_once():
    old = plan_of(POT)
    old.read(table(), 0.0, first=True)
    new = heir(old, GAIN, POT)
    intents = new.read(table(), 1.0, first=True, only_new=True)
    assert [(i.osc.address, i.rule_index) for i in intents] == [("/g", 0)]


def test_a_rule_keeps_its_memory_at_its_new_place():
    old = plan_of(POT)
    assert values(old.block(monitor("pot", 0.5), 0.0)) == [0.5]
    new = heir(old, GAIN, POT)
    assert new.block(monitor("pot", 0.5), 1.0) == [], "on_change remembers"
    (intent,) = new.block(monitor("pot", 0.75), 2.0)
    assert (intent.value, intent.rule_index) == (0.75, 1)
    assert new.status()[0][1].count == 2


def test_a_filter_goes_on_where_it_was():
    old = plan_of(SMOOTH)
    old.block(monitor("mic", 0.0), 0.0)
    old.block(monitor("mic", 1.0), 0.1)
    new = heir(old, SMOOTH)
    assert new.due() == old.due()
    (value,) = values(new.block(monitor("mic", 1.0), 0.2))
    assert 0.0 < value < 0.5


def test_who_set_a_variable_is_not_forgotten():
    setting = InRule("/g", var="gain")
    old = plan_of(GAIN, setting)
    old.in_rule(0, [0.5], "pd", 0.0)
    new = heir(old, GAIN, setting, POT)
    (intent,) = new.read([variable("gain", 0.5, controlled=True)], 0.1)
    assert intent.skip == "pd"


def test_a_rule_that_changed_begins_anew():
    old = plan_of(POT)
    old.block(monitor("pot", 0.5), 0.0)
    new = heir(old, OutRule("pot", shape=Shape(on_change=True, invert=True), osc=OscOut("/p")))
    assert values(new.block(monitor("pot", 0.5), 1.0)) == [0.5]


def test_the_same_rule_twice_is_two_rules():
    old = plan_of(POT, POT)
    new = heir(old, POT, POT, POT)
    assert len(new.read(table(), 0.0, first=True, only_new=True)) == 1
