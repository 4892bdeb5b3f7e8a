"""What is kept of all samples since the last output: last, mean, rms, peak, min, max."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from belabridge.rules import Take

if TYPE_CHECKING:
    from numpy.typing import NDArray

    # the views of a board's buffers: any number type
    Samples = NDArray[Any]

_float64 = np.float64
_float32 = np.dtype(np.float32)
LARGEST_BLOCK = 4096  # char, dense
_ONES = np.ones(LARGEST_BLOCK, np.float32)
_WIDE_ONES = np.ones(LARGEST_BLOCK)
# numpy's fastest sum of products, and one that does not warn of what a program on a board may well send
_vdot = np.vdot
# Squares of float32 below and above these may have lost their digits: there the sum is made in float64.
LEAST_SQUARES, MOST_SQUARES = 1e-30, 1e38


class Accumulator(Protocol):
    """Takes samples, and gives one number for all of them.

    Sums of integers and of float64 are in float64; a float32 block is summed up as precisely as its samples
    are, and the blocks in float64. A NaN among the samples makes the result NaN.
    """

    def add(self, samples: Samples) -> None:
        """Take (n,) samples of any number type; n is at least 1."""
        ...

    def add_one(self, x: float) -> None:
        """Take one sample."""
        ...

    def result(self) -> float:
        """The number for all samples since the last call, of which there was at least one."""
        ...


class Last:
    """The newest sample."""

    __slots__ = ("_x",)

    def __init__(self) -> None:
        self._x = math.nan

    def add(self, samples: Samples) -> None:
        """Take samples."""
        self._x = samples.item(-1)

    def add_one(self, x: float) -> None:
        """Take one sample."""
        self._x = x

    def result(self) -> float:
        """The newest."""
        return float(self._x)


class _Sum:
    __slots__ = ("_count", "_total")

    def __init__(self) -> None:
        self._total = 0.0
        self._count = 0

    def _mean(self) -> float:
        mean = self._total / self._count
        self._total = 0.0
        self._count = 0
        return mean


@np.errstate(all="ignore")
def _wide_sum(samples: Samples) -> float:
    n = samples.size
    return float(_vdot(samples.astype(_float64), _WIDE_ONES[:n] if n <= LARGEST_BLOCK else np.ones(n)))


@np.errstate(all="ignore")
def _wide_squares(samples: Samples) -> float:
    wide = samples.astype(_float64)
    return float(_vdot(wide, wide))


class Mean(_Sum):
    """The arithmetic mean."""

    __slots__ = ()

    def add(self, samples: Samples) -> None:
        """Take samples."""
        n = samples.size
        if samples.dtype is _float32 and n <= LARGEST_BLOCK:
            total = float(_vdot(samples, _ONES[:n]))
            if not -MOST_SQUARES < total < MOST_SQUARES:
                total = _wide_sum(samples)
        else:
            total = _wide_sum(samples)
        self._total += total
        self._count += n

    def add_one(self, x: float) -> None:
        """Take one sample."""
        self._total += x
        self._count += 1

    def result(self) -> float:
        """The mean."""
        return self._mean()


class Rms(_Sum):
    """The root of the mean of the squares."""

    __slots__ = ()

    def add(self, samples: Samples) -> None:
        """Take samples."""
        squares = float(_vdot(samples, samples)) if samples.dtype is _float32 else 0.0
        if not LEAST_SQUARES < squares < MOST_SQUARES:
            squares = _wide_squares(samples)
        self._total += squares
        self._count += samples.size

    def add_one(self, x: float) -> None:
        """Take one sample."""
        self._total += x * x
        self._count += 1

    def result(self) -> float:
        """The root mean square."""
        return math.sqrt(self._mean())


class _Extremes:
    # argmax and argmin: numpy's fastest way to the extremes of a thousand floats, and NaN comes first in both
    __slots__ = ("_high", "_low")

    def __init__(self) -> None:
        self._low = math.inf
        self._high = -math.inf

    def add_one(self, x: float) -> None:
        """Take one sample."""
        self._low = _lower(self._low, x)
        self._high = -_lower(-self._high, -x)

    def _reset(self) -> tuple[float, float]:
        both = self._low, self._high
        self._low, self._high = math.inf, -math.inf
        return both


def _lower(a: float, b: float) -> float:
    """The lower one; NaN when there is one."""
    return a if a < b or a != a else b  # noqa: PLR0124 - a NaN of before stays


class Min(_Extremes):
    """The smallest sample."""

    __slots__ = ()

    def add(self, samples: Samples) -> None:
        """Take samples."""
        self._low = _lower(self._low, samples.item(samples.argmin()))

    def result(self) -> float:
        """The smallest."""
        return float(self._reset()[0])


class Max(_Extremes):
    """The largest sample."""

    __slots__ = ()

    def add(self, samples: Samples) -> None:
        """Take samples."""
        self._high = -_lower(-self._high, -samples.item(samples.argmax()))

    def result(self) -> float:
        """The largest."""
        return float(self._reset()[1])


class Peak(_Extremes):
    """The largest distance from 0."""

    __slots__ = ()

    def add(self, samples: Samples) -> None:
        """Take samples."""
        self._low = _lower(self._low, samples.item(samples.argmin()))
        self._high = -_lower(-self._high, -samples.item(samples.argmax()))

    def result(self) -> float:
        """The peak, 0 or more."""
        low, high = self._reset()
        return float(-_lower(low, -high))


_ACCUMULATORS: dict[Take, type[Accumulator]] = {
    Take.LAST: Last,
    Take.MEAN: Mean,
    Take.RMS: Rms,
    Take.PEAK: Peak,
    Take.MIN: Min,
    Take.MAX: Max,
}

STATISTICS = frozenset(_ACCUMULATORS)


def make_accumulator(take: Take) -> Accumulator:
    """The accumulator for one of ``STATISTICS``."""
    return _ACCUMULATORS[take]()
