"""Puts the values of several variables beside each other: at each frame, what each variable was."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from belabridge.client.blocks import Block

_UNKNOWN = -1


class Piece(NamedTuple):
    """Rows without a gap.

    Attributes:
        first_frame: from here on all is known.
        frames: of the rows, uint64 (n,), n > 0.
        rows: (n, k) when all variables have one dtype, otherwise structured (n,), a field each.
        missing_frames: so many are missing before ``first_frame``.
    """

    first_frame: int
    frames: NDArray[np.uint64]
    rows: NDArray[Any]
    missing_frames: int


class _Run:
    """One variable's values without a gap.

    Attributes:
        known_from: the variable's value is known from this frame on; -1 while it is not known at all.
        known_until: what is from before this frame has come.
        is_over: a gap follows.
    """

    def __init__(self, known_until: int) -> None:
        self.known_from = _UNKNOWN
        self.known_until = known_until
        self.is_over = False
        self._held: NDArray[Any] | None = None  # (1,), the value before the first that waits
        self._chunks: deque[tuple[NDArray[np.uint64], NDArray[Any]]] = deque()

    def add(self, frames: NDArray[np.uint64], values: NDArray[Any], end_frame: int) -> None:
        if self.known_from == _UNKNOWN:
            self.known_from = int(frames[0])
        self._chunks.append((frames, values))
        self.known_until = max(self.known_until, end_frame)

    def seed(self, frame: int, value: NDArray[Any]) -> None:
        """The value was this at a frame; nothing that came says anything of that time."""
        if self.known_from == _UNKNOWN or self.known_from > frame:
            self.known_from, self._held = frame, value
            self.known_until = max(self.known_until, frame)

    @property
    def waits_since(self) -> int:
        """The frame of the first value that waits."""
        return int(self._chunks[0][0][0]) if self._chunks else self.known_until

    def taken(self, until: int) -> tuple[NDArray[np.uint64], NDArray[Any]]:
        """The values before a frame, with their frames, without the one that is held; they are gone then."""
        frames: list[NDArray[np.uint64]] = []
        values: list[NDArray[Any]] = []
        while self._chunks:
            chunk_frames, chunk_values = self._chunks[0]
            if int(chunk_frames[-1]) < until:
                self._chunks.popleft()
            elif int(chunk_frames[0]) >= until:
                break
            else:
                cut = int(chunk_frames.searchsorted(until))
                self._chunks[0] = (chunk_frames[cut:], chunk_values[cut:])
                chunk_frames, chunk_values = chunk_frames[:cut], chunk_values[:cut]
            frames.append(chunk_frames)
            values.append(chunk_values)
        if not frames:
            return np.zeros(0, np.uint64), np.zeros(0, np.uint8)
        if len(frames) == 1:
            return frames[0], values[0]
        return np.concatenate(frames), np.concatenate(values)

    def hold(self, values: NDArray[Any]) -> None:
        """These have been taken."""
        if len(values):
            self._held = values[-1:]

    @property
    def held(self) -> NDArray[Any] | None:
        """The value before those that wait, (1,)."""
        return self._held


class Aligner:
    """Rows of the values of several variables.

    There is a row at each frame at which one of the variables was assigned, as soon as all are known; a
    variable that was not assigned at that frame has the value that it had. Of several values of one frame
    the last counts.

    Args:
        dtypes: of the variables, by name, in the order of the columns.
        start_frame: no row is from before it.
    """

    def __init__(self, dtypes: Mapping[str, np.dtype[Any]], start_frame: int) -> None:
        """No values yet."""
        self._dtypes = dict(dtypes)
        kinds = set(self._dtypes.values())
        self._common = kinds.pop() if len(kinds) == 1 else None
        self._row_dtype = np.dtype([(name, dtype) for name, dtype in self._dtypes.items()])
        self._next, self._missing = start_frame, 0
        self._runs: dict[str, deque[_Run]] = {name: deque([_Run(start_frame)]) for name in self._dtypes}

    @property
    def unknown(self) -> set[str]:
        """Variables whose value is not known: their next one, or a seed, must tell it."""
        return {name for name, runs in self._runs.items() if runs[-1].known_from == _UNKNOWN}

    @property
    def no_rows(self) -> NDArray[Any]:
        """Rows, of which there are none."""
        if self._common is not None:
            return np.empty((0, len(self._dtypes)), self._common)
        return np.empty(0, self._row_dtype)

    @property
    def waiting_frames(self) -> int:
        """So many frames the slowest variable is behind the fastest."""
        known = [runs[-1].known_until for runs in self._runs.values()]
        return max(known) - min(known)

    @property
    def slowest(self) -> str:
        """The variable for which the others wait."""
        return min(self._runs, key=lambda name: self._runs[name][-1].known_until)

    def add(self, block: Block) -> None:
        """Take a block of one variable, n > 0."""
        self._runs[block.name][-1].add(block.frames, block.values, block.end_frame)

    def seed(self, name: str, frame: int, value: float) -> None:
        """A variable had this value at a frame, while it was streamed; for those that are assigned seldom.

        Args:
            name: of the variable.
            frame: at which it was so.
            value: finite.
        """
        self._runs[name][-1].seed(frame, _as_c(value, self._dtypes[name]))

    def passed(self, frame: int) -> None:
        """Nothing from before this frame comes any more, of any variable."""
        for runs in self._runs.values():
            run = runs[-1]
            if run.known_from != _UNKNOWN:
                run.known_until = max(run.known_until, frame)

    def gap(self, name: str, first_frame: int) -> None:
        """From this frame on, values of a variable are missing, up to its next one or a seed."""
        runs = self._runs[name]
        if runs[-1].known_from != _UNKNOWN:
            runs[-1].is_over = True
            runs[-1].known_until = min(runs[-1].known_until, first_frame)
            runs.append(_Run(first_frame))

    def begin_anew(self, start_frame: int) -> None:
        """Forget all; frames may count from 0 again."""
        self._next, self._missing = start_frame, 0
        self._runs = {name: deque([_Run(start_frame)]) for name in self._dtypes}

    @property
    def next_frame(self) -> int:
        """The rows before it have been given."""
        return self._next

    def rows(self) -> list[Piece]:
        """The rows that are complete by now, in pieces without a gap."""
        pieces: list[Piece] = []
        if all(runs[0].known_until > self._next or runs[0].is_over for runs in self._runs.values()):
            while self._step(pieces):
                pass
        return pieces

    def _step(self, pieces: list[Piece]) -> bool:
        """Add what is complete of the runs that the variables are at; whether one of these was left."""
        runs = {name: many[0] for name, many in self._runs.items()}
        until = min(run.known_until for run in runs.values())
        if all(run.known_from != _UNKNOWN for run in runs.values()):
            since = max(run.known_from for run in runs.values())
            if until > max(since, self._next):
                self._missing += max(0, since - self._next)
                self._next = max(since, self._next)
                frames, rows = self._made(runs, self._next, until)
                if len(frames):
                    pieces.append(Piece(self._next, frames, rows, self._missing))
                    self._missing = 0
                self._next = until
        over = [name for name, run in runs.items() if run.is_over and until >= run.known_until]
        for name in over:
            self._runs[name].popleft()
        return bool(over)

    def _made(
        self, runs: Mapping[str, _Run], first: int, until: int
    ) -> tuple[NDArray[np.uint64], NDArray[Any]]:
        for run in runs.values():
            if run.waits_since < first:
                run.hold(run.taken(first)[1])
        taken = {name: run.taken(until) for name, run in runs.items()}
        columns = list(taken.values())
        frames = columns[0][0]
        if all(np.array_equal(frames, other) for other, _ in columns[1:]) and _rises(frames):
            filled = {name: values for name, (_, values) in taken.items()}
        else:
            frames = np.unique(np.concatenate([some for some, _ in columns]))
            filled = {name: _filled(frames, *taken[name], runs[name].held) for name in taken}
        for name, run in runs.items():
            run.hold(taken[name][1])
        if self._common is not None:
            rows = np.empty((len(frames), len(filled)), self._common)
            for place, values in enumerate(filled.values()):
                rows[:, place] = values
            return frames, rows
        structured = np.empty(len(frames), self._row_dtype)
        for name, values in filled.items():
            structured[name] = values
        return frames, structured


def _as_c(value: float, dtype: np.dtype[Any]) -> NDArray[Any]:
    """A listed value as (1,) of the variable's dtype; of a char, both views of a byte are the same byte."""
    if dtype.kind == "f":
        return np.array([value], dtype)
    return np.array([int(value)], np.int64).astype(dtype)


def _rises(frames: NDArray[np.uint64]) -> bool:
    return bool((frames[1:] > frames[:-1]).all())


def _filled(
    at: NDArray[np.uint64], frames: NDArray[np.uint64], values: NDArray[Any], held: NDArray[Any] | None
) -> NDArray[Any]:
    """The value at each of the frames ``at``: the last one of that frame or before it, or the held one."""
    if held is not None:
        values = np.concatenate([held, values.astype(held.dtype, copy=False)])
        return values[frames.searchsorted(at, side="right")]
    return values[frames.searchsorted(at, side="right") - 1]
