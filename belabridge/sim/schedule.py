"""What clients of protocol 2 scheduled: values that wait for their frame, and the answers to them."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from belabridge.sim.exact import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.sim.second_command import Command

MOST_VALUES = 1024  # that wait


class _Due(NamedTuple):
    frame: int
    order: int  # within a frame as they came
    act: Callable[[int], None]
    command: Command
    variable: str  # empty: the answer


class Schedule:
    """Acts by frame, and the room that is left for values."""

    def __init__(self) -> None:
        self._due: list[_Due] = []
        self._order = count()
        self._given = 0  # values that have a time, from their message on until they act or go

    @property
    def next(self) -> int:
        """The frame of the soonest; ``NEVER`` without one."""
        return self._due[0].frame if self._due else NEVER

    def reserve(self, values: int) -> bool:
        """Keep room for so many values; False when there is not so much."""
        if self._given + values > MOST_VALUES:
            return False
        self._given += values
        return True

    def add(self, frame: int, act: Callable[[int], None], command: Command, variable: str = "") -> None:
        """Let something act at its frame, ``variable`` being that of a value."""
        heappush(self._due, _Due(frame, next(self._order), act, command, variable))

    def acted(self) -> None:
        """A value for which room was kept has acted."""
        self._given -= 1

    def run(self, now: int) -> None:
        """Do what is due."""
        while self.next <= now:
            heappop(self._due).act(now)

    def drop(self, variable: str) -> list[Command]:
        """Forget the values of a variable and the answers that wait for them; whose those were, each once."""
        gone = [due for due in self._due if due.variable == variable]
        self._given -= len(gone)
        commands = list({id(due.command): due.command for due in gone}.values())
        answered = set(map(id, commands))
        self._due = [
            due for due in self._due if due not in gone and (due.variable or id(due.command) not in answered)
        ]
        heapify(self._due)
        return commands
