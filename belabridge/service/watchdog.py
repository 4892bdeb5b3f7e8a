"""When to feed the watchdog: only while the work gets done."""

from __future__ import annotations

FEEDS_PER_INTERVAL = 2  # as sd_watchdog_enabled(3) advises
LOOKS_PER_INTERVAL = 8  # a feed is then at most 5/8 of the interval after the last, never late


class Watchdog:
    """Remembers when work was last done, and says when the manager should hear of it.

    The work gets done when the event loop turns (else nobody calls ``should_feed``) and the bridge said
    so (``worked``) within the last half interval. A bridge that hangs starves the dog within one interval.
    """

    def __init__(self, interval_s: float) -> None:
        """Take the manager's interval.

        Args:
            interval_s: seconds, > 0, after which an unfed watchdog kills the program.
        """
        self.look_s = interval_s / LOOKS_PER_INTERVAL
        self._half_s = interval_s / FEEDS_PER_INTERVAL
        self._worked = float("-inf")
        self._fed = float("-inf")

    def worked(self, now: float) -> None:
        """Note that the bridge's own work went on.

        Args:
            now: seconds of a monotonic clock.
        """
        self._worked = max(self._worked, now)

    def starving(self, now: float) -> bool:
        """Whether no work has been seen for half an interval."""
        return now - self._worked > self._half_s

    def should_feed(self, now: float) -> bool:
        """Whether to feed now; True counts as fed."""
        if self.starving(now) or now - self._fed < self._half_s:
            return False
        self._fed = now
        return True
