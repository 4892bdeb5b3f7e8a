"""How each variable has to come from the board for its rules: streamed, monitored, and how soon."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from belabridge.mapping.take import STATISTICS
from belabridge.rules import Take
from belabridge.values import TimestampMode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.rules import OutRule
    from belabridge.values import Variable

LONGEST_PERIOD_FRAMES = 2**31 - 1  # 13 hours, in the integers of every board
SHORTEST_PERIOD_FRAMES = 2  # to the board a period of 1 is a single value, and 0 ends the monitor
# A full block of audio-rate floats takes 23.2 ms at 44.1 kHz: so long a slow variable may take as well, and
# what is fast costs no more messages than it must.
DENSE_LATENCY_S = 0.025
# A sparse variable is mostly an event, which somebody hears; at audio rate a full sparse block takes 11.6 ms.
SPARSE_LATENCY_S = 0.010
# Of a statistic's period: each has fresh samples, though our clock and the board's differ. At the default of
# 30 a second, it is what a dense variable takes anyway.
OF_A_PERIOD = 0.75
LONGEST_LATENCY_S = 0.1  # of a slow statistic: its samples are of its own period, nearly all of them


@dataclass(frozen=True, slots=True)
class Need:
    """How a variable has to come from the board.

    Attributes:
        watch: stream every sample.
        monitor_period_frames: one value every so many frames; 0 for none.
        latency_frames: a sample should not wait longer on the board; 0 when none is streamed.
    """

    watch: bool
    monitor_period_frames: int
    latency_frames: int = 0


def needs(out: Sequence[OutRule], sample_rate: float, variables: Mapping[str, Variable]) -> dict[str, Need]:
    """What some rules need of a board's variables; those that it lacks or nobody needs are absent.

    Of several rates of one variable the fastest counts. A period is rounded up: the board is never faster
    than the rate says.
    """
    periods: dict[str, int] = {}
    latencies: dict[str, float] = {}
    for rule in out:
        variable = variables.get(rule.var)
        by_value = rule.variables if rule.take is Take.VALUE else rule.variables[1:]
        if variable is not None and (rule.take is Take.ALL or rule.take in STATISTICS):
            latency_s = _latency_s(rule, variable)
            latencies[rule.var] = min(latency_s, latencies.get(rule.var, latency_s))
        if rule.rate_hz is None:
            continue
        frames = min(sample_rate / rule.rate_hz, LONGEST_PERIOD_FRAMES)
        period = max(SHORTEST_PERIOD_FRAMES, math.ceil(frames * (1.0 - 1e-12)))
        for name in by_value:
            if name != rule.var or rule.take is Take.VALUE:
                periods[name] = min(period, periods.get(name, period))
    names = dict.fromkeys(name for rule in out for name in rule.variables if name in variables)
    return {
        name: Need(
            name in latencies,
            periods.get(name, 0),
            max(1, math.floor(latencies[name] * sample_rate)) if name in latencies else 0,
        )
        for name in names
    }


def _latency_s(rule: OutRule, variable: Variable) -> float:
    """How long a sample may wait for its block to be full."""
    if rule.take is Take.ALL or rule.rate_hz is None:
        return SPARSE_LATENCY_S if variable.mode is TimestampMode.SPARSE else DENSE_LATENCY_S
    return min(LONGEST_LATENCY_S, OF_A_PERIOD / rule.rate_hz)
