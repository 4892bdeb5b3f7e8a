"""A stream of several variables as rows: at each frame, what each of them was."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.client.aligner import Aligner
from belabridge.client.streaming import Streaming
from belabridge.client.window import Window
from belabridge.errors import BoardError, FramesMissing, Misaligned
from belabridge.wire.formats import layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from belabridge.client.blocks import Block
    from belabridge.errors import BelabridgeError

ASK_AGAIN_S: Final = 0.01  # a block or two of audio, after which the board streams what it was told
LONGEST_WAIT_S: Final = 30.0
"""So far one variable may be behind another: 12 audio-rate floats that wait are 64 MB then."""


class AlignedBlock:
    """Rows of several variables: at each frame at which one of them was assigned, what each of them was.

    Attributes:
        names: the variables, in the order of the columns.
        values: (n, k) when all variables have one dtype; otherwise structured (n,), with a field for each
            variable. n is 0 where frames are missing.
        frames: audio frame of each row since the start of the board's program, uint64 (n,).
        first_frame: from here on all is known; where frames are missing, the first of them.
        missing_frames: how many frames are missing here, instead of rows; 0 in a block of rows, and when the
            board's program began anew, so that nobody knows.
        is_gap: frames are missing here.
        sample_rate_hz: audio frames a second.
    """

    __slots__ = ("first_frame", "frames", "is_gap", "missing_frames", "names", "sample_rate_hz", "values")

    def __init__(
        self,
        names: tuple[str, ...],
        values: NDArray[Any],
        frames: NDArray[np.uint64],
        first_frame: int,
        sample_rate_hz: float,
        *,
        missing_frames: int | None = None,
    ) -> None:
        """Rows, or a gap when ``missing_frames`` is given."""
        self.names, self.values, self.frames = names, values, frames
        self.first_frame, self.sample_rate_hz = first_frame, sample_rate_hz
        self.is_gap, self.missing_frames = missing_frames is not None, missing_frames or 0

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The values of one variable, (n,), a view."""
        if self.values.dtype.names is not None:
            return self.values[name]
        return self.values[:, self.names.index(name)]

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        what = f"{self.missing_frames} frames are missing" if self.is_gap else f"{len(self)} rows"
        return f"<AlignedBlock of {', '.join(self.names)}: {what} from frame {self.first_frame}>"

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Seconds since the start of the board's program, float64 (n,)."""
        return self.frames / self.sample_rate_hz

    @property
    def end_frame(self) -> int:
        """Behind the last row, or the last frame that is missing."""
        return int(self.frames[-1]) + 1 if len(self.frames) else self.first_frame + self.missing_frames

    @property
    def key(self) -> str:
        """One stream has rows of one kind."""
        return ""

    def gap_before(self, first_frame: int) -> AlignedBlock:
        """The gap from this frame on up to this block."""
        return self.gap(first_frame, max(0, self.first_frame - first_frame))

    def gap(self, first_frame: int, missing_frames: int) -> AlignedBlock:
        """A gap in the stream of this block."""
        return AlignedBlock(
            self.names,
            self.values[:0],
            self.frames[:0],
            first_frame,
            self.sample_rate_hz,
            missing_frames=missing_frames,
        )


