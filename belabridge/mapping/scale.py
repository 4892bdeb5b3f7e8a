"""A range into a range, along a curve, exact at both ends; and the clip that goes with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from belabridge.errors import UsageError
from belabridge.mapping.function import IDENTITY, Function
from belabridge.rules import STEEPEST_POWER

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.mapping.function import Floats
    from belabridge.rules import Scale


def problem(scale: Scale) -> str | None:
    """What makes ``scale`` impossible, and what to do about it; None when it is fine."""
    (a, b), (c, d) = scale.start, scale.end
    if not all(map(math.isfinite, (a, b, c, d))):
        return "the ends of a range must be finite numbers"
    if a == b:
        return f"the range that comes in has no width ({a:g} to {b:g}): give two different ends"
    if not (math.isfinite(b - a) and math.isfinite(d - c)):
        return "the range is too wide for a number to hold: use smaller ends"
    if scale.curve == "exp":
        return _ratio_problem(c, d, "exp", "comes out")
    if scale.curve == "log":
        return _ratio_problem(a, b, "log", "comes in")
    return _power_problem(scale.curve)


def _power_problem(curve: str | float) -> str | None:
    if curve == "lin" or (not isinstance(curve, str) and 0.0 < curve <= STEEPEST_POWER):
        return None
    return f"the curve must be lin, exp, log or a power above 0 and up to {STEEPEST_POWER:g}"


def _ratio_problem(first: float, second: float, curve: str, which: str) -> str | None:
    if first == 0.0 or second == 0.0:
        return (
            f"curve {curve} cannot reach 0, but the range that {which} is {first:g} to {second:g}: "
            "use a small number such as 0.001, or a power curve such as 3"
        )
    if (first < 0.0) != (second < 0.0):
        return (
            f"curve {curve} cannot pass 0, but the range that {which} is {first:g} to {second:g}: "
            "use two ends above 0 or a linear curve"
        )
    ratio = second / first
    if not math.isfinite(ratio) or ratio == 0.0:
        return "the range is too wide for a number to hold: use ends that are nearer to each other"
    return None


def compile_scale(scale: Scale, *, invert: bool = False) -> Function:
    """The function that ``scale`` says.

    At the first end of ``scale.start`` it gives exactly the first end of ``scale.end``, and the same for the
    second; it is monotone, and goes on beyond the ends in the same direction.

    * ``lin``: ``c + t (d - c)`` with the position ``t = (x - a) / (b - a)``.
    * a power ``p``: the same with ``t ** p``; below the first end ``-(|t| ** p)``.
    * ``exp``: ``c (d / c) ** t``: equal steps become equal ratios.
    * ``log``: ``t = log(x / a) / log(b / a)``; an ``x`` of 0 or of the other sign lies infinitely far before
      the end that is nearer to 0, so a clip brings it to that end.

    Args:
        scale: the range and its curve.
        invert: turn the control around: the two ends of ``scale.start`` are exchanged, so that the curve
            keeps its shape (an inverted frequency still moves by octaves).

    Raises:
        UsageError: for what ``problem`` says.
    """
    fault = problem(scale)
    if fault is not None:
        raise UsageError(fault)
    a, b = map(float, scale.start[::-1] if invert else scale.start)
    c, d = map(float, scale.end)
    one, many = _curve(scale.curve, a, b, c, d)
    return _held_at_end(one, many, (a, b), (c, d), is_lin=scale.curve == "lin")


def _curve(
    curve: str | float, a: float, b: float, c: float, d: float
) -> tuple[Callable[[float], float], Callable[[Floats], Floats]]:
    width, span = b - a, d - c
    if curve == "lin":
        return lambda x: c + (x - a) / width * span, lambda x: c + (x - a) / width * span
    if curve == "exp":
        ratio = d / c
        return lambda x: c * _power(ratio, (x - a) / width), lambda x: c * ratio ** ((x - a) / width)
    if curve == "log":
        one_octaves, many_octaves = math.log(b / a), float(np.log(b / a))
        return (
            lambda x: c + _log(x / a) / one_octaves * span,
            lambda x: c + np.log(np.maximum(x / a, 0.0)) / many_octaves * span,
        )
    power = float(curve)

    def one(x: float) -> float:
        t = (x - a) / width
        return c + (_power(t, power) if t >= 0.0 else -_power(-t, power)) * span

    def many(x: Floats) -> Floats:
        t = (x - a) / width
        return c + np.copysign(np.abs(t) ** power, t) * span

    return one, many


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf


def _log(ratio: float) -> float:
    if ratio > 0.0:
        return math.log(ratio)
    return -math.inf if ratio <= 0.0 else math.nan


def _held_at_end(
    one: Callable[[float], float],
    many: Callable[[Floats], Floats],
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    is_lin: bool,
) -> Function:
    """Make the second end exact, and keep rounding from carrying a value past an end it has not reached.

    The first end is exact as it is: the curves are anchored there.
    """
    (a, b), (c, d) = start, end
    width, span = b - a, d - c
    up = (b > a) == (d >= c)  # beyond the end, y is above d

    def exact(x: float) -> float:
        if x == b:
            return d
        y = one(x)
        # comparisons instead of max and min, which are calls; and NaN stays
        if (x > b) == up:
            return d if y < d else y  # noqa: FURB136 - as said
        return d if y > d else y  # noqa: FURB136 - as said

    def exact_lin(x: float) -> float:
        # the commonest curve, in one call instead of two
        if x == b:
            return d
        y = c + (x - a) / width * span
        if (x > b) == up:
            return d if y < d else y  # noqa: FURB136 - as said
        return d if y > d else y  # noqa: FURB136 - as said

    @np.errstate(all="ignore")
    def exact_many(x: Floats) -> Floats:
        y = many(x)
        y = np.where((x > b) == up, np.maximum(y, d), np.minimum(y, d))
        return np.where(x == b, d, y)

    return Function(exact_lin if is_lin else exact, exact_many)


def clip_problem(low: float, high: float) -> str | None:
    """What makes the range of a clip impossible; None when it is fine."""
    if math.isnan(low) or math.isnan(high):
        return "the ends of a clip must be numbers"
    if low > high:
        return f"the clip's lower end {low:g} is above its upper end {high:g}: exchange them"
    return None


def compile_clip(low: float, high: float, before: Function = IDENTITY) -> Function:
    """Hold a value, or what ``before`` makes of it, within ``low`` to ``high``; NaN stays NaN.

    Raises:
        UsageError: for what ``clip_problem`` says.
    """
    fault = clip_problem(low, high)
    if fault is not None:
        raise UsageError(fault)
    low, high = float(low), float(high)
    first, first_many = before.one, before.many

    def clip(x: float) -> float:
        y = first(x)
        return low if y < low else high if y > high else y  # noqa: FURB136 - min is a call

    return Function(clip, lambda x: np.minimum(np.maximum(first_many(x), low), high))
