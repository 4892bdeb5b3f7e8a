"""A number of 14 bits that comes in two messages, put together once: the upper half, then the lower."""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")

# The lower half follows within 1 ms on the slowest cable (three bytes at 3125 a second); ten times that is
# for a busy one, and still nothing that a hand feels.
LONE_S = 0.01


class Pairs(Generic[Key]):
    """The halves that were heard, by control.

    An upper half sets the lower one to 0 (MIDI 1.0, "Control Change"): the value is whole when the lower
    half comes, or after ``LONE_S`` without one, or when the next upper half shows that none will come. A
    lower half alone is put to the last upper half.
    """

    def __init__(self) -> None:
        self._upper: dict[Key, int] = {}
        self._lone: dict[Key, float] = {}  # when the wait is over; the earliest first

    def upper(self, key: Key, half: int, now: float) -> int | None:
        """An upper half came; gives the whole number before it that had waited for its lower half."""
        before = self.settle(key)
        self._upper[key] = half
        self._lone[key] = now + LONE_S
        return before

    def lower(self, key: Key, half: int) -> int | None:
        """A lower half came; gives the whole number, or None while no upper half is known."""
        upper = self._upper.get(key)
        if upper is None:
            return None
        self._lone.pop(key, None)
        return upper << 7 | half

    def settle(self, key: Key) -> int | None:
        """End the wait of ``key``; gives its number if it waited."""
        return None if self._lone.pop(key, None) is None else self._upper[key] << 7

    def forget(self, key: Key) -> None:
        """No half of ``key`` is known any more."""
        self._upper.pop(key, None)
        self._lone.pop(key, None)

    def due(self) -> float | None:
        """When ``tick`` has something to say."""
        return next(iter(self._lone.values()), None)

    def tick(self, now: float) -> list[tuple[Key, int]]:
        """The numbers whose lower half has not come in time."""
        keys = []
        for key, due in self._lone.items():
            if due > now:
                break
            keys.append(key)
        return [(key, number) for key in keys if (number := self.settle(key)) is not None]
