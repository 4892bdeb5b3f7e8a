"""What a number becomes in a variable of a C type, and when two are the same there."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from belabridge.values import VarType

LARGEST_FLOAT32: Final = float(np.finfo(np.float32).max)
SIGNED_CHAR: Final = (-128, 127)  # as on x86 boards
UNSIGNED_CHAR: Final = (0, 255)  # as on ARM boards
INTEGERS: Final = {VarType.INT: (-(1 << 31), (1 << 31) - 1), VarType.UINT: (0, (1 << 32) - 1)}
WRITTEN_DIGITS: Final = 1e-14  # the board writes numbers with 15 digits


def as_stored(kind: VarType, value: float, *, char_signed: bool = False) -> float:
    """The value of C type ``kind`` that is nearest to ``value``.

    Args:
        kind: of the variable.
        value: finite.
        char_signed: a char is -128..127 instead of 0..255.

    Returns:
        An int for integer types, rounded to nearest (a half to the even side) and saturated. For ``f`` what
        a float32 makes of the value, infinity beyond its range; for ``d`` the value.
    """
    if kind is VarType.DOUBLE:
        return float(value)
    if kind is VarType.FLOAT:
        return float(np.float32(value)) if abs(value) <= LARGEST_FLOAT32 else math.copysign(math.inf, value)
    if kind is VarType.CHAR:
        low, high = SIGNED_CHAR if char_signed else UNSIGNED_CHAR
    else:
        low, high = INTEGERS[kind]
    return min(max(round(value), low), high)


def equal(kind: VarType, one: float, other: float) -> bool:
    """Whether two values that a board told are the same to a variable of ``kind``, within its 15 digits."""
    if one == other:
        return True
    if not (math.isfinite(one) and math.isfinite(other)):
        return math.isnan(one) and math.isnan(other)
    if kind is VarType.CHAR:
        return round(one) % 256 == round(other) % 256  # -1 and 255 are the same byte
    if kind is VarType.DOUBLE:
        return abs(one - other) <= WRITTEN_DIGITS * max(abs(one), abs(other))
    return as_stored(kind, one) == as_stored(kind, other)


def was_set(kind: VarType, value: float, told: float) -> bool:
    """Whether ``told`` is what a board tells after ``value`` was set, whichever kind of char it has."""
    if not math.isfinite(value):
        return False
    return any(equal(kind, as_stored(kind, value, char_signed=signed), told) for signed in (False, True))
