"""A number of 14 bits that comes in two messages, put together once: the upper half, then the lower."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key")

# The other half follows within 1 ms on the slowest cable (three bytes at 3125 a second); ten times that is
# for a busy one, and still nothing that a hand feels.
LONE_S = 0.01


@dataclass(slots=True)
class _Halves:
    """What came of one control.

    Attributes:
        upper: the last upper half; None = none yet.
        lower: a lower half that is in no number with the upper one that came after it; None = there is none.
        lower_at: when it came.
        last_at: when any half came; after a pause a new series begins.
        began_low: the series began with a lower half.
        low_first: its sender sends the lower half first.
    """

    upper: int | None = None
    lower: int | None = None
    lower_at: float = -math.inf
    last_at: float = -math.inf
    began_low: bool = False
    low_first: bool = False

    def came(self, now: float, *, is_lower: bool) -> None:
        if now - self.last_at > LONE_S:
            self.began_low = is_lower
        self.last_at = now
        if now - self.lower_at > LONE_S:
            self.lower = None


class Pairs(Generic[Key]):
    """The halves that were heard, by control.

    An upper half sets the lower one to 0 (MIDI 1.0, "Control Change"): the value is whole when the lower
    half comes, or after ``LONE_S`` without one, or when the next upper half shows that none will come. A
    lower half alone is put to the last upper half.

    So the upper half has to come first, and nearly all senders do that. Of one that does not, each series
    begins with a lower half and ends with an upper one, which shows at its end: the last value is right from
    the first series on, and from then on every value.
    """

    def __init__(self) -> None:
        self._halves: dict[Key, _Halves] = {}
        self._lone: dict[Key, float] = {}  # when the wait is over; the earliest first

    def upper(self, key: Key, half: int, now: float) -> list[int]:
        """An upper half came; gives the whole numbers: one that had waited, one that this half completes."""
        halves = self._of(key)
        lower = halves.lower if halves.low_first and now - halves.lower_at <= LONE_S else None
        whole = []
        if lower is None:
            whole = self.settle(key)
            self._lone[key] = now + LONE_S
        else:
            whole.append(half << 7 | lower)
            self._lone.pop(key, None)
            halves.lower = None
        halves.came(now, is_lower=False)
        halves.upper = half
        return whole

    def lower(self, key: Key, half: int, now: float) -> list[int]:
        """A lower half came; gives the whole numbers, as ``upper`` does."""
        halves = self._of(key)
        if halves.low_first and halves.lower is None and key in self._lone:
            halves.low_first = False  # the upper half was there before it
        whole = self.settle(key) if halves.low_first else []
        self._lone.pop(key, None)
        halves.came(now, is_lower=True)
        halves.lower, halves.lower_at = half, now
        if halves.low_first:
            self._lone[key] = now + LONE_S
            return whole
        return [] if halves.upper is None else [halves.upper << 7 | half]

    def settle(self, key: Key) -> list[int]:
        """End the wait of ``key``; gives its number if it waited."""
        if self._lone.pop(key, None) is None:
            return []
        halves = self._halves[key]
        lower, halves.lower = halves.lower, None
        if halves.upper is None:
            return []
        if lower is None or not (halves.low_first or halves.began_low):
            return [halves.upper << 7]
        halves.low_first = True
        return [halves.upper << 7 | lower]

    def forget(self, key: Key) -> None:
        """No half of ``key`` is known any more, but how its sender sends them."""
        if key in self._halves:
            self._halves[key] = _Halves(low_first=self._halves[key].low_first)
        self._lone.pop(key, None)

    def due(self) -> float | None:
        """When ``tick`` has something to say."""
        return next(iter(self._lone.values()), None)

    def tick(self, now: float) -> list[tuple[Key, int]]:
        """The numbers whose other half has not come in time."""
        keys = []
        for key, due in self._lone.items():
            if due > now:
                break
            keys.append(key)
        return [(key, number) for key in keys for number in self.settle(key)]

    def _of(self, key: Key) -> _Halves:
        halves = self._halves.get(key)
        if halves is None:
            halves = self._halves[key] = _Halves()
        return halves
