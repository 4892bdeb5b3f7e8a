"""One value's way in time: smoothing, rounding, change and rate, with all the memory that a rule has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from belabridge.mapping.change import Change
from belabridge.mapping.function import IDENTITY
from belabridge.mapping.limit import Limit
from belabridge.mapping.smooth import make_smoother

if TYPE_CHECKING:
    from collections.abc import Hashable

    from belabridge.mapping.function import Function
    from belabridge.rules import Shape

# Deadlines this near to each other share one wake-up; 2 ms is a tenth of the interval at the usual 50 Hz.
COALESCE_S = 0.002
# A filter without a rate moves in steps that a control of a synthesizer takes for smooth.
FREE_STEP_S = 0.01
# A moving filter is asked when a value comes; the timer steps in when that is this many steps late.
LATE_STEPS = 1.5


class Way:
    """Decides when which value goes.

    A value goes at once when change and rate allow it. Otherwise the newest one waits until ``deadline``, and
    ``tick`` gives it then: so the last value always arrives. While a filter moves, ``tick`` gives its output.

    Attributes:
        value: the last value that went; None before the first.
        origin: where that value came from.
        frame: its audio frame.
        deadline: when ``tick`` has something to do; infinity when nothing waits.
        opens: from when on the rate lets a message go.
        offered: values that came as far as change and rate; a filter makes its own while it moves.
        sent: of these, what went.
        superseded: what a newer one replaced before the rate let it go.
        unchanged: what the deadband or on_change held back.
    """

    __slots__ = (
        "_change",
        "_limit",
        "_moves_at",
        "_next",
        "_next_frame",
        "_next_origin",
        "_round",
        "_smooth",
        "_smoother",
        "_step_s",
        "_waits",
        "deadline",
        "frame",
        "offered",
        "opens",
        "origin",
        "sent",
        "superseded",
        "unchanged",
        "value",
    )

    def __init__(self, shape: Shape, after: Function, rate_hz: float | None) -> None:
        """Begin without a memory.

        Args:
            shape: its smooth, deadband and on_change are used.
            after: what is done behind the filter.
            rate_hz: at most so many a second; None for no limit.
        """
        self._limit = None if rate_hz is None else Limit(rate_hz)
        self._step_s = FREE_STEP_S if rate_hz is None else 1.0 / rate_hz
        self._smooth = shape.smooth
        self._smoother = None if shape.smooth is None else make_smoother(shape.smooth, self._step_s)
        self._round = None if after is IDENTITY else after.one
        has_change = shape.on_change or shape.deadband > 0.0
        self._change = Change(deadband=shape.deadband, on_change=shape.on_change) if has_change else None
        self._waits = False
        self._next = 0.0
        self._next_origin: Hashable | None = None
        self._next_frame = 0
        self._moves_at = math.inf
        self.deadline = math.inf
        self.opens = -math.inf
        self.value: float | None = None
        self.origin: Hashable | None = None
        self.frame = 0
        self.offered = self.sent = self.superseded = self.unchanged = 0

    @property
    def waiting(self) -> int:
        """1 while a value waits for the rate: offered = sent + superseded + unchanged + waiting."""
        return int(self._waits)

    def forget(self) -> None:
        """Let the next value go, whether or not it differs from the last."""
        if self._change is not None:
            self._change.forget()

    def restart(self, y: float | None, now: float) -> None:
        """Go on from ``y``, which the value has become elsewhere: drop what waits, and let anything go.

        Args:
            y: the value; None when it is not known.
            now: seconds.
        """
        self.forget()
        self.superseded += self._waits
        self._waits = False
        if self._smooth is not None:
            self._smoother = make_smoother(self._smooth, self._step_s)
            if y is not None:
                self._smoother.feed(y, now)
        self._moves_at = math.inf
        self._set_deadline()

    def offer(self, y: float, now: float, origin: Hashable | None = None, frame: int = 0) -> bool:
        """Take a finite value; True when one goes now: it is in ``value``, ``origin`` and ``frame``."""
        smoother = self._smoother
        if smoother is None:
            return self._push(y, now, origin, frame)
        rested = smoother.settled and self.value is not None
        y = smoother.feed(y, now)
        if self._round is not None:
            y = self._round(y)
        if smoother.settled:
            self._moves_at = math.inf
        elif rested:
            # nothing has moved yet, so there is nothing to say: the first step comes with the timer
            self._moves_at = now + self._step_s
            self._next_origin, self._next_frame = origin, frame
            self._set_deadline()
            return False
        else:
            self._moves_at = now + LATE_STEPS * self._step_s
        self._next_origin, self._next_frame = origin, frame
        return self._push(y, now, origin, frame)

    @property
    def is_free(self) -> bool:
        """Nothing is done in time: each value goes at once."""
        return self._limit is None and self._smoother is None and self._change is None

    def tick(self, now: float) -> bool:
        """Do what is due by ``now`` or within ``COALESCE_S``; True when a value goes."""
        horizon = now + COALESCE_S
        if self.deadline > horizon:
            return False
        if self._smoother is not None and self._moves_at <= horizon:
            y = self._smoother.advance(now)
            self._moves_at = math.inf if self._smoother.settled else now + self._step_s
            y = y if self._round is None else self._round(y)
            return self._push(y, now, self._next_origin, self._next_frame, early_s=COALESCE_S)
        if self._waits:
            self._waits = False
            return self._go(self._next, now, self._next_origin, self._next_frame)
        self._set_deadline()
        return False

    def _push(
        self, y: float, now: float, origin: Hashable | None, frame: int, *, early_s: float = 0.0
    ) -> bool:
        self.offered += 1
        if self._waits:
            self.superseded += 1
            self._waits = False
        if self._change is not None and not self._change.worth(y):
            self.unchanged += 1
            self._set_deadline()
            return False
        if now + early_s >= self.opens:
            return self._go(y, now, origin, frame)
        self._waits = True
        self._next, self._next_origin, self._next_frame = y, origin, frame
        self._set_deadline()
        return False

    def _go(self, y: float, now: float, origin: Hashable | None, frame: int) -> bool:
        if self._limit is not None:
            self._limit.passed(now)
            self.opens = self._limit.opens
        if self._change is not None:
            self._change.sent(y)
        self.value, self.origin, self.frame = y, origin, frame
        self.sent += 1
        self._set_deadline()
        return True

    def _set_deadline(self) -> None:
        waits_until = self.opens if self._waits else math.inf
        self.deadline = min(waits_until, self._moves_at)
