"""When a destination counts as down, and when as back: one line in the log for each."""

from __future__ import annotations

# The network tells of a refusal after the send that met it, and over Ethernet at most once a second:
# only several seconds without any mean that somebody listens again.
BACK_AFTER_S = 3.0


class Outage:
    """Told of every refusal, and during an outage of every send that worked."""

    def __init__(self) -> None:
        self.since: float | None = None
        self._last_refusal = 0.0

    def refused(self, now: float) -> bool:
        """A send was refused; True when an outage begins with it."""
        begins = self.since is None
        if begins:
            self.since = now
        self._last_refusal = now
        return begins

    def worked(self, now: float) -> float | None:
        """A send was not refused; the seconds that the outage took, when it ends with this one."""
        if self.since is None or now < self._last_refusal + BACK_AFTER_S:
            return None
        took, self.since = now - self.since, None
        return took
