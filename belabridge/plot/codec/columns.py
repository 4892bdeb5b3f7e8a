"""Samples as columns of pixels: of each column the lowest and the highest value, so that no peak is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FALLS: Final = 1
"""The highest value is drawn first: the column begins above where it ends."""
BREAKS: Final = 2
"""Values are missing in this column, or behind it up to the next one: no line leads on."""


class Columns(NamedTuple):
    """Columns that have something to show, all (n,) and in order.

    Attributes:
        at: which column, int64: it has the frames from ``at * step_frames`` on.
        low: the lowest value, float64; NaN where a column shows nothing but that values are missing.
        high: the highest value, likewise.
        flags: ``FALLS`` and ``BREAKS``, uint8.
    """

    at: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    flags: NDArray[np.uint8]


def columns(frames: NDArray[np.int64], values: NDArray[Any], step_frames: int) -> Columns:
    """Put samples into columns.

    Two points a column draw the same picture as all samples would, as columns are one pixel wide: the
    lines of a column's samples cover all between its lowest and its highest value.

    Args:
        frames: (n,) of the samples, which never fall.
        values: (n,) numbers; what is not finite shows as a break.
        step_frames: frames a column, 1 or more.
    """
    index = frames // step_frames
    if not len(index):
        nothing = np.zeros(0, np.float64)
        return Columns(index, nothing, nothing, np.zeros(0, np.uint8))
    starts = np.flatnonzero(np.diff(index, prepend=index[0] - 1))
    ends = np.append(starts[1:], len(index)) - 1
    flags = np.zeros(len(starts), np.uint8)
    lowest: np.ufunc = np.minimum  # they are faster than those that pass over NaN
    highest: np.ufunc = np.maximum
    if values.dtype.kind == "f":
        finite = np.isfinite(values)
        if not finite.all():
            values, lowest, highest = np.where(finite, values, np.nan), np.fmin, np.fmax
            flags[~np.logical_and.reduceat(finite, starts)] |= BREAKS
    low = lowest.reduceat(values, starts).astype(np.float64)
    high = highest.reduceat(values, starts).astype(np.float64)
    flags[values[starts] > values[ends]] |= FALLS
    return Columns(index[starts], low, high, flags)
