"""Cuts the zero padding off the last buffer of a run, which carries no count of its values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from belabridge.values import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNUSED: Final = np.uint32(
    0xFFFF_FFFF
)  # the relative time of a value that is none, in a sparse block of protocol 2
_HAIR: Final = 1e-6  # of a value: a step that is no whole number is rounded


def sparse_count(relative: NDArray[np.uint32], *, exact: bool = False) -> int | None:
    """How many values a sparse buffer holds: up to the last relative time that is not zero, at least 1.

    Several values of the very first frame also have time 0; they count when a later value follows them.

    Args:
        relative: all relative times of the buffer, uint32 (n,), n > 0.
        exact: the buffer may be of protocol 2, whose times behind the last value are 2^32-1.

    Returns:
        The count, or None when these are no relative times: they do not start at 0, or they go back. A buffer
        that takes longer than 2^32 frames (27 hours) to fill looks like that too.
    """
    if relative[0]:
        return None
    count = len(relative)
    if exact and relative[-1] == _UNUSED:
        count = int(relative.searchsorted(_UNUSED))
    elif not relative[-1]:
        used = relative.nonzero()[0]
        count = int(used[-1]) + 1 if len(used) else 1
    held = relative[:count]
    return None if np.count_nonzero(held[1:] < held[:-1]) else count


def zeros_at_end(values: NDArray[np.generic]) -> int:
    """How many values at the end are 0: as much of a dense buffer may be padding.

    Args:
        values: of shape (n,).
    """
    used = values.nonzero()[0]
    return len(values) - (int(used[-1]) + 1 if len(used) else 0)


def cut_dense(block: Block, end_frame: int, step_frames: float = 1.0) -> Block:
    """The part of a dense block that was assigned before its run was over.

    A run ends with the first value that is assigned at its end or after it.

    Args:
        block: a dense stream block; sparse and monitored ones are given back as they are.
        end_frame: the end of the run: start + duration, or the time given to ``unwatch``. A block that
            starts later still has one value: a board flushes it so when a run ends before it began.
        step_frames: frames between two assignments in the program, > 0.

    Returns:
        The same block when nothing is padding; otherwise a new one whose values are a shorter view.
    """
    if block.relative is not None or block.monitored:
        return block
    return _first(block, math.ceil((end_frame - block.frame) / step_frames - _HAIR) + 1)


def cut_dense_before(block: Block, next_frame: int, step_frames: float = 1.0) -> Block:
    """The part of a dense block before ``next_frame``, the frame of the block that follows it in its stream.

    When a log of a watched variable ends, the board flushes a padded buffer in the middle of the stream; the
    next block tells where it ended. Nothing is cut when there is a gap between the two, or none at all.
    """
    if block.relative is not None or block.monitored or next_frame <= block.frame:
        return block
    return _first(block, math.ceil((next_frame - block.frame) / step_frames - _HAIR))


def _first(block: Block, count: int) -> Block:
    """The first values of a dense block, at least one."""
    if count >= len(block.values):
        return block
    return Block(block.id, block.type, block.frame, block.values[: max(1, count)], None, monitored=False)
