"""Hands on controls: which is being touched, and when it was let go."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Hands(Generic[Key]):
    """Controls that are touched: a motor or a ring must not be told anything before the hand is off.

    MIDI does not say when a hand lets go of most controls: it is off ``after_s`` seconds after it last moved.
    """

    def __init__(self, after_s: float) -> None:
        self.after_s = after_s
        self._touched: dict[Key, float] = {}  # when it moved last; the earliest first

    def touched(self, key: Key, now: float) -> None:
        """A hand moved this control."""
        self._touched.pop(key, None)
        self._touched[key] = now

    def held(self, key: Key) -> bool:
        """Whether a hand is on it; until ``let_go`` has told that it is not."""
        return key in self._touched

    def due(self) -> float | None:
        """When ``let_go`` has something to tell."""
        first = next(iter(self._touched.values()), None)
        return None if first is None else first + self.after_s

    def let_go(self, now: float) -> list[Key]:
        """The controls that no hand is on any more, each told once."""
        off = []
        for key, at in self._touched.items():
            if at + self.after_s > now:
                break
            off.append(key)
        for key in off:
            del self._touched[key]
        return off
