"""Values on their way to a board: of a burst the latest, at a pace that the board's control thread takes."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MESSAGE_S = 0.004  # nobody hears it; each message wakes the board's control thread, and costs us 0.3 ms
EDGES_WAIT = (
    16  # a trill of hands needs two; more come from a program, and would be late by a tenth of a second
)
VALUE_S = 0.0001  # a value is 20 bytes of JSON to parse: 10 000 a second, however many there are in a message


class Setter:
    """Collects values, and hands them over: the first at once, the others together when it is their turn.

    Args:
        send: takes all values that have come, by name.
    """

    def __init__(self, send: Callable[[dict[str, float]], None]) -> None:
        self._send = send
        self._values: dict[str, float] = {}
        self._earlier: deque[dict[str, float]] = (
            deque()
        )  # to be handed over before, each in a turn of its own
        self._timer: asyncio.TimerHandle | None = None
        self._free_at = 0.0
        self._stopped = False

    def set(self, name: str, value: float) -> None:
        """Let ``value`` be the next one of this variable."""
        self._values[name] = value
        if self._timer is None and not self._stopped:
            self._arm()

    def edge(self, name: str, value: float) -> None:
        """The same, and a value of this variable that waits is handed over before, in a turn of its own.

        What is set later stays behind it: a note's pitch reaches the board no sooner than its gate.
        """
        waiting = self._values.get(name)
        if waiting is not None and waiting != value and len(self._earlier) < EDGES_WAIT:
            self._earlier.append(self._values)
            self._values = {}
        self.set(name, value)

    def has_to_set(self) -> bool:
        """Some values wait for their turn."""
        return bool(self._values or self._earlier)

    def forget(self, names: Iterable[str]) -> None:
        """These are not to be set any more."""
        for name in names:
            for values in (*self._earlier, self._values):
                values.pop(name, None)

    def stop(self) -> None:
        """Hand over nothing any more, neither what waits nor what comes."""
        self._stopped = True
        self._values.clear()
        self._earlier.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hand_over(self) -> None:
        self._timer = None
        if self._earlier:
            values = self._earlier.popleft()
        else:
            values, self._values = self._values, {}
        if values:
            self._free_at = asyncio.get_running_loop().time() + max(MESSAGE_S, VALUE_S * len(values))
            self._send(values)
        if self._earlier or self._values:
            self._arm()

    def _arm(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(max(loop.time(), self._free_at), self._hand_over)
