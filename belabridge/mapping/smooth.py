"""Filters in time for values that come when they come: one-pole and One-Euro."""

from __future__ import annotations

import math
from typing import Protocol

from belabridge.rules import OneEuro, OnePole

# Nobody hears the last ten-thousandth of a step: there the filter jumps to its target and rests.
REST_OF_STEP = 1e-4
# Around a target, float32 (what OSC carries) does not tell smaller distances apart.
FLOAT32_STEP = 2.0**-24


class Smoother(Protocol):
    """A filter in time.

    Between two values the last one holds, so the output goes on moving after the last value: ask ``advance``
    until ``settled``. The first value is taken as it is.
    """

    settled: bool

    def feed(self, x: float, now: float) -> float:
        """Take a new target; the output at ``now`` (seconds)."""
        ...

    def advance(self, now: float) -> float:
        """The output at ``now`` (seconds), with the target of before."""
        ...


def make_smoother(wish: OnePole | OneEuro, step_s: float) -> Smoother:
    """The filter for ``wish``, which is asked at least every ``step_s`` while it moves."""
    if isinstance(wish, OnePole):
        return OnePoleFilter(wish.time_s)
    return OneEuroFilter(wish, step_s)


class _Target:
    """Where a filter goes, and whether it is there."""

    __slots__ = ("_reach", "settled", "target", "y")

    def __init__(self) -> None:
        self.settled = True
        self.target = 0.0
        self.y = 0.0
        self._reach = 0.0  # the longest way since it last rested

    def aim(self, x: float) -> None:
        self.target = x
        self._reach = max(self._reach, abs(x - self.y))
        self._rest_when_near()

    def move(self, y: float) -> float:
        self.y = y
        self._rest_when_near()
        return self.y

    def _rest_when_near(self) -> None:
        near = max(REST_OF_STEP * self._reach, FLOAT32_STEP * abs(self.target))
        self.settled = abs(self.target - self.y) <= near
        if self.settled:
            self.y = self.target
            self._reach = 0.0


class OnePoleFilter(_Target):
    """``y' = (target - y) / time_s``, solved exactly over each stretch, however long or short it is.

    After ``time_s`` a step has covered 1 - 1/e of its way.
    """

    __slots__ = ("_now", "_time_s")

    def __init__(self, time_s: float) -> None:
        super().__init__()
        self._time_s = time_s
        self._now: float | None = None

    def feed(self, x: float, now: float) -> float:
        """Go on to ``now``, then aim at ``x``: the output does not jump."""
        if self._now is None:
            self._now = now
            self.y = x
        else:
            self.advance(now)
        self.aim(x)
        return self.y

    def advance(self, now: float) -> float:
        """The output at ``now``; a clock that goes back stands still."""
        if self._now is None or now <= self._now:
            return self.y
        left = math.exp((self._now - now) / self._time_s)
        self._now = now
        return self.move(self.target + (self.y - self.target) * left)


class OneEuroFilter(_Target):
    """Casiez, Roussel, Vogel 2012: a one-pole whose cutoff rises with the speed of the value.

    ``cutoff = min_cutoff + beta |speed|``, the speed itself low-passed at ``d_cutoff``; the factor of a step
    of ``dt`` is ``1 / (1 + 1 / (2 pi cutoff dt))``. A stretch longer than ``step_s`` counts as ``step_s``:
    the filter rested, and the silence says nothing about the speed of what comes after it.
    """

    __slots__ = ("_now", "_speed", "_step_s", "_wish")

    def __init__(self, wish: OneEuro, step_s: float) -> None:
        super().__init__()
        self._wish = wish
        self._step_s = step_s
        self._now: float | None = None
        self._speed = 0.0

    def feed(self, x: float, now: float) -> float:
        """Aim at ``x``, and the output at ``now``."""
        if self._now is None:
            self._now = now
            self.y = x
        self.aim(x)
        return self.advance(now)

    def advance(self, now: float) -> float:
        """The output at ``now``; a clock that goes back stands still."""
        if self._now is None or now <= self._now:
            return self.y
        dt = min(now - self._now, self._step_s)
        self._now = now
        wish = self._wish
        way = self.target - self.y
        self._speed += _factor(wish.d_cutoff_hz, dt) * (way / dt - self._speed)
        cutoff_hz = wish.min_cutoff_hz + wish.beta * abs(self._speed)
        y = self.move(self.y + _factor(cutoff_hz, dt) * way)
        if self.settled:
            self._speed = 0.0
        return y


def _factor(cutoff_hz: float, dt: float) -> float:
    turns = math.tau * cutoff_hz * dt
    return turns / (turns + 1.0) if turns < math.inf else 1.0
