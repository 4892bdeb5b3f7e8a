"""Rounding to a multiple, within the clip if there is one."""

from __future__ import annotations

import math

import numpy as np

from belabridge.errors import UsageError
from belabridge.mapping.function import Floats, Function

WHOLE = 2.0**52  # from here on every float64 is a whole number, and rounding has nothing to do


def problem(step: float) -> str | None:
    """What makes ``step`` impossible; None when it is fine."""
    if not (math.isfinite(step) and step > 0.0):
        return f"round must be a step above 0, such as 1 or 0.01, not {step:g}"
    return None


def compile_round(step: float, clip: tuple[float, float] | None = None) -> Function:
    """Round to the nearest multiple of ``step``; a value half-way goes to the even one.

    Args:
        step: 1.0 gives whole numbers. For one such as 0.1 the result is the decimal number nearest to the
            multiple (0.3, not 0.30000000000000004).
        clip: multiples outside of it are not used, as long as there is one inside.

    Raises:
        UsageError: for what ``problem`` says.
    """
    fault = problem(step)
    if fault is not None:
        raise UsageError(fault)
    parts = 1.0 / step
    # 1/0.1 is 10: dividing by the whole number gives the nearest float, multiplying by 0.1 would not
    by_parts = math.isfinite(parts) and parts >= 1.0 and abs(parts - round(parts)) < 1e-9 * parts
    unit = float(round(parts)) if by_parts else step
    least, most = _multiples(step, clip)

    def one(x: float) -> float:
        k = x * unit if by_parts else x / unit
        if not -WHOLE < k < WHOLE:
            return x
        k = min(max(round(k), least), most)
        return k / unit if by_parts else k * unit

    @np.errstate(all="ignore")
    def many(x: Floats) -> Floats:
        k = x * unit if by_parts else x / unit
        rounded = np.minimum(np.maximum(np.rint(k), least), most)
        y = rounded / unit if by_parts else rounded * unit
        return np.where(np.abs(k) < WHOLE, y, x)

    return Function(one, many)


def _multiples(step: float, clip: tuple[float, float] | None) -> tuple[float, float]:
    if clip is None:
        return -math.inf, math.inf
    near = 1e-9  # 0.3 / 0.1 is a hair below 3, and 3 it is
    least, most = (end / step for end in clip)
    least = math.ceil(least - near) if math.isfinite(least) else least
    most = math.floor(most + near) if math.isfinite(most) else most
    return (least, most) if least <= most else (-math.inf, math.inf)
