"""What makes a whole rule impossible is told by whoever is asked, at the rule's place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belabridge.errors import ConfigError
from belabridge.mapping.expr import problem
from belabridge.mapping.plan import Plan
from belabridge.mapping.problems import rule_problem
from belabridge.settings.load import parse
from belabridge.values import TimestampMode, Variable, VarType

CONFIG = "out:\n- {var: a}\n- {var: b}\nin:\n- {osc: /a, var: a}\n- {osc: /b, var: b}\n"


def test_every_impossible_rule_is_a_fault_at_its_place():
    with pytest.raises(ConfigError) as caught:
        parse(CONFIG, "f", check_rule=lambda rule: "impossible" if rule.var == "b" else None)
    assert [str(fault) for fault in caught.value.faults] == ["f:3:3: impossible", "f:6:3: impossible"]


def test_without_anything_to_say_the_config_is_good():
    assert len(parse(CONFIG, "f", check_rule=lambda _rule: None).out or ()) == 2


NUMBERS = st.sampled_from(
    [".inf", "-.inf", ".nan", "1e999", "1.0e-310", "5.0e-324", "3.0e38", "-3.0e38", "0", "-0.0", "1", "0.5"]
)
RANGES = st.tuples(NUMBERS, NUMBERS).map(lambda two: f"[{two[0]}, {two[1]}]")
CURVES = NUMBERS | st.sampled_from(["lin", "exp", "log"])
WORDS = st.fixed_dictionaries(
    {},
    optional={
        "expr": NUMBERS | st.sampled_from(["x", "1/0", "x**x", "'1e999'"]),
        "rate": NUMBERS,
        "scale": st.tuples(RANGES, RANGES, CURVES).map(
            lambda s: f"{{from: {s[0]}, to: {s[1]}, curve: {s[2]}}}"
        ),
        "clip": RANGES | st.just("true"),
        "round": NUMBERS,
        "deadband": NUMBERS,
        "smooth": NUMBERS,
        "take": st.sampled_from(["value", "mean", "all"]),
    },
)


@given(WORDS)
@settings(max_examples=500, deadline=None)
def test_what_is_accepted_can_be_planned(words):
    text = "out:\n- {var: a, " + ", ".join(f"{key}: {value}" for key, value in words.items()) + "}\n"
    try:
        config = parse(text, "f", check_expr=problem, check_rule=rule_problem)
    except ConfigError:
        return
    plan = Plan(config.out or (), ())
    table = {"a": Variable("a", 0, VarType.FLOAT, TimestampMode.DENSE, 0.0, 0.0)}
    for sample_rate_hz in (1.0, 44_100.0, 1e308):
        for need in plan.needs(sample_rate_hz, table).values():
            assert 0 <= need.monitor_period_frames < 2**31
