"""Whether a value differs enough from the last one that was sent: deadband and on_change."""

from __future__ import annotations

# 0.3 - 0.2 is a hair less than 0.1, and a step of 0.1 has to pass a deadband of 0.1.
ROUNDING = 1.0 - 1e-9


class Change:
    """Remembers the last value sent."""

    __slots__ = ("_last", "_least", "_on_change")

    def __init__(self, *, deadband: float = 0.0, on_change: bool = False) -> None:
        """Compare by both.

        Args:
            deadband: the smallest difference worth sending; 0 for all.
            on_change: an equal value is not worth sending.
        """
        self._least = deadband * ROUNDING
        self._on_change = on_change
        self._last: float | None = None

    def worth(self, y: float) -> bool:
        """Whether ``y`` is worth sending after what was sent."""
        if self._last is None:
            return True
        if y == self._last:
            return not (self._on_change or self._least > 0.0)
        return abs(y - self._last) >= self._least

    def sent(self, y: float) -> None:
        """``y`` went out."""
        self._last = y

    def forget(self) -> None:
        """Any value is worth sending again."""
        self._last = None
