"""Who subscribed, and until when; a table that empties itself."""

from __future__ import annotations

import math
from typing import TypeAlias

Subscriber: TypeAlias = "tuple[str, int]"  # numeric host, UDP port

MAX_SUBSCRIBERS = 64  # each costs one send a value; nobody has more programs in one room


class Leases:
    """Subscribers with leases; times are seconds of any monotonic clock."""

    def __init__(self, limit: int = MAX_SUBSCRIBERS) -> None:
        self._limit = limit
        self._until: dict[Subscriber, float] = {}
        self._active: tuple[Subscriber, ...] = ()
        self._first_end = math.inf

    def subscribe(self, host: str, port: int, until: float, now: float) -> bool:
        """Begin or renew a lease; False when the table is full."""
        self.active(now)
        if (host, port) not in self._until and len(self._until) >= self._limit:
            return False
        self._until[host, port] = until
        self._refresh()
        return True

    def unsubscribe(self, host: str, port: int) -> bool:
        """End a lease; False when there was none."""
        had = self._until.pop((host, port), None) is not None
        self._refresh()
        return had

    def active(self, now: float) -> tuple[Subscriber, ...]:
        """Those whose lease has not ended, in the order of their first subscription; cheap to ask often."""
        if now >= self._first_end:
            self._until = {who: until for who, until in self._until.items() if until > now}
            self._refresh()
        return self._active

    def left(self, now: float) -> dict[Subscriber, float]:
        """Seconds that each lease still has, for status."""
        return {who: self._until[who] - now for who in self.active(now)}

    def _refresh(self) -> None:
        self._active = tuple(self._until)
        self._first_end = min(self._until.values(), default=math.inf)
