"""The board's frame now, reckoned from the frames that were seen and our own clock."""

from __future__ import annotations

from typing import Final

MEMORY_S: Final = 5.0
"""The youngest frame of so long counts, and of as long before: clocks drift by 1 ms in that time, and time
that a board has lost, because its audio stood still, is forgotten."""
BEHIND_S: Final = 0.25
"""A board that is so much younger than it must be may have begun anew; clocks and a list's way are closer."""


class BoardClock:
    """Which frame a board is at.

    A frame that comes in a block or a list is as old as its way to us; the youngest of some seconds counts,
    because nothing can come from the future.

    Attributes:
        latest: the latest frame seen; 0 before the first.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        """A clock that has seen nothing yet."""
        self.latest = 0
        self._rate_hz = sample_rate_hz
        self._ahead: float | None = None  # frames before our clock, in frames
        self._before: float | None = None  # the same of the time before
        self._since = 0.0
        self._seen_at = 0.0

    def seen(self, frame: int, now: float) -> None:
        """A frame was seen at this second of our clock."""
        self.latest = max(self.latest, frame)
        self._seen_at = now
        ahead = frame - now * self._rate_hz
        if self._ahead is None or now - self._since >= MEMORY_S:
            self._before, self._ahead, self._since = self._ahead, ahead, now
        elif ahead > self._ahead:
            self._ahead = ahead

    def frame(self, now: float) -> int:
        """The board's frame at this second, as far as one can know; 0 before the first was seen."""
        return max(self.latest, int(self._best + now * self._rate_hz)) if self._ahead is not None else 0

    def when(self, frame: int) -> float:
        """The second of our clock at which the board comes to a frame."""
        return (frame - self._best) / self._rate_hz

    def began_anew(self, frame: int, now: float) -> bool:
        """Whether a board that is at this frame, after a loss of the connection, runs its program anew.

        It does when its frames went back; or when it is so young that it can have begun since it was last
        seen, and younger than it would be if it had not.
        """
        if frame < self.latest:
            return True
        behind = BEHIND_S * self._rate_hz
        may_be = frame <= (now - self._seen_at) * self._rate_hz + behind
        return may_be and frame < self.frame(now) - behind

    @property
    def _best(self) -> float:
        ahead = self._ahead or 0.0
        return ahead if self._before is None else max(ahead, self._before)
