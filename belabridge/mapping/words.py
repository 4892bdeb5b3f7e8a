"""The vocabulary of expressions: each word for floats and for arrays, with the answers of IEEE 754."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Scalar = Callable[..., float]
    # arrays and plain floats mix freely here, as in numpy itself
    Array = Callable[..., Any]

WHOLE = 2.0**52  # from here on every float64 is a whole number
A4_HZ, A4_NOTE, NOTES = 440.0, 69.0, 12.0  # MIDI's tuning


@dataclass(frozen=True, slots=True)
class Word:
    """One function.

    Attributes:
        scalar: floats to a float; never raises.
        array: floats and float64 arrays to the same; may make numpy warn.
        least: fewest arguments.
        most: most arguments.
        says: for documentation: what it is.
    """

    scalar: Scalar
    array: Array
    least: int = 1
    most: int = 1
    says: str = ""


def _ieee(fast: Scalar, exact: Array) -> Scalar:
    """``fast``, and where it raises (1/0, log of 0, overflow) what numpy answers: infinity or NaN."""

    def function(*args: float) -> float:
        try:
            return fast(*args)
        except (ValueError, ZeroDivisionError, OverflowError):
            with np.errstate(all="ignore"):
                return float(exact(*args))

    return function


def _word(fast: Scalar, exact: Array, count: int = 1, says: str = "") -> Word:
    return Word(_ieee(fast, exact), exact, count, count, says)


def _truth(compare: Callable[[float, float], bool], exact: Array) -> Word:
    """A comparison as 1.0 or 0.0: sums of truths count, in both forms."""
    return Word(
        lambda a, b: 1.0 if compare(a, b) else 0.0,
        lambda a, b: np.multiply(exact(a, b), 1.0),
        2,
        2,
    )


def _floor(x: float) -> float:
    return float(math.floor(x)) if -WHOLE < x < WHOLE else x


def _ceil(x: float) -> float:
    return float(math.ceil(x)) if -WHOLE < x < WHOLE else x


def _round(x: float) -> float:
    return float(round(x)) if -WHOLE < x < WHOLE else x


def _sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


def _least(first: float, *rest: float) -> float:
    for value in rest:
        if value < first or value != value:  # noqa: PLR0124 - NaN is passed on, as numpy does
            first = value
    return first


def _most(first: float, *rest: float) -> float:
    for value in rest:
        if value > first or value != value:  # noqa: PLR0124 - NaN is passed on, as numpy does
            first = value
    return first


def _clip(x: float, low: float, high: float) -> float:
    return _least(_most(x, low), high)


def _clip_array(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


MANY = 16  # arguments of min and max; nobody writes more by hand

# What a config may write.
FUNCTIONS: dict[str, Word] = {
    "abs": Word(abs, np.abs, says="without its sign"),
    "ceil": Word(_ceil, np.ceil, says="next whole number above"),
    "clip": Word(_clip, _clip_array, 3, 3, "clip(x, low, high)"),
    "cos": _word(math.cos, np.cos, says="cosine of radians"),
    "exp": _word(math.exp, np.exp, says="e to the power of"),
    "floor": Word(_floor, np.floor, says="next whole number below"),
    "log": _word(math.log, np.log, says="natural logarithm"),
    "log10": _word(math.log10, np.log10, says="logarithm to base 10"),
    "log2": _word(math.log2, np.log2, says="logarithm to base 2"),
    "max": Word(_most, lambda *a: reduce(np.maximum, a), 2, MANY, "the largest of its arguments"),
    "min": Word(_least, lambda *a: reduce(np.minimum, a), 2, MANY, "the smallest of its arguments"),
    "pow": _word(math.pow, np.power, 2, "pow(x, y), the same as x ** y"),
    "round": Word(_round, np.rint, says="nearest whole number; half-way to the even one"),
    "sign": Word(_sign, np.sign, says="-1, 0 or 1"),
    "sin": _word(math.sin, np.sin, says="sine of radians"),
    "sqrt": _word(math.sqrt, np.sqrt, says="square root"),
    "tan": _word(math.tan, np.tan, says="tangent of radians"),
    "ampdb": _word(lambda x: 20.0 * math.log10(x), lambda x: 20.0 * np.log10(x), says="amplitude to decibel"),
    "dbamp": _word(
        lambda x: math.pow(10.0, x / 20.0), lambda x: np.power(10.0, x / 20.0), says="decibel to amplitude"
    ),
    "mtof": _word(
        lambda x: A4_HZ * math.pow(2.0, (x - A4_NOTE) / NOTES),
        lambda x: A4_HZ * np.power(2.0, (x - A4_NOTE) / NOTES),
        says="MIDI note to Hz, 69 = 440 Hz",
    ),
    "ftom": _word(
        lambda x: A4_NOTE + NOTES * math.log2(x / A4_HZ),
        lambda x: A4_NOTE + NOTES * np.log2(x / A4_HZ),
        says="Hz to MIDI note",
    ),
}

# What operators become; the names cannot be written in a config, because a space is in them.
OPERATORS: dict[str, Word] = {
    "div op": _word(operator.truediv, np.true_divide, 2),
    "floordiv op": _word(operator.floordiv, np.floor_divide, 2),
    "mod op": _word(operator.mod, np.mod, 2),
    "pow op": FUNCTIONS["pow"],
    "lt op": _truth(operator.lt, np.less),
    "le op": _truth(operator.le, np.less_equal),
    "gt op": _truth(operator.gt, np.greater),
    "ge op": _truth(operator.ge, np.greater_equal),
    "eq op": _truth(operator.eq, np.equal),
    "ne op": _truth(operator.ne, np.not_equal),
    "and op": _truth(lambda a, b: bool(a and b), np.logical_and),
    "or op": _truth(lambda a, b: bool(a or b), np.logical_or),
    "not op": Word(lambda a: 0.0 if a else 1.0, lambda a: np.multiply(np.logical_not(a), 1.0)),
    "if op": Word(lambda c, a, b: a if c else b, lambda c, a, b: np.where(np.not_equal(c, 0.0), a, b), 3, 3),
}

CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}
