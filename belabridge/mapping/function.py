"""A stateless function of one value, twice: for a float and, with the same results, for an array."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Function:
    """One step of a value's way.

    Neither form ever raises or warns: what has no answer is NaN or infinity, and whoever called refuses it.
    The two agree to within the last bits of a float64.

    Attributes:
        one: float to float.
        many: float64 (n,) to float64 (n,); the input is left as it is.
    """

    one: Callable[[float], float]
    many: Callable[[Floats], Floats]


def same(x: float) -> float:
    """The value itself."""
    return x


def same_many(x: Floats) -> Floats:
    """The values themselves."""
    return x


IDENTITY = Function(same, same_many)


def chain(steps: Sequence[Function]) -> Function:
    """One function that does ``steps`` in order; no steps give ``IDENTITY``."""
    return reduce(_after, steps) if steps else IDENTITY


def _after(first: Function, second: Function) -> Function:
    one_first, one_second = first.one, second.one
    many_first, many_second = first.many, second.many
    return Function(lambda x: one_second(one_first(x)), lambda x: many_second(many_first(x)))
