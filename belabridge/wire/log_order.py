"""The order of a log's blocks: which are out of it, how far apart values are, and where some are missing."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from belabridge.wire.log_blocks import Found

_AUDIO_RATE: Final = 1.0  # frames per assignment; less is no step to learn, see wire/continuity.py
_LONGEST_STEP: Final = 2.0**32  # frames between two values: 27 hours; more is damage
_HAIR: Final = 1e-6  # of a value: a step that is no whole number is rounded


@dataclass(frozen=True, slots=True)
class Jump:
    """Values are missing in a log: the board lost them or began anew, or a block was left out as damaged.

    Attributes:
        block: the one behind the gap.
        frames: how many are missing; 0 = nobody knows.
        values: how many are missing, as a file of protocol 2 says; None = it does not.
    """

    block: int
    frames: int
    values: int | None


def in_order(frames: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which blocks to keep so that no frame is before the one before it, and as many as can be: bool (n,)."""
    kept = np.ones(len(frames), np.bool_)
    if not np.count_nonzero(frames[1:] < frames[:-1]):
        return kept
    # the longest subsequence that never goes back, by patience sorting
    tops: list[int] = []
    top_places: list[int] = []
    before = np.empty(len(frames), np.int64)
    for place, frame in enumerate(frames.tolist()):
        pile = bisect_right(tops, frame)
        before[place] = top_places[pile - 1] if pile else -1
        if pile == len(tops):
            tops.append(frame)
            top_places.append(place)
        else:
            tops[pile], top_places[pile] = frame, place
    kept[:] = False
    place = top_places[-1]
    while place >= 0:
        kept[place] = True
        place = int(before[place])
    return kept


def step_of(found: Found, *, exact: bool) -> float | None:
    """Frames between two values of a dense log, or None when the program assigned them irregularly.

    As `wire.continuity` learns it: one frame a value, or a distance that came twice in a row and than which
    there is no smaller one: a gap makes a distance larger.

    Args:
        found: the blocks, in order.
        exact: the file says what was lost, so that one distance is enough when there are no others.
    """
    steps = _steps(found)
    steps[steps > _LONGEST_STEP] = np.nan
    if (steps == _AUDIO_RATE).any():
        return _AUDIO_RATE
    sure = steps[1:][(steps[1:] == steps[:-1]) & (steps[1:] >= _AUDIO_RATE)]
    if len(sure):
        return float(sure.min())
    known = steps[np.isfinite(steps)]
    if exact and len(known) and known[0] >= _AUDIO_RATE and (known == known[0]).all():
        return float(known[0])
    return None


def spread_of(found: Found, step_frames: float | None) -> NDArray[np.float64] | None:
    """How far apart the values of each dense block are, float64 (n,), so that none is behind the next block.

    None when all are as far apart as the step says. A block that nothing follows is like the one before it.
    """
    steps = _steps(found)
    if step_frames is not None:
        distances = _distances(found)
        short = (found.counts[:-1] - 1) * step_frames >= np.maximum(1, distances)
        tight: NDArray[np.float64] = np.where(short, distances / found.counts[:-1], step_frames)
        return np.append(tight, step_frames) if short.any() else None
    known = steps[np.isfinite(steps)]
    usual = float(np.median(known)) if len(known) else _AUDIO_RATE
    steps = np.where(np.isfinite(steps), steps, usual)
    spread: NDArray[np.float64] = np.append(steps, steps[-1:] if len(steps) else usual)
    return np.clip(spread, 0.0, _LONGEST_STEP)


def _steps(found: Found) -> NDArray[np.float64]:
    """Frames a value from each block to the next one, (n - 1,); NaN where blocks between are left out."""
    steps: NDArray[np.float64] = _distances(found) / (found.counts[:-1] + found.lost[1:])
    steps[_holes(found)[1:]] = np.nan
    return steps


def _holes(found: Found) -> NDArray[np.bool_]:
    """Which blocks do not stand right behind the one before them in the file, (n,)."""
    holes = np.zeros(len(found), np.bool_)
    holes[1:] = found.at[1:] != found.at[:-1] + found.bytes[:-1]
    return holes


def _distances(found: Found) -> NDArray[np.int64]:
    """Frames from the beginning of each block to that of the next one, int64 (n - 1,)."""
    frames = found.frames.astype(np.int64)
    return frames[1:] - frames[:-1]


def jumps_of(found: Found, step_frames: float | None, *, exact: bool) -> tuple[Jump, ...]:
    """Where values are missing.

    Args:
        found: the blocks, in order, without padding.
        step_frames: of a dense log, when it is known.
        exact: the file says what was lost: a jump of the frames alone is the program's.
    """
    missing = np.zeros(len(found), np.int64)
    if step_frames is not None and len(found):
        missing[1:] = np.maximum(0, np.round(_distances(found) - found.counts[:-1] * step_frames))
    holes = _holes(found)
    where = np.flatnonzero((found.lost > 0 if exact else missing > 0) | holes)
    return tuple(
        Jump(block, int(missing[block]), int(found.lost[block]) if exact and not holes[block] else None)
        for block in where.tolist()
    )


def too_early(found: Found, step_frames: float) -> NDArray[np.intp]:
    """Blocks behind which the next one begins before all of their values are over: (n,) places."""
    distances = _distances(found)
    return np.flatnonzero((distances < found.counts[:-1] * step_frames) & (distances > 0))


def values_until(frame: int, end_frame: int, step_frames: float) -> int:
    """How many values lie from ``frame`` on before ``end_frame``."""
    return math.ceil((end_frame - frame) / step_frames - _HAIR)
