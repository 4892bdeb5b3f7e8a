"""The frames of dense values as runs: where one begins, at which frame, and how far its values lie apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.recording.track import Gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_GAP: Final = -1
RUN: Final = np.dtype(
    [
        ("track", "<u8"),  # whose, by the order of the tracks in a take
        ("index", "<u8"),  # its first value's place in the track
        ("frame", "<u8"),  # its first value's audio frame
        ("gap", "<i8"),  # frames that are missing before it; 0 = so many as nobody knows; -1 = none are
        ("before", "<f8"),  # frames from a value to the next one in the run before it, as it has turned out
        ("step", "<f8"),  # the same in this run, as it is expected; NaN = unknown
    ]
)
"""What a take keeps of a run; written before the first value of the run, so that no value is without."""

_HAIR: Final = 1e-6  # of a frame: a step that is no whole number is rounded, and must not end a frame early
_LONGEST_STEP: Final = 2.0**32  # a day between two values: more is damage
_LATEST: Final = 1 << 63  # what counts without running over
_SUPPOSED_STEP: Final = 1.0  # of a single block that nothing follows


def offset_frames(values: int, step: float) -> int:
    """Frames from a value to the one that comes ``values`` later."""
    return math.floor(values * step + _HAIR)


class Runs:
    """Finds the runs of one dense variable while its blocks come.

    How many frames lie between two values is the program's choice, and blocks do not tell it: it follows from
    where the next block begins, unless the caller knows.

    Attributes:
        count: values so far.
    """

    def __init__(self) -> None:
        self.count = 0
        self._index = self._frame = 0  # where this run began
        self._step, self._is_told = math.nan, False
        self._blocks = 0  # of this run
        self._last_frame = self._last_count = 0

    def seen(
        self, frame: int, count: int, gap: int, step_frames: float | None
    ) -> tuple[int, int, int, float, float] | None:
        """Take a block; what to keep of the run that it begins (``RUN`` without the track), or None.

        Args:
            frame: of its first value.
            count: of its values.
            gap: frames that are missing before it, as in ``RUN``.
            step_frames: between two values; None = unknown.
        """
        new = self._new_run(frame, gap, step_frames)
        self._blocks += 1
        self._last_frame, self._last_count = frame, count
        self.count += count
        return new

    def _new_run(
        self, frame: int, gap: int, step_frames: float | None
    ) -> tuple[int, int, int, float, float] | None:
        step = self._step
        if (
            gap == NO_GAP
            and self._blocks
            and (step_frames is None or step_frames == step)
            and step == step  # noqa: PLR0124 - not NaN, and a call costs as much as all of this
            and frame == self._frame + math.floor((self.count - self._index) * step + _HAIR)
        ):
            return None
        before = self._turned_out(frame, gap)
        self._index, self._frame, self._blocks = self.count, frame, 0
        self._step = before if step_frames is None else step_frames
        self._is_told = step_frames is not None
        return self.count, frame, gap, before, self._step

    def _turned_out(self, frame: int, gap: int) -> float:
        """The step of the run that ends here."""
        if self._blocks != 1 or self._is_told:  # several blocks have confirmed it, or none came
            return self._step
        distance = frame - self._last_frame - max(0, gap)
        if gap == NO_GAP:
            return distance / self._last_count if distance >= 0 else self._step
        # gaps are also told late, when no distance shows them: then it says nothing
        known = gap > 0 and distance > 0 and math.isnan(self._step)
        return distance / self._last_count if known else self._step


class RunSamples:
    """Samples of a dense variable in one column.

    Args:
        values: (n,), read-only.
        runs: of this track alone, of dtype ``RUN``, in their order; those behind the values are cut.
    """

    def __init__(self, values: NDArray[Any], runs: NDArray[np.void]) -> None:
        self._values = values
        self._gaps = gaps_of(runs, len(values))
        if len(values) and not (runs["index"] < len(values)).any():
            runs = np.zeros(1, RUN)  # of a take whose runs are lost: better than nothing
            runs["step"] = _SUPPOSED_STEP
        steps = np.append(runs["before"][1:], np.nan)
        for otherwise in (runs["step"], _SUPPOSED_STEP):
            steps = np.where(np.isfinite(steps), steps, otherwise)
        within = runs["index"] < len(values)
        # a damaged file must not lead out of bounds
        self._index = np.maximum.accumulate(runs["index"][within].astype(np.int64))
        self._index[:1] = 0
        self._frame = runs["frame"][within].astype(np.uint64)
        self._step = np.clip(steps[within], 0.0, _LONGEST_STEP)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        return self._values.dtype

    def __len__(self) -> int:
        return len(self._values)

    def values(self, start: int, stop: int) -> NDArray[Any]:
        """A view."""
        return self._values[start:stop]

    def frames(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Calculated from the runs."""
        if stop <= start:
            return np.empty(0, np.uint64)
        first = max(0, int(np.searchsorted(self._index, start, "right")) - 1)
        end = max(first + 1, int(np.searchsorted(self._index, stop, "left")))
        if end - first == 1:
            step = float(self._step[first])
            begin = int(self._frame[first]) + (start - int(self._index[first])) * int(step)
            beyond = begin + (stop - start) * int(step)
            if step >= 1.0 and step.is_integer() and beyond < _LATEST:
                return np.arange(begin, beyond, int(step), dtype=np.uint64)
            return _frames(np.arange(start - self._index[first], stop - self._index[first]), self, first)
        bounds = np.concatenate([[start], self._index[first + 1 : end], [stop]])
        run = np.repeat(np.arange(first, end), np.diff(bounds))
        return _frames(np.arange(start, stop) - self._index[run], self, run)

    def gaps(self) -> list[Gap]:
        """As they were told while it was recorded."""
        return self._gaps


def _frames(place: NDArray[np.int64], of: RunSamples, run: Any) -> NDArray[np.uint64]:
    """Frames of values at their places in their runs; ``run`` is one number or one for each."""
    step = of._step[run]  # noqa: SLF001 - a part of that class
    found: NDArray[np.uint64] = np.floor(place * step + _HAIR).astype(np.uint64)
    found += of._frame[run]  # noqa: SLF001 - as above
    return found


def gaps_of(runs: NDArray[np.void], count: int) -> list[Gap]:
    """The gaps that the runs of one track tell of."""
    told = runs[runs["gap"] > NO_GAP]
    indices = np.minimum(told["index"], np.uint64(count)).tolist()
    return [Gap(index, frames) for index, frames in zip(indices, told["gap"].tolist(), strict=True)]
