"""The columns of one track while it is recorded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.recording.column import Column
from belabridge.recording.runs import NO_GAP, RUN, Runs

if TYPE_CHECKING:
    from pathlib import Path

    from belabridge.recording.dated import Dated
    from belabridge.recording.take import TrackEntry

FRAME: Final = np.dtype("<u8")


class Lane:
    """Puts the blocks of a variable into its columns.

    What says when a value was comes before the value, so that a kill between the two leaves no value without.

    Args:
        folder: of the take.
        entry: which files, and whether frames are a column or runs.
        dtype: of the values.
        number: of the track in the take.
        runs: the column of runs of the whole take.

    Raises:
        OSError: the files cannot be made.
    """

    def __init__(
        self, folder: Path, entry: TrackEntry, dtype: np.dtype[Any], number: int, runs: Column
    ) -> None:
        self._number, self._dtype = number, dtype
        self._take_runs = runs
        self._runs = Runs()
        self._values = Column(folder / entry.values, dtype)
        self._frames = Column(folder / entry.frames, FRAME) if entry.frames is not None else None

    def takes(self, block: Dated) -> bool:
        """Whether a block is of this track's kind."""
        return block.values.dtype == self._dtype and block.is_regular is (self._frames is None)

    def write(self, block: Dated, gap: int) -> None:
        """Write a block of this kind; ``gap`` as in ``RUN``.

        Raises:
            OSError: not all of it could be written.
        """
        values, count = block.values, len(block.values)
        if self._frames is None:
            run = self._runs.seen(block.first_frame, count, gap, block.step_frames)
            if run is not None:
                self._keep(run)
        else:
            if gap != NO_GAP:
                self._keep((self._runs.count, block.first_frame, gap, math.nan, math.nan))
            self._runs.count += count
            self._frames.append(block.frames)
        self._values.append(values)

    def end(self, gap: int) -> None:
        """Note the gap behind the last value.

        Raises:
            OSError: it could not be written.
        """
        self._keep((self._runs.count, 0, gap, math.nan, math.nan))

    def close(self) -> None:
        """End the files.

        Raises:
            OSError: their headers could not be written.
        """
        try:
            if self._frames is not None:
                self._frames.close()
        finally:
            self._values.close()

    def _keep(self, run: tuple[int, int, int, float, float]) -> None:
        self._take_runs.append(np.array([(self._number, *run)], RUN))