class AlignedStream(Streaming[AlignedBlock]):
    """Every sample of some variables, beside each other; made by ``bela.aligned``.

    Use it as ``async with bela.aligned("pot1", "mic") as blocks: async for block in blocks: …``.
    """

    _aligner: Aligner
    _seeding: asyncio.Task[None] | None = None
    _has_rows = False

    def begin(self) -> None:
        """Let it come.

        Raises:
            UsageError: it had begun before.
        """
        table, signed = self._hub.table, self._hub.link.char_signed
        dtypes = {
            name: layout(table[name].type, table[name].mode, char_signed=signed).dtype for name in self.names
        }
        self._aligner = Aligner(dtypes, 0)  # until it is known where it begins
        super().begin()
        if self._start is None:
            self.start_frame = self._hub.now_frame  # or as soon after it as all variables are known
        self._aligner.begin_anew(self.start_frame)
        self._seed()

    def close(self, error: BelabridgeError | None = None) -> None:
        """End it now; what waits can still be read."""
        if self._seeding is not None:
            self._seeding.cancel()
            self._seeding = None
        super().close(error)

    def back(self, frame: int, *, began_anew: bool) -> None:
        """The board is there again."""
        if began_anew:
            self._rows()
            super().back(frame, began_anew=True)
            self.start_frame = max(w.start_frame for w in self._windows.values())
            self._aligner.begin_anew(self.start_frame)
            if self._has_rows:
                self._tell_gap(self.start_frame, 0)
            self._has_rows = False
        else:
            for name, window in self._windows.items():
                self._aligner.gap(name, max(window.known_until, self.start_frame))
            super().back(frame, began_anew=False)
        self._seed()

    def _window(self, name: str, first: int, end: int | None) -> Window:
        # from now on: what a variable was before the first row is known by what it was assigned last;
        # without a start, the length counts from the first row
        end = None if self._start is None else end
        return Window(name, min(first, self._hub.now_frame), end, promised=True)

    def _take(self, block: Block) -> None:
        if block.is_gap:
            self._aligner.gap(block.name, block.first_frame)
            return
        self._aligner.add(block)
        passed = self._passed
        if passed > self._aligner.next_frame:
            self._aligner.passed(passed)
        self._rows()
        if self._aligner.waiting_frames > LONGEST_WAIT_S * self._hub.sample_rate_hz:
            self.close(Misaligned(self._aligner.slowest, LONGEST_WAIT_S))

    def _complete(self) -> None:
        """Nothing comes any more: what is not there was not assigned."""
        if self._end is not None:
            self._aligner.passed(self._end)
        self._rows()

    def _rows(self) -> None:
        for first, frames, rows, missing in self._aligner.rows():
            if not self._has_rows and self._start is None:
                self._begin_here(first)
            elif missing and (self._end is None or first - missing < self._end):
                self._tell_gap(first - missing, missing)
            self._has_rows = True
            count = len(frames) if self._end is None else int(frames.searchsorted(self._end))
            if count:
                self._put(self._block(first, frames[:count], rows[:count]))

    def _begin_here(self, frame: int) -> None:
        """The first row is known, and with it the end."""
        self.start_frame = frame
        if self._length is not None:
            for window in self._windows.values():
                end = frame + self._length
                window.end_frame = end if window.end_frame is None else min(end, window.end_frame)
            asyncio.get_running_loop().call_soon(self._look_at_end)  # when this row has gone out

    @property
    def _end(self) -> int | None:
        """The first frame of which no row is wanted; None while nobody knows."""
        ends = [window.end_frame for window in self._windows.values() if window.end_frame is not None]
        return min(ends) if ends else None

    def _tell_gap(self, first_frame: int, missing_frames: int) -> None:
        if self._fails_by_gap:
            self.close(FramesMissing(", ".join(self.names), missing_frames))
            return
        nothing = self._block(first_frame, np.zeros(0, np.uint64), self._aligner.no_rows)
        self._put(nothing.gap(first_frame, missing_frames))

    def _block(self, first_frame: int, frames: NDArray[np.uint64], rows: NDArray[Any]) -> AlignedBlock:
        return AlignedBlock(self.names, rows, frames, first_frame, self._hub.sample_rate_hz)

    def _seed(self) -> None:
        """Find out what the variables are now, for those that are assigned seldom."""
        if self._seeding is not None:
            self._seeding.cancel()
        self._seeding = asyncio.create_task(self._ask(), name="values to begin with")

    async def _ask(self) -> None:
        hub = self._hub
        try:
            while self._aligner.unknown:
                board = await hub.list(LONGEST_WAIT_S)
                state = hub.link.wishes.speech.state
                mine = [variable for variable in board.variables if variable.name in self.names]
                if all(state(variable).watched for variable in mine):
                    for variable in mine:
                        if variable.name in self._aligner.unknown and math.isfinite(variable.value_input):
                            self._aligner.seed(variable.name, board.frame, variable.value_input)
                    return
                await asyncio.sleep(ASK_AGAIN_S)
        except BoardError:
            return  # it is gone; when it is back, it is asked again
