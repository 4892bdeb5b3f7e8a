"""One command of protocol 2 in the making: its lists, and what is wrong with them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from belabridge.sim import answers, commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.sim.watcher import Watcher

LATEST = 2**53  # frames, and ids


class Refusal(Exception):
    """A command is refused; never leaves this file."""

    def __init__(self, word: str, variable: str = "") -> None:
        super().__init__(word)
        self.word, self.variable = word, variable


class Command:
    """One command in the making: what it is, and what it will do in the program's thread."""

    def __init__(self, element: dict[str, Any]) -> None:
        self.element = element
        self.name = commands.word(element.get("cmd"))
        self.id: float | None = None
        self.watchers: list[Watcher] = []
        self.acts: list[Callable[[int], None]] = []
        self.answered_at = 0  # not before this frame
        self.scheduled = 0  # values that have a time
        self.is_refused = False  # its answer was an error

    @property
    def is_answered(self) -> bool:
        """By `Second` when all of it has acted; a log answers for itself."""
        return self.id is not None and self.name != "log"

    def say(self, **fields: object) -> str:
        """Its answer."""
        about = {"cmd": self.name, **fields}
        if self.id is not None:
            about["id"] = self.id
        return answers.text({"watcher2": about})

    def numbers(self, key: str, most: float, beyond: str) -> list[int]:
        """A list beside ``watchers``; zeros when it is missing."""
        given = self._list(key)
        if given is None:
            return [0] * len(self.watchers)
        for value, watcher in zip(given, self.watchers, strict=True):
            if not is_count(value, LATEST * 2):
                raise Refusal("type", watcher.variable.name)
            if value > most:
                raise Refusal(beyond, watcher.variable.name)
        return [int(value) for value in given]

    def truths(self, key: str) -> list[bool]:
        """A list of truths beside ``watchers``; false when it is missing."""
        given = self._list(key)
        if given is None:
            return [False] * len(self.watchers)
        for value, watcher in zip(given, self.watchers, strict=True):
            if not isinstance(value, bool):
                raise Refusal("type", watcher.variable.name)
        return given

    def _list(self, key: str) -> list[Any] | None:
        if key not in self.element:
            return None
        given = self.element[key]
        if not isinstance(given, list):
            raise Refusal("type")
        if len(given) != len(self.watchers):
            raise Refusal("length")
        return given


def is_number(value: object) -> bool:
    """A number of JSON."""
    return isinstance(value, float) and math.isfinite(value)


def is_count(value: object, most: float) -> bool:
    """A whole number from 0 on."""
    return isinstance(value, float) and math.isfinite(value) and 0 <= value <= most and value == int(value)
