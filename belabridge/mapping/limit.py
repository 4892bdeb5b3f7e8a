"""A limit of so many a second that lets jitter pass: the generic cell rate algorithm."""

from __future__ import annotations

import math


class Limit:
    """When the next message may go.

    In any stretch of W seconds at most ``W * rate_hz + 2`` messages pass, and ``rate_hz`` over a long time.
    One of the two is the tolerance: a message may come up to one interval early if those before it were
    not, so that a source which keeps the rate is not thinned for its jitter.

    Attributes:
        interval_s: between two messages that keep the rate.
        opens: the time from which a message may go.

    Source: ITU-T I.371, virtual scheduling, with a tolerance of one interval.
    """

    __slots__ = ("interval_s", "opens")

    def __init__(self, rate_hz: float) -> None:
        self.interval_s = 1.0 / rate_hz
        self.opens = -math.inf

    def open(self, now: float) -> bool:
        """Whether a message may go at ``now`` (seconds)."""
        return now >= self.opens

    def passed(self, now: float) -> None:
        """A message went at ``now``."""
        # the next one is due an interval after this one, or after when this one was due; and may come an
        # interval early
        self.opens = max(self.opens + self.interval_s, now)
