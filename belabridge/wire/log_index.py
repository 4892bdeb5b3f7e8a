"""Where all the values of a log file are: by a look at each block, or for an even log at a few of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from belabridge.wire.formats import LATEST_FRAME
from belabridge.wire.log_blocks import Found, Losses, find_blocks
from belabridge.wire.log_order import (
    in_order,
    jumps_of,
    spread_of,
    step_of,
    too_early,
    values_until,
)
from belabridge.wire.tail import zeros_at_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from belabridge.wire.log_blocks import Damage, Form
    from belabridge.wire.log_order import Jump

_AUDIO_RATE: Final = 1.0  # frames from a value to the next one
_PROBES: Final = 64  # blocks of an even log that are looked at before the others are taken to be like them
_LARGE_BYTES: Final = 1 << 26  # what a scan reads in a moment, also from a slow disk


@dataclass(frozen=True, slots=True)
class Run:
    """Blocks that stand behind each other and have equally many values.

    Attributes:
        at: byte of the first.
        bytes: of each.
        blocks: how many.
        count: values in each.
        relative_at: byte in a block where its times begin.
        start: place of its first value among those of the file.
        first_block: place of its first block among those of the file.
    """

    at: int
    bytes: int
    blocks: int
    count: int
    relative_at: int
    start: int
    first_block: int

    @property
    def end(self) -> int:
        """Place behind its last value."""
        return self.start + self.blocks * self.count


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """What is known of a file's blocks.

    Attributes:
        runs: its values, in order.
        starts: place of the first value of each run, int64 (n,).
        values: how many there are.
        step_frames: between two values; None when the log is sparse, or nothing shows it.
        spread: how far apart the values of each dense block are, float64 (n,); None = as the step says.
        jumps: where values are missing.
        damages: what could not be read.
        padding: how many zeros at the end may be padding instead of values: nothing tells.
        first_frame: of an even log, whose other blocks are checked when they are read; None = all were.
    """

    runs: tuple[Run, ...]
    starts: NDArray[np.int64]
    values: int
    step_frames: float | None
    spread: NDArray[np.float64] | None
    jumps: tuple[tuple[int, Jump], ...]
    damages: tuple[Damage, ...]
    padding: int
    first_frame: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What somebody knows of the end of an original log.

    Attributes:
        frame: of its end, as the board said; None = unknown.
        duration_frames: the same, from the first value's frame; None = unknown.
    """

    frame: int | None = None
    duration_frames: int | None = None

    def at(self, first_frame: int) -> int | None:
        """The frame of the end of a log that begins there."""
        if self.frame is None and self.duration_frames is not None:
            return first_frame + self.duration_frames
        return self.frame


def scan(
    data: NDArray[np.uint8], begin: int, form: Form, ending: Ending, progress: Callable[[int], None]
) -> Index:
    """Look at every block.

    Args:
        data: the whole file.
        begin: byte of the first block.
        form: of the blocks.
        ending: of an original log.
        progress: is told now and then how many bytes are done.
    """
    losses = Losses()
    found = find_blocks(data, begin, form, losses, progress)
    kept = in_order(found.frames)
    if not kept.all():
        places = np.flatnonzero(~kept)
        losses.add("time", int(found.at[places[0]]), int(found.bytes[places].sum()), len(places))
        found = found.only(kept)
    step = None if form.sparse else step_of(found, exact=form.exact)
    padding = 0
    if not form.exact and not form.sparse and len(found):
        _trim_inside(data, found, form, step)
        padding = _trim_end(data, found, form, step, ending.at(int(found.frames[0])))
    starts = np.cumsum(found.counts) - found.counts
    runs = _runs(found, starts)
    return Index(
        runs=runs,
        starts=np.array([run.start for run in runs], np.int64),
        values=int(found.counts.sum()),
        step_frames=step,
        spread=None if form.sparse else spread_of(found, step),
        jumps=tuple((int(starts[jump.block]), jump) for jump in jumps_of(found, step, exact=form.exact)),
        damages=losses.all(),
        padding=padding,
    )


