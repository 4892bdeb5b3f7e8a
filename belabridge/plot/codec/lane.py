"""One variable's latest samples: as many as the picture looks back, in one piece of memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.plot.codec.columns import Columns, columns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FEWEST: Final = 4096
"""Places to begin with: a tenth of a second of audio."""


class Lane:
    """The samples of the last ``keep_frames`` frames.

    Args:
        keep_frames: what is older than so many frames before the newest may be forgotten.

    Attributes:
        epoch: how often the frames began anew, because the program on the board did.
    """

    def __init__(self, keep_frames: int) -> None:
        """Nothing yet."""
        self.epoch = 0
        self._keep = keep_frames
        self._frames = np.zeros(FEWEST, np.int64)
        self._values: NDArray[Any] = np.zeros(FEWEST, np.float32)
        self._start = self._end = 0

    @property
    def frames(self) -> NDArray[np.int64]:
        """(n,) of all that is kept; a view."""
        return self._frames[self._start : self._end]

    @property
    def values(self) -> NDArray[Any]:
        """(n,) of all that is kept, NaN where values are missing; a view."""
        return self._values[self._start : self._end]

    @property
    def newest_frame(self) -> int:
        """Of the last value; -1 = there is none."""
        return int(self._frames[self._end - 1]) if self._end > self._start else -1

    @property
    def capacity(self) -> int:
        """Places in memory."""
        return len(self._frames)

    def add(self, frames: ArrayLike, values: ArrayLike) -> None:
        """Take samples.

        Args:
            frames: (n,) whole numbers that never fall. When all are before what was there, the program began
                anew, and all before is forgotten; those that lap over it, as reckoned ones may, are pushed
                behind it.
            values: (n,) numbers; those of whole types that a float holds are kept exactly.
        """
        at: NDArray[np.int64] = np.asarray(frames).astype(np.int64)
        what: NDArray[Any] = np.asarray(values)
        if not len(at):
            return
        newest, last = self.newest_frame, int(at[-1])
        if last < newest:
            self.clear()
        elif int(at[0]) < newest:
            at = np.maximum(at, newest)
        fresh = int(at.searchsorted(last - self._keep))
        at, what = at[fresh:], what[fresh:]
        if what.dtype != np.float32 and self._values.dtype == np.float32:
            self._values = self._values.astype(np.float64)
        self._make_room(len(at), last)
        end = self._end + len(at)
        self._frames[self._end : end] = at
        self._values[self._end : end] = what
        self._end = end

    def gap(self, first_frame: int, missing_frames: int) -> None:
        """Values are missing here: no line crosses it."""
        first = max(first_frame, self.newest_frame)
        self.add([first, max(first, first + missing_frames - 1)], np.full(2, np.nan, np.float32))

    def clear(self) -> None:
        """Forget all, since frames are counted anew."""
        self._start = self._end = 0
        self.epoch += 1

    def columns(self, first: int, count: int, step_frames: int) -> Columns:
        """The columns from ``first`` on, ``count`` of them at most, each of ``step_frames``."""
        frames = self.frames
        low = int(frames.searchsorted(first * step_frames))
        high = int(frames.searchsorted((first + count) * step_frames))
        return columns(frames[low:high], self.values[low:high], step_frames)

    def copy(self) -> Lane:
        """What is kept now, to be looked at while more comes."""
        copied = Lane(self._keep)
        copied.epoch = self.epoch
        copied._frames, copied._values = self.frames.copy(), self.values.copy()
        copied._end = len(copied._frames)
        return copied

    def _make_room(self, count: int, newest_frame: int) -> None:
        if self._end + count <= len(self._frames):
            return
        self._start += int(self.frames.searchsorted(newest_frame - self._keep))
        kept = self._end - self._start
        frames, values = self.frames, self.values
        size = len(self._frames)
        while size < 2 * (kept + count):  # so what is kept is moved once for as much that comes
            size *= 2
        if size != len(self._frames) or kept > self._start:
            self._frames, self._values = np.zeros(size, np.int64), np.zeros(size, self._values.dtype)
        self._frames[:kept], self._values[:kept] = frames, values
        self._start, self._end = 0, kept
