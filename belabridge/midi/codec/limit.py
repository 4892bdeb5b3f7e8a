"""A token bucket for a port: how many bytes a slow cable can still take."""

from __future__ import annotations

import math

# What a note may find on the cable before it, besides one message that began: less than anybody hears.
BURST_S = 0.005


class Limit:
    """Knows when the cable will have carried all that was sent.

    In any stretch of W seconds at most ``(W + BURST_S) * bytes_s`` bytes of values go, and one message. What
    does not wait (notes, transport, SysEx) is counted too: values make room for it.
    """

    def __init__(self, bytes_s: float | None) -> None:
        self.bytes_s = bytes_s
        self._free_at = -math.inf

    def opens(self) -> float:
        """The time from which a value may go."""
        return self._free_at - BURST_S

    def sent(self, count: int, now: float) -> None:
        """``count`` bytes went out."""
        if self.bytes_s is not None:
            self._free_at = max(self._free_at, now) + count / self.bytes_s
