"""Bundles of the future, held until they are due; bounded, and wary of wrong clocks."""

from __future__ import annotations

import heapq
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from belabridge.osc.codec.timetag import IMMEDIATELY, to_unix

if TYPE_CHECKING:
    from collections.abc import Hashable

    from belabridge.osc.codec.reader import Bundle

# Sequencers send a few seconds ahead at most; a clock that is wrong is wrong by time zones or by years.
HORIZON_S = 60.0
HELD_BUNDLES = 4096  # 68 a second over the whole horizon
HELD_BYTES = 1 << 20  # as sent; as Python objects up to 20 times that
_SENDERS = 256  # whose clocks were found wrong; forgetting one costs one more line in the log


class Verdict(Enum):
    """What happens to a bundle."""

    NOW = "act at once"
    HELD = "it comes out of pop_due"
    CLOCK = "act at once: its time is beyond the horizon, so the sender's clock is evidently wrong"
    FULL = "refused: too much is held already; what was held before keeps its time"


class Due(NamedTuple):
    """A bundle whose time has come, who sent it, and the size of its datagram."""

    bundle: Bundle
    sender: tuple[str, int]
    size_bytes: int


class Schedule:
    """The queue, in order of time and then of arrival."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Due]] = []
        self._arrival = count()
        self._held_bytes = 0
        self._wrong_clocks: dict[Hashable, None] = {}

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, bundle: Bundle, sender: tuple[str, int], size_bytes: int, now_unix: float) -> Verdict:
        """Decide on a bundle by its own timetag; hold it when it is of the near future.

        Args:
            bundle: as read; bundles within it have times of their own and are pushed when it acts.
            sender: host and port.
            size_bytes: of its datagram; bounds what is held.
            now_unix: wall clock, seconds since 1970.
        """
        if bundle.timetag_ntp <= IMMEDIATELY:
            return Verdict.NOW
        due = to_unix(bundle.timetag_ntp)
        if due <= now_unix:
            return Verdict.NOW
        if due > now_unix + HORIZON_S:
            return Verdict.CLOCK
        if len(self._heap) >= HELD_BUNDLES or self._held_bytes + size_bytes > HELD_BYTES:
            return Verdict.FULL
        self._held_bytes += size_bytes
        heapq.heappush(self._heap, (due, next(self._arrival), Due(bundle, sender, size_bytes)))
        return Verdict.HELD

    def is_news(self, sender: Hashable) -> bool:
        """Whether this sender's wrong clock was not yet reported; says so once."""
        if sender in self._wrong_clocks:
            return False
        if len(self._wrong_clocks) >= _SENDERS:
            del self._wrong_clocks[next(iter(self._wrong_clocks))]
        self._wrong_clocks[sender] = None
        return True

    def pop_due(self, now_unix: float) -> list[Due]:
        """The bundles whose time has come, in order.

        A clock that was set back leaves bundles beyond the horizon again: they are due as well.
        """
        ready = []
        while self._heap and not now_unix < self._heap[0][0] <= now_unix + HORIZON_S:
            _, _, due = heapq.heappop(self._heap)
            self._held_bytes -= due.size_bytes
            ready.append(due)
        return ready

    def next_due(self) -> float | None:
        """Unix time of the earliest, or None."""
        return self._heap[0][0] if self._heap else None
