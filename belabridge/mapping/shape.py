"""A ``Shape`` compiled: what happens before its filter in time, and what after it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from belabridge.errors import UsageError
from belabridge.mapping import expr, scale, steps
from belabridge.mapping.function import IDENTITY, Function, chain
from belabridge.rules import OneEuro, OnePole, Scale

if TYPE_CHECKING:
    from belabridge.rules import Shape


SHAPES = 256  # kept; a config has a handful


@dataclass(frozen=True, slots=True)
class Compiled:
    """The stateless parts of a shape.

    Attributes:
        before: expr, scale, invert and clip.
        after: round. Without a filter in time it is part of ``before``, and this is ``IDENTITY``.
    """

    before: Function
    after: Function


def problem(shape: Shape) -> str | None:
    """What makes ``shape`` impossible; None when it is fine."""
    try:
        compile_shape(shape)
    except UsageError as fault:
        return str(fault)
    if not 0.0 <= shape.deadband < float("inf"):
        return f"deadband must be 0 or more, not {shape.deadband:g}"
    return _smooth_problem(shape.smooth)


def _smooth_problem(smooth: OnePole | OneEuro | None) -> str | None:
    match smooth:
        case OnePole(time_s) if not 0.0 < time_s < float("inf"):
            return f"smooth must be a time above 0, not {time_s:g} s"
        case OneEuro(min_cutoff_hz, beta, d_cutoff_hz) if not (
            0.0 < min_cutoff_hz < float("inf")
            and 0.0 <= beta < float("inf")
            and 0.0 < d_cutoff_hz < float("inf")
        ):
            return "one_euro needs cutoffs above 0 Hz and a beta of 0 or more"
    return None


@lru_cache(maxsize=SHAPES)
def compile_shape(shape: Shape) -> Compiled:
    """Compile the stateless parts, in the order of the class's docstring.

    Rules of the same shape share them, so that a thousand of them stay in the cache of the processor.

    Raises:
        UsageError: when a part is impossible.
    """
    before: list[Function] = []
    if shape.expr is not None:
        before.append(expr.compile_expr(shape.expr))
    if shape.scale is not None:
        before.append(scale.compile_scale(shape.scale, invert=shape.invert))
    elif shape.invert:
        before.append(scale.compile_scale(Scale(), invert=True))
    if shape.clip is not None:
        before = [scale.compile_clip(*shape.clip, chain(before))]
    after = IDENTITY if shape.round is None else steps.compile_round(shape.round, shape.clip)
    if shape.smooth is None:
        return Compiled(chain([*before, after] if shape.round is not None else before), IDENTITY)
    return Compiled(chain(before), after)
