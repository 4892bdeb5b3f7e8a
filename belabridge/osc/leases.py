"""Who subscribed, until when, and what it was sent; a table that empties itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Subscriber: TypeAlias = "tuple[str, int]"  # numeric host, UDP port

MAX_SUBSCRIBERS = 64  # each costs one send a value; nobody has more programs in one room


@dataclass(slots=True)
class _Lease:
    until: float
    own_port: bool
    sent: int = 0


class Standing(NamedTuple):
    """A lease, for status.

    Attributes:
        who: the subscriber.
        left_s: seconds that the lease still has.
        sent: messages since it began; a renewal goes on counting.
    """

    who: Subscriber
    left_s: float
    sent: int


class Leases:
    """Subscribers with leases; times are seconds of any monotonic clock."""

    def __init__(self, limit: int = MAX_SUBSCRIBERS) -> None:
        self._limit = limit
        self._leases: dict[Subscriber, _Lease] = {}
        self._active: tuple[Subscriber, ...] = ()
        self._first_end = math.inf

    def subscribe(self, host: str, port: int, until: float, now: float, *, own_port: bool = False) -> bool:
        """Begin or renew a lease; False when the table is full.

        Args:
            host: numeric.
            port: where the values go.
            until: when the lease ends.
            now: the time.
            own_port: it asked from that very port, so it is known to send from there.
        """
        self.active(now)
        lease = self._leases.get((host, port))
        if lease is None:
            if len(self._leases) >= self._limit:
                return False
            self._leases[host, port] = _Lease(until, own_port)
            self._changed()
            return True
        lease.until = until
        self._first_end = min(self._first_end, until)
        if own_port and not lease.own_port:
            lease.own_port = True
            self._changed()
        return True

    def unsubscribe(self, host: str, port: int) -> bool:
        """End a lease; False when there was none."""
        had = self._leases.pop((host, port), None) is not None
        if had:
            self._changed()
        return had

    def active(self, now: float) -> tuple[Subscriber, ...]:
        """Those whose lease has not ended, in the order of their first subscription; cheap to ask often.

        It is the same object for as long as nobody came, went, or showed its own port.
        """
        if now >= self._first_end:
            before = len(self._leases)
            self._leases = {who: lease for who, lease in self._leases.items() if lease.until > now}
            if len(self._leases) < before:
                self._changed()
            self._first_end = min((lease.until for lease in self._leases.values()), default=math.inf)
        return self._active

    def own_port(self, who: Subscriber) -> bool:
        """Whether this subscriber is known to send from the port that it listens on."""
        lease = self._leases.get(who)
        return lease is not None and lease.own_port

    def count(self, who: Subscriber, n: int) -> None:
        """This subscriber was sent ``n`` messages."""
        lease = self._leases.get(who)
        if lease is not None:
            lease.sent += n

    def standing(self, now: float) -> list[Standing]:
        """All leases that have not ended."""
        active = [(who, self._leases[who]) for who in self.active(now)]
        return [Standing(who, lease.until - now, lease.sent) for who, lease in active]

    def _changed(self) -> None:
        self._active = tuple(self._leases)
        self._first_end = min((lease.until for lease in self._leases.values()), default=math.inf)
