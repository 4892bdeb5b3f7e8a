"""How long to wait before the next try: at once, soon, then seldom, and never all hosts in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST_S = 0.1  # a program that is restarted on the board is back within a second
FACTOR = 1.6
CAP_S = 10.0  # a board that is plugged in must not need a longer wait than a person's patience
JITTER = 0.2  # spreads the hosts of an installation that lost the same switch


def delays(uniform: Callable[[float, float], float]) -> Iterator[float]:
    """Seconds to wait before each next try, for ever.

    Args:
        uniform: gives a number between its two arguments, as ``random.uniform``.
    """
    delay_s = FIRST_S
    while True:
        yield min(CAP_S, delay_s * uniform(1 - JITTER, 1 + JITTER))
        delay_s = min(CAP_S, delay_s * FACTOR)
