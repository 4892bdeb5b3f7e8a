"""What a control can make of its variable: from its positions to values, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from belabridge.mapping.shape import compile_shape

if TYPE_CHECKING:
    from belabridge.rules import Shape

# A float64 has 53 bits: after so many halvings of a range there is nothing between its ends.
HALVINGS = 60


class Reach:
    """The values that a stateless way gives for the positions of a control.

    Attributes:
        low: the lowest position.
        high: the highest; both are infinite where a position is as good as its value.
        one: from a position to its value.
    """

    __slots__ = ("high", "low", "one")

    def __init__(self, shape: Shape, low: float = 0.0, high: float = 1.0) -> None:
        """Compile.

        Args:
            shape: the way; what it does in time is left out.
            low: the lowest position.
            high: the highest.

        Raises:
            UsageError: when a part of the shape is impossible.
        """
        self.one = compile_shape(shape).before.one
        self.low, self.high = low, high

    def position_of(self, value: float) -> float:
        """The position that gives ``value``, or the end that comes nearest to it.

        Of a way that turns back (an ``expr`` may), one of the positions that do.
        """
        low, high = self.low, self.high
        if not (math.isfinite(low) and math.isfinite(high)):
            return min(max(value, low), high)
        first, last = self.one(low), self.one(high)
        rising = first <= last
        if (value <= first) == rising or value == first:
            return low
        if (value >= last) == rising or value == last:
            return high
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            y = self.one(middle)
            if y == value:
                return middle
            if (y < value) == rising:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def held(self, value: float) -> float:
        """``value``, or the nearest one that the ends of the control give."""
        first, last = self.one(self.low), self.one(self.high)
        return min(max(value, min(first, last)), max(first, last))
