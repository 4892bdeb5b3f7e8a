"""The board's frame now, reckoned from the frames that were seen and our own clock."""

from __future__ import annotations

from typing import Final

DRIFT: Final = 200e-6
"""Two crystals differ by less than 100 ppm; at twice that, an estimate that was too high is forgotten."""


class BoardClock:
    """Which frame a board is at.

    A frame that comes in a block or a list is as old as its way to us; the youngest seen counts, because
    nothing can come from the future.

    Attributes:
        latest: the latest frame seen; 0 before the first.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        """A clock that has seen nothing yet."""
        self.latest = 0
        self._rate_hz = sample_rate_hz
        self._ahead: float | None = None  # frames before our clock, in frames
        self._at = 0.0

    def seen(self, frame: int, now: float) -> None:
        """A frame was seen at this second of our clock."""
        self.latest = max(self.latest, frame)
        ahead = frame - now * self._rate_hz
        if self._ahead is None or ahead >= self._ahead - (now - self._at) * DRIFT * self._rate_hz:
            self._ahead, self._at = ahead, now

    def frame(self, now: float) -> int:
        """The board's frame at this second, as far as one can know; 0 before the first was seen."""
        if self._ahead is None:
            return 0
        return max(self.latest, int(self._ahead + now * self._rate_hz))

    def when(self, frame: int) -> float:
        """The second of our clock at which the board comes to a frame."""
        return (frame - (self._ahead or 0.0)) / self._rate_hz
