"""Values on their way: at a pace, the latest of each, and no edge lost."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from belabridge.board.setter import EDGES_WAIT, MESSAGE_S, Setter
from waiting import until


@pytest.fixture
def sent():
    return []


@pytest.fixture
async def setter(sent):
    made = Setter(lambda values: sent.append(dict(values)))
    yield made
    made.stop()


async def test_a_burst_leaves_as_its_latest_values(setter, sent):
    for value in range(100):
        setter.set("a", value)
        setter.set("b", -value)
    await until(lambda: sent)
    assert sent == [{"a": 99, "b": -99}]


async def test_a_gate_that_closes_and_opens_at_once_is_seen_to_do_so(setter, sent):
    for pitch in (60.0, 62.0):
        setter.set("pitch", pitch)
        setter.edge("gate", 1.0)
        setter.edge("gate", 0.0)
    await until(lambda: len(sent) == 4)
    assert sent == [
        {"pitch": 60.0, "gate": 1.0},
        {"gate": 0.0, "pitch": 62.0},
        {"gate": 1.0},
        {"gate": 0.0},
    ]


async def test_the_same_edge_twice_is_one(setter, sent):
    setter.edge("gate", 1.0)
    setter.edge("gate", 1.0)
    setter.set("done", 1.0)
    await until(lambda: sent)
    assert sent == [{"gate": 1.0, "done": 1.0}]


async def test_a_machine_that_trills_waits_only_so_long_and_ends_right(setter, sent):
    for value in range(1000):
        setter.edge("gate", value)
    await until(lambda: len(sent) == EDGES_WAIT + 1)
    assert sent[-1] == {"gate": 999}


async def test_turns_are_at_least_a_pace_apart(setter):
    loop, times = asyncio.get_running_loop(), []
    setter._send = lambda _values: times.append(loop.time())
    for value in range(5):
        setter.edge("gate", value)
    await until(lambda: len(times) == 5)
    assert min(b - a for a, b in pairwise(times)) >= MESSAGE_S * 0.99


async def test_what_is_forgotten_or_stopped_is_not_sent(setter, sent):
    setter.edge("gate", 1.0)
    setter.edge("gate", 0.0)
    setter.set("a", 1.0)
    setter.forget(["gate"])
    await until(lambda: sent)
    assert sent == [{"a": 1.0}]
    setter.stop()
    setter.edge("gate", 1.0)
    assert setter._timer is None
