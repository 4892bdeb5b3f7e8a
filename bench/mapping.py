"""What the plan costs: 46 rms rules per block, values, and messages in, beside the floor of the same run."""

from __future__ import annotations

import statistics
import timeit

import numpy as np

from belabridge.mapping.plan import Plan
from belabridge.rules import InRule, OscOut, OutRule, Scale, Shape, Take
from belabridge.values import Block, TimestampMode, Variable, VarType
from bench.figure import Figure

VARIABLES = 46
FRAMES = 1024
SAMPLE_RATE = 44100.0
REPEATS = 7


def median_ns(function, number):
    return statistics.median(timeit.repeat(function, number=number, repeat=REPEATS)) / number * 1e9


def table():
    return [Variable(f"v{i}", i, VarType.FLOAT, TimestampMode.DENSE, 0.0, 0.0) for i in range(VARIABLES)]


def blocks(n, *, monitored):
    rng = np.random.default_rng(1)
    data = [rng.standard_normal(n).astype("<f4") for _ in range(VARIABLES)]
    return [Block(i, VarType.FLOAT, 0, values, None, monitored) for i, values in enumerate(data)]


def rms_ns():
    """46 streams through 46 rms rules at 30 Hz, ticks included: ns a block, the floor's, and messages/s."""
    shape = Shape(scale=Scale((0, 1), (0, 127)), clip=(0, 127))
    plan = Plan([OutRule(v.name, Take.RMS, 30.0, shape, OscOut(f"/{v.name}")) for v in table()], [])
    plan.bind(table())
    streams = blocks(FRAMES, monitored=False)
    rounds = round(SAMPLE_RATE / FRAMES)
    clock = [0.0]
    sent = [0]

    def second():
        now = clock[0]
        for _ in range(rounds):
            now += FRAMES / SAMPLE_RATE
            while (due := plan.due()) is not None and due <= now:
                sent[0] += len(plan.tick(due))
            for block in streams:
                sent[0] += len(plan.block(block, now))
        clock[0] = now

    def floor():
        for _ in range(rounds):
            for block in streams:
                np.dot(block.values, block.values)

    count = rounds * VARIABLES
    cost, least = median_ns(second, 5) / count, median_ns(floor, 5) / count
    return cost, least, sent[0] / clock[0] / VARIABLES


def value_ns():
    plan = Plan([OutRule(v.name, osc=OscOut(f"/{v.name}")) for v in table()], [])
    plan.bind(table())
    monitors = blocks(1, monitored=True)
    clock = [0.0]

    def all_values():
        clock[0] += 0.02
        for block in monitors:
            plan.block(block, clock[0])

    return median_ns(all_values, 200) / VARIABLES


def message_ns():
    shape = Shape(scale=Scale((0, 127), (0, 1)), clip=(0, 1))
    plan = Plan([], [InRule(f"/v{i}", var=f"v{i % VARIABLES}", shape=shape) for i in range(1000)])
    plan.bind(table())

    def all_messages():
        for index in range(1000):
            plan.in_rule(index, (64.0,), "me", 0.0)

    return median_ns(all_messages, 10) / 1000


def measure(*, quick=False):
    del quick  # it takes a few seconds
    cost, floor, _ = rms_ns()
    return [
        Figure(
            "the plan: rms, scale and rate of a block",
            f"{cost / 1000:.2f} µs",
            f"{floor / 1000:.2f} µs",
            f"{cost / floor:.2f}",
        ),
        Figure("  one monitored value", f"{value_ns() / 1000:.2f} µs"),
        Figure("  one message in, 1000 rules", f"{message_ns() / 1000:.2f} µs"),
    ]
