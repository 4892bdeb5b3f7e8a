"""Steps of an encoder as the numbers that say them, and back."""

from __future__ import annotations

from belabridge.controls import Relative

MOST_STEPS = 63  # of one 7-bit message, in either direction and in every kind


def relative_steps(raw: int, bits: int, relative: Relative) -> int:
    """How many steps a relative control was turned, with their sign.

    Args:
        raw: what it sent, a number of ``bits`` bits.
        bits: 7 or 14.
        relative: how it writes steps: two's complement, offset by half of the range, or with a sign bit.
    """
    half = 1 << (bits - 1)
    if relative is Relative.OFFSET:
        return raw - half
    if raw < half:
        return raw
    return raw - 2 * half if relative is Relative.TWOS else half - raw


def relative_raw(steps: int, relative: Relative) -> int:
    """The 7-bit number that says ``steps``, of -63 to 63: the inverse of ``relative_steps``."""
    match relative:
        case Relative.OFFSET:
            return 64 + steps
        case Relative.TWOS:
            return steps & 127
        case Relative.SIGN:
            return steps if steps >= 0 else 64 - steps
