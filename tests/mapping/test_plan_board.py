"""What a plan needs of a board, what it tells of itself, and what it refuses."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning import measured, monitor, out, plan_of, stream, table, variable

from belabridge.errors import UsageError
from belabridge.mapping.plan import Need, Plan
from belabridge.mapping.problems import rule_problem
from belabridge.rules import InRule, OneEuro, OnePole, OscOut, OutRule, Scale, Shape, Take
from belabridge.values import Block, VarType


def test_needs():
    rules = [
        OutRule("pot", rate_hz=50.0),
        OutRule("pot", rate_hz=100.0),
        OutRule("mic", Take.RMS, 30.0),
        OutRule("mic", Take.VALUE, 30.0),
        OutRule("gain", Take.ALL, None),
        OutRule("count", Take.LAST, 30.0),
        OutRule("absent"),
    ]
    plan = Plan(rules, [InRule("/x", var="other")])
    there = {v.name: v for v in table()}
    assert plan.needs(44100.0, there) == {
        "pot": Need(watch=False, monitor_period_frames=441),
        "mic": Need(watch=True, monitor_period_frames=1470, latency_frames=1102),
        "gain": Need(watch=True, monitor_period_frames=0, latency_frames=1102),
        "count": Need(watch=True, monitor_period_frames=0, latency_frames=1102),
    }
    assert plan.missing(there) == ["absent", "other"]


@given(st.floats(0.01, 1e6), st.sampled_from([22050.0, 44100.0, 48000.0, 96000.0]))
def test_a_period_is_never_a_one_shot_and_never_faster_than_the_rate(rate_hz, sample_rate):
    need = Plan([OutRule("pot", rate_hz=rate_hz)], []).needs(sample_rate, {"pot": variable("pot")})["pot"]
    assert need.monitor_period_frames >= 2
    assert sample_rate / need.monitor_period_frames <= rate_hz * (1 + 1e-9) or need.monitor_period_frames == 2


def test_a_monitor_that_drifts_against_our_clock_is_passed_on_as_it_comes():
    plan = plan_of(out(Shape(), rate=50.0))
    for i in range(20_000):  # the board's clock is 100 ppm fast
        assert len(plan.block(monitor("pot", i), i * 0.02 / 1.0001)) == 1
    assert plan.due() is None


def test_new_ids_after_a_restart():
    plan = plan_of(out(Shape()), OutRule("gain", osc=OscOut("/g")))
    plan.bind([variable("gain", number=0), variable("pot", number=1)])
    assert [i.osc.address for i in plan.block(monitor("pot", 1.0), 0.0)] == ["/g"]  # id 0 is gain now
    plan.bind([variable("pot", number=2)])
    assert plan.block(monitor("pot", 1.0), 1.0) == []
    out_status, _ = measured(plan, 1.0)
    assert [s.missing for s in out_status] == [False, True]


def test_blocks_of_unknown_ids_and_empty_ones_are_nothing():
    plan = plan_of(out(Shape(), Take.MAX))
    assert plan.block(Block(99, VarType.FLOAT, 0, np.zeros(1, "<f4"), None, monitored=False), 0.0) == []
    assert plan.block(stream("pot", []), 0.0) == []


def test_value_of_an_address():
    plan = plan_of(
        out(Shape(scale=Scale((0, 1), (0, 10)))), InRule("/i", var="gain", shape=Shape(expr="x/2"))
    )
    assert plan.value_of("/o") is None
    plan.block(monitor("pot", 0.5), 0.0)
    plan.in_rule(0, (3.0,), "me", 0.0)
    assert plan.value_of("/o") == 5.0
    assert plan.value_of("/i") == 3.0
    assert plan.value_of("/nowhere") is None


ASKED = {
    # the rule's shape, what the program reads: what its address says
    "as it is": (Shape(), 0.25, 0.25),
    "scaled back": (Shape(scale=Scale((0, 127), (0, 1))), 0.5, 63.5),
    "along a curve": (Shape(scale=Scale((0, 1), (20, 20480), "exp")), 640.0, 0.5),
    "turned around": (Shape(invert=True), 0.25, 0.75),
    "clipped": (Shape(scale=Scale((0, 127), (0, 1)), clip=(0, 1)), 1.0, 127.0),
    "beyond what it can say": (Shape(scale=Scale((0, 127), (0, 1)), clip=(0, 1)), 3.0, None),
    "no way back": (Shape(expr="mtof(x)"), 440.0, None),
}


@pytest.mark.parametrize(("shape", "reads", "says"), ASKED.values(), ids=ASKED)
def test_an_input_says_the_number_that_makes_the_variable_what_it_is(shape, reads, says):
    plan = plan_of(InRule("/i", var="gain", shape=shape))
    assert plan.value_of("/i") is None
    plan.read([variable("gain", reads)], 0.0, first=True)
    assert plan.value_of("/i") == (says if says is None else pytest.approx(says))


def test_a_value_that_came_in_is_said_until_it_is_changed_elsewhere():
    plan = plan_of(InRule("/note", var="gain", shape=Shape(expr="mtof(x)")), InRule("/b", var="gain"))
    plan.in_rule(0, (69.0,), "me", 0.0)
    assert (plan.value_of("/note"), plan.value_of("/b")) == (69.0, 440.0)
    plan.in_rule(1, (0.9,), "me", 1.0)
    assert (plan.value_of("/note"), plan.value_of("/b")) == (None, 0.9)
    plan.read([variable("gain", 0.25, controlled=True)], 9.0)
    assert plan.value_of("/b") == 0.25


def test_the_newest_that_is_known_of_a_variable_is_current():
    plan = plan_of(out(Shape()))
    assert plan.current("pot") is None
    plan.block(monitor("pot", 0.5), 0.0)
    assert plan.current("pot") == 0.5
    assert plan.current("nobody") is None


def test_status_counts_and_rates():
    plan = plan_of(out(Shape()), InRule("/i", var="gain"))
    plan.read([], 0.0)
    for i in range(100):
        plan.block(monitor("pot", i), i * 0.02)
        plan.in_rule(0, (float(i),) if i % 2 else ("x",), "me", i * 0.02)
    (o,), (p,) = measured(plan, 2.0)
    assert (o.value, o.count, o.per_s) == (99.0, 100, 50.0)
    assert (p.value, p.count, p.per_s, p.refused) == (99.0, 100, 50.0, 50)
    assert measured(plan, 2.5)[0][0].per_s == 50.0
    assert measured(plan, 4.0)[0][0].per_s == 0.0


IMPOSSIBLE = [
    (OutRule("v", rate_hz=None), "needs a rate"),
    (OutRule("v", rate_hz=0.0), "at least 0.001 Hz"),
    (OutRule("v", rate_hz=math.inf), "at least 0.001 Hz"),
    (OutRule("v", Take.ALL, None, Shape(smooth=OnePole(1.0))), "take: all"),
    (OutRule("v", Take.ALL, None, Shape(on_change=True)), "take: all"),
    (OutRule("v", osc=OscOut("/v", form="blob")), "blob"),
    (OutRule("v", shape=Shape(expr="y")), "at column 1"),
    (OutRule("v", shape=Shape(scale=Scale(curve="exp"))), "cannot reach 0"),
    (OutRule("v", shape=Shape(clip=(1, 0))), "exchange"),
    (OutRule("v", shape=Shape(round=0.0)), "above 0"),
    (OutRule("v", shape=Shape(deadband=-1.0)), "deadband"),
    (OutRule("v", shape=Shape(deadband=math.nan)), "deadband"),
    (OutRule("v", shape=Shape(smooth=OnePole(0.0))), "time above 0"),
    (OutRule("v", shape=Shape(smooth=OneEuro(min_cutoff_hz=0.0))), "one_euro"),
    (InRule("/v"), "either var or buffer"),
    (InRule("/v", var="v", buffer=0), "either var or buffer"),
    (InRule("/v", buffer=0, shape=Shape(deadband=1.0)), "buffer"),
]


@pytest.mark.parametrize(("rule", "words"), IMPOSSIBLE)
def test_impossible_rules_say_why(rule, words):
    assert words in (rule_problem(rule) or "")
    with pytest.raises(UsageError, match=r"^(v|/v): "):
        plan_of(rule)
