"""What the arguments of messages become."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning import monitor, out, plan_of, variable

from belabridge.mapping.ins import EVERY_TYPE_TAKES
from belabridge.mapping.intents import REASONS, Refused, SetValue
from belabridge.rules import InRule, OnePole, OscOut, OutRule, Scale, Shape
from belabridge.values import VarType

ARGUMENTS = [
    ((0.5,), 0.5),
    ((3,), 3.0),
    ((True,), 1.0),
    ((False,), 0.0),
    (("0.25",), 0.25),
    (("gain", 2), 2.0),
    ((None, b"x", 4.5, 9.0), 4.5),
    (("loud",), "osc.wrong_type"),
    ((None,), "osc.wrong_type"),
    ((b"\x00\x00\x00\x00",), "osc.wrong_type"),
    (("1_0",), "osc.wrong_type"),
    (("x" * 10_000 + "\n",), "osc.wrong_type"),
    ((math.nan,), "mapping.not_finite"),
    ((math.inf,), "mapping.not_finite"),
    (("nan",), "mapping.not_finite"),
    ((10**400,), "mapping.not_finite"),
    ((), None),
]


@pytest.mark.parametrize(("args", "expected"), ARGUMENTS)
def test_arguments(args, expected):
    plan = plan_of(InRule("/i", var="gain"))
    intents = plan.in_rule(0, args, "me", 0.0)
    if expected is None:
        assert intents == []
    elif isinstance(expected, str):
        (refused,) = intents
        assert refused.reason == expected in REASONS
        assert len(refused.detail) < 120
        assert "\n" not in refused.detail
    else:
        assert intents == [SetValue(0, "gain", expected)]


@given(
    st.sampled_from(
        [Shape(), Shape(clip=(0, 1)), Shape(scale=Scale((0, 127), (20, 2e4), "exp")), Shape(expr="1/x")]
    ),
    st.floats(width=32),
    st.booleans(),
)
def test_the_short_way_ends_where_the_long_one_does(shape, x, there):
    short, long = (
        plan_of(InRule("/i", var="gain", shape=shape), OutRule("gain", osc=OscOut("/o"))) for _ in range(2)
    )
    if not there:
        for plan in (short, long):
            plan.bind([])
    name, pass_on = short.shortcut(0)
    value = pass_on(x, "me", 1.0)
    if value is None:  # nothing was done, so the long way is still open
        assert short.status() == long.status()
        (intent,) = long.in_rule(0, (x,), "me", 1.0)
        assert not there or isinstance(intent, Refused) or abs(intent.value) >= EVERY_TYPE_TAKES
        return
    assert there
    assert long.in_rule(0, (x,), "me", 1.0) == [SetValue(0, name, value)]
    listed = [variable("gain", np.float32(value).item(), controlled=True)]
    assert short.read(listed, 2.0) == long.read(listed, 2.0)
    assert short.status() == long.status()


@pytest.mark.parametrize(
    "rule",
    [
        InRule("/i", var="gain", rate_hz=10),
        InRule("/i", var="gain", shape=Shape(deadband=0.1)),
        InRule("/i", var="gain", shape=Shape(smooth=OnePole(0.1))),
        InRule("/i", buffer="table"),
    ],
)
def test_what_takes_time_or_many_values_has_no_short_way(rule):
    assert plan_of(rule).shortcut(0) is None


def test_a_clip_does_not_make_infinity_a_value():
    plan = plan_of(InRule("/i", var="gain", shape=Shape(clip=(0, 1))), out(Shape(clip=(0, 1))))
    assert isinstance(plan.in_rule(0, (math.inf,), "me", 0.0)[0], Refused)
    assert isinstance(plan.block(monitor("pot", math.inf), 0.0)[0], Refused)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((1, 2.5, True), [1.0, 2.5, 1.0]),
        ((np.array([1.0, -2.0], ">f4").tobytes(),), [1.0, -2.0]),
        ((b"abc",), "osc.wrong_type"),
        ((b"",), "osc.wrong_type"),
        ((1.0, "x"), "osc.wrong_type"),
        ((1.0, b"abcd"), "osc.wrong_type"),
        ((1.0, math.nan), "mapping.not_finite"),
        ((np.array([1.0, math.inf], ">f4").tobytes(),), "mapping.not_finite"),
        ((bytes.fromhex("7fa00001"),), "mapping.not_finite"),
    ],
)
def test_buffers(args, expected):
    (intent,) = plan_of(InRule("/play", buffer=2, buffer_type=VarType.INT)).in_rule(0, args, "me", 0.0)
    if isinstance(expected, str):
        assert intent.reason == expected
    else:
        assert (intent.buffer, intent.type, intent.values.tolist()) == (2, VarType.INT, expected)


def test_the_last_buffer_arrives():
    plan = plan_of(InRule("/play", buffer="table", rate_hz=10.0))
    sent = [i.values.tolist() for n in range(5) for i in plan.in_rule(0, (n,), "me", n * 0.001)]
    assert sent == [[0.0], [1.0]]
    (last,) = plan.tick(plan.due())
    assert last.values.tolist() == [4.0]
    assert plan.due() is None


def test_each_input_waits_for_its_own_turn():
    plan = plan_of(InRule("/a", var="gain", rate_hz=10.0), InRule("/b", var="pot", rate_hz=1.0))
    for index in (0, 1):
        for n in range(3):
            plan.in_rule(index, (n,), "me", 0.0)
    assert plan.tick(plan.due()) == [SetValue(0, "gain", 2.0)]
    assert plan.due() == 1.0
    assert plan.tick(1.0) == [SetValue(1, "pot", 2.0)]
