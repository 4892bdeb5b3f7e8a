"""A board of four variables, rules for it, and what it sends; and a table for each word of a shape."""

import numpy as np

from belabridge.mapping.intents import SendOsc, SetValue
from belabridge.mapping.plan import Plan
from belabridge.rules import InRule, OscOut, OutRule, Scale, Shape, Take
from belabridge.values import Block, TimestampMode, Variable, VarType

NAMES = ("pot", "mic", "gain", "count")
KINDS = (VarType.FLOAT, VarType.FLOAT, VarType.FLOAT, VarType.INT)
DTYPES = {
    VarType.FLOAT: "<f4",
    VarType.INT: "<i4",
    VarType.DOUBLE: "<f8",
    VarType.UINT: "<u4",
    VarType.CHAR: "<i1",
}


def variable(name, value=0.0, *, controlled=False, kind=None, number=None):
    number = NAMES.index(name) if number is None else number
    kind = KINDS[NAMES.index(name)] if kind is None else kind
    return Variable(name, number, kind, TimestampMode.DENSE, value, value, controlled=controlled)


def table():
    return [variable(name) for name in NAMES]


def plan_of(*rules):
    plan = Plan([r for r in rules if isinstance(r, OutRule)], [r for r in rules if isinstance(r, InRule)])
    plan.bind(table())
    return plan


def monitor(name, value, frame=0):
    kind = KINDS[NAMES.index(name)]
    return Block(NAMES.index(name), kind, frame, np.array([value], DTYPES[kind]), None, monitored=True)


def stream(name, values, frame=0, relative=None):
    kind = KINDS[NAMES.index(name)]
    return Block(NAMES.index(name), kind, frame, np.array(values, DTYPES[kind]), relative, monitored=False)


def measured(plan, now):
    """The status of the rules, with rates measured now."""
    plan.measure(now)
    return plan.status()


def values(intents):
    return [i.value for i in intents if isinstance(i, SendOsc | SetValue)]


def out(shape, take=Take.VALUE, rate=1000.0, **more):
    return OutRule("pot", take, rate, shape, OscOut("/o"), **more)


# Each word: (shape, what the board sends, what goes out). One value every 20 ms, ticks at their deadlines.
WORDS = {
    "nothing": (Shape(), [0.5, 0.5, 1.0], [0.5, 0.5, 1.0]),
    "expr": (Shape(expr="x*2+1"), [0.0, 0.5], [1.0, 2.0]),
    "scale": (Shape(scale=Scale((0, 1), (0, 127))), [0.0, 0.5, 1.0, 2.0], [0.0, 63.5, 127.0, 254.0]),
    "scale exp": (Shape(scale=Scale((0, 1), (20, 20000), "exp")), [0.0, 1.0], [20.0, 20000.0]),
    "invert": (Shape(invert=True), [0.0, 0.25, 1.0], [1.0, 0.75, 0.0]),
    "invert scaled": (Shape(scale=Scale((0, 1), (0, 10)), invert=True), [0.0, 0.25], [10.0, 7.5]),
    "clip": (Shape(clip=(0.0, 1.0)), [-1.0, 0.5, 2.0], [0.0, 0.5, 1.0]),
    "expr before scale": (Shape(expr="x+1", scale=Scale((0, 2), (0, 100))), [0.0, 1.0], [50.0, 100.0]),
    "scale before clip": (Shape(scale=Scale((0, 1), (0, 10)), clip=(0, 5)), [0.25, 1.0], [2.5, 5.0]),
    "invert before clip": (Shape(invert=True, clip=(0.5, 1)), [0.0, 1.0], [1.0, 0.5]),
    "round": (Shape(round=1.0), [0.25, 0.75, 2.5], [0.0, 1.0, 2.0]),
    "clip before round": (Shape(clip=(0, 2.5), round=1.0), [1.75, 9.0], [2.0, 2.0]),
    "deadband": (Shape(deadband=0.25), [0.0, 0.125, 0.25, 0.375, 0.5, 0.5], [0.0, 0.25, 0.5]),
    "deadband is exact": (Shape(expr="x/10", deadband=0.1), [2.0, 3.0], [0.2, 0.3]),
    "deadband after scale": (
        Shape(scale=Scale((0, 1), (0, 100)), deadband=20),
        [0.0, 0.125, 0.25],
        [0.0, 25.0],
    ),
    "on_change": (Shape(on_change=True), [1.0, 1.0, 2.0, 1.0, 1.0], [1.0, 2.0, 1.0]),
    "round before on_change": (Shape(round=1.0, on_change=True), [0.75, 1.25, 1.75], [1.0, 2.0]),
}
