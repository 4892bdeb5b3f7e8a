"""Whatever happens: only finite values go out, and it comes to rest."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from planning import NAMES, WORDS, monitor, plan_of, stream, variable

from belabridge.mapping.intents import Refused, SendOsc
from belabridge.mapping.problems import rule_problem
from belabridge.rules import InRule, OneEuro, OnePole, OscOut, OutRule, Shape, Take

shapes = st.sampled_from(
    [shape for shape, _, _ in WORDS.values()]
    + [Shape(expr="1/x"), Shape(smooth=OnePole(0.05)), Shape(smooth=OneEuro(), round=0.5, on_change=True)]
)
out_rules = st.builds(
    lambda var, take, rate, shape: OutRule(var, take, rate, shape, OscOut("/" + var)),
    st.sampled_from(NAMES),
    st.sampled_from(Take),
    st.sampled_from([1.0, 30.0, 500.0]),
    shapes,
)
in_rules = st.builds(
    lambda var, rate, shape: InRule("/in/" + var, var=var, shape=shape, rate_hz=rate),
    st.sampled_from(NAMES),
    st.sampled_from([None, 10.0]),
    shapes,
)
numbers = st.one_of(st.floats(width=32), st.integers(-5, 5))
events = st.one_of(
    st.tuples(st.just("monitor"), st.sampled_from(NAMES), st.floats(width=32)),
    st.tuples(
        st.just("stream"), st.sampled_from(NAMES), st.lists(st.floats(width=32), min_size=1, max_size=5)
    ),
    st.tuples(st.just("read"), st.sampled_from(NAMES), st.floats(), st.booleans(), st.booleans()),
    st.tuples(st.just("in"), st.lists(st.one_of(numbers, st.text(), st.none(), st.binary()), max_size=3)),
    st.tuples(st.just("wait"), st.floats(0, 1)),
)


def happen(plan, kind, what, now):
    match kind, *what:
        case "monitor", name, value:
            return plan.block(monitor(name, held(name, value)), now)
        case "stream", name, samples:
            return plan.block(stream(name, held(name, samples)), now)
        case "read", name, value, controlled, first:
            return plan.read([variable(name, value, controlled=controlled)], now, first=first)
        case "in", args:
            return [i for index in range(len(plan.in_)) for i in plan.in_rule(index, args, "me", now)]
        case _:
            return plan.tick(now)


def held(name, x):
    """``count`` is an int on the board."""
    return np.nan_to_num(np.clip(x, -1e9, 1e9)).astype(int).tolist() if name == "count" else x


@given(st.lists(out_rules, max_size=4), st.lists(in_rules, max_size=3), st.lists(events, max_size=30))
def test_only_finite_values_go_out_and_it_comes_to_rest(outs, ins, happenings):
    plan = plan_of(*[r for r in (*outs, *ins) if rule_problem(r) is None])
    now = 0.0
    intents = []
    for kind, *what in happenings:
        now += what[0] if kind == "wait" else 0.005
        intents += happen(plan, kind, what, now)
    for _ in range(20_000):
        if plan.due() is None:
            break
        now = max(now, plan.due())
        intents += plan.tick(now)
    assert plan.due() is None
    for intent in intents:
        if isinstance(intent, SendOsc) and intent.value is None:
            assert np.isfinite(intent.values).all()
        elif not isinstance(intent, Refused):
            assert math.isfinite(intent.value)
