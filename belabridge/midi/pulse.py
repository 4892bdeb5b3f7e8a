"""Whether a backend still works, told from its cycles by somebody who may have slept himself."""

from __future__ import annotations

STILL_S = 2.0  # ten of the longest cycles there are
SLEPT_S = 1.0  # we look four times a second; who was held up so long says nothing of others


class Pulse:
    """The cycles of one backend."""

    def __init__(self) -> None:
        self._cycles = -1
        self._beat_at = self._looked_at = float("-inf")

    def is_still(self, cycles: int, now: float) -> bool:
        """Whether it stands still; to be asked several times a second.

        Args:
            cycles: how many there were, or any other number that changes with each.
            now: in seconds.
        """
        if cycles != self._cycles or now - self._looked_at > SLEPT_S:
            self._cycles, self._beat_at = cycles, now
        self._looked_at = now
        return now - self._beat_at > STILL_S