def even(data: NDArray[np.uint8], begin: int, form: Form, ending: Ending) -> Index | None:
    """The index of a dense log whose blocks are all full and follow each other without a gap, but the last.

    One value a frame, no block has more than its capacity, and frames only rise: when the first and the last
    frame are as far apart as all blocks between them hold, then none of these can be short or missing.

    Returns:
        None when it is not so, or the file is so small that a scan is as good.
    """
    full = form.full().itemsize
    blocks, left = divmod(len(data) - begin, full)
    if len(data) < _LARGE_BYTES or form.sparse or blocks < 2 or (left and not form.exact):
        return None
    blocks -= not left  # the last one is looked at by itself
    last, losses = begin + blocks * full, Losses()
    found = find_blocks(data[last:], 0, form, losses)
    first_frame = int(data[begin : begin + full].view(form.full())["frame"][0])
    probed = np.linspace(0, blocks - 1, min(blocks, _PROBES)).astype(np.int64)
    if len(found) != 1 or losses.by_reason or first_frame > LATEST_FRAME:
        return None
    whole = data[begin:last].view(form.full())[probed]
    is_even = found.frames[0] == first_frame + blocks * form.capacity and not found.lost[0]
    is_even &= np.array_equal(whole["frame"], first_frame + form.capacity * probed)
    if form.exact:
        is_even &= not whole["lost"].any() and np.array_equal(
            whole["count"], np.full_like(probed, form.capacity)
        )
    if not is_even:
        return None
    found.at += last
    first = Run(begin, full, blocks, form.capacity, form.relative_at(form.capacity), 0, 0)
    padding = 0 if form.exact else _trim_end(data, found, form, _AUDIO_RATE, ending.at(first_frame))
    values = blocks * form.capacity
    runs = (first, *_runs(found, np.array([values]), blocks))
    return Index(
        runs=runs,
        starts=np.array([0, values], np.int64),
        values=values + int(found.counts[0]),
        step_frames=_AUDIO_RATE,
        spread=None,
        jumps=(),
        damages=(),
        padding=padding,
        first_frame=first_frame,
    )


def _runs(found: Found, starts: NDArray[np.int64], first_block: int = 0) -> tuple[Run, ...]:
    """Blocks that are alike and stand behind each other, together."""
    if not len(found):
        return ()
    new = np.ones(len(found), np.bool_)
    new[1:] = found.at[1:] != found.at[:-1] + found.bytes[:-1]
    for column in (found.bytes, found.counts, found.relative_at):
        new[1:] |= column[1:] != column[:-1]
    places = np.flatnonzero(new)
    lengths = np.diff(np.append(places, len(found)))
    columns = (
        found.at[places],
        found.bytes[places],
        lengths,
        found.counts[places],
        found.relative_at[places],
        starts[places],
        first_block + places,
    )
    return tuple(Run(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def _trim_inside(data: NDArray[np.uint8], found: Found, form: Form, step_frames: float | None) -> None:
    """Cut blocks that went out half full, because another client's stream of the variable ended then."""
    if step_frames is None:
        return
    for block in too_early(found, step_frames).tolist():
        frame, after = int(found.frames[block]), int(found.frames[block + 1])
        _cut(data, found, form, block, values_until(frame, after, step_frames))


def _trim_end(
    data: NDArray[np.uint8], found: Found, form: Form, step_frames: float | None, end_frame: int | None
) -> int:
    """Cut the padding of the last block; or how many zeros may be padding, when nobody knows."""
    last = len(found) - 1
    if end_frame is None:
        return min(int(found.counts[last]) - 1, zeros_at_end(_values(data, found, form, last)))
    step = step_frames
    if step is None:
        spread = spread_of(found, None)
        step = _AUDIO_RATE if spread is None or not spread[-1] else float(spread[-1])
    # a run ends with the first value that is assigned at its end or after it
    _cut(data, found, form, last, values_until(int(found.frames[last]), end_frame, step) + 1)
    return 0


def _cut(data: NDArray[np.uint8], found: Found, form: Form, block: int, count: int) -> None:
    """Leave a block so many values, at least one, and never take more away than zeros."""
    zeros = zeros_at_end(_values(data, found, form, block))
    whole = int(found.counts[block])
    found.counts[block] = min(whole, max(1, count, whole - zeros))


def _values(data: NDArray[np.uint8], found: Found, form: Form, block: int) -> NDArray[np.generic]:
    at, bytes_ = int(found.at[block]), int(found.bytes[block])
    dtype = form.block(int(found.counts[block]), int(found.relative_at[block]), bytes_)
    values: NDArray[np.generic] = data[at : at + bytes_].view(dtype)["values"][0]
    return values
