"""A board's log file as values and frames, read where they lie and only when they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from belabridge.errors import LogDamaged
from belabridge.wire.formats import STREAM_BODY
from belabridge.wire.log_blocks import form_of
from belabridge.wire.log_header import read_header
from belabridge.wire.log_index import Ending, even, scan
from belabridge.wire.log_mode import mode_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from belabridge.values import TimestampMode
    from belabridge.wire.log_index import Index, Run

_AT_ONCE: Final = 256  # blocks, 1 MiB: what is worked on stays in a cache, and needs no more memory


class LogBlock(NamedTuple):
    """One block of a log.

    Attributes:
        frame: audio frame of its first value.
        values: (n,), read-only.
        relative: sparse logs only: uint32 (n,), frames of the values after the first; otherwise None.
    """

    frame: int
    values: NDArray[Any]
    relative: NDArray[np.uint32] | None


class LogFile:
    """One log file, whole in memory or mapped.

    Opening it reads the header and a few blocks. All blocks are looked at once, when something is asked for
    that depends on each of them. A large dense log at audio rate whose beginning, end and some blocks between
    show no gap does not need that; its blocks are checked when they are read.

    Attributes:
        header: what the file says of itself.
        mode: dense or sparse.
        mode_is_sure: the caller or the file said so, or the values leave no doubt; else it is a guess.
        dtype: of the values, in the byte order of this computer.
        size: bytes of the file.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        *,
        mode: TimestampMode | None = None,
        end_frame: int | None = None,
        duration_frames: int | None = None,
        char_signed: bool = False,
        pointer_bytes: int | None = None,
    ) -> None:
        """Read the header. All that the caller may know besides is what a file of the original does not say.

        Args:
            data: all bytes of the file (n,).
            mode: dense or sparse, as the board's list says it; None = told from the values.
            end_frame: of the log, as the board's answer said: what is behind it is padding.
            duration_frames: the same, counted from the first value's frame.
            char_signed: a char is -128…127 on the board that wrote it; so it is on no Bela.
            pointer_bytes: of that board, 4 or 8; None = told from the file.

        Raises:
            LogFormatError: this is no log file.
        """
        self._data = data
        self.size = len(data)
        self.header = read_header(data, len(data), pointer_bytes=pointer_bytes)
        said = self.header.mode if self.header.mode is not None else mode
        if said is None:
            self.mode, self.mode_is_sure = mode_of(data, self.header.bytes, self.header.type)
        else:
            self.mode, self.mode_is_sure = said, True
        signed = char_signed if self.header.char_signed is None else self.header.char_signed
        self._form = form_of(self.header, self.mode, char_signed=signed)
        self.dtype: np.dtype[Any] = self._form.dtype.newbyteorder("=")
        self._ending = Ending(end_frame, duration_frames)
        self._index: Index | None = None

    @property
    def index(self) -> Index:
        """Where everything is; looks at all blocks if that is needed and was not done."""
        if self._index is None:
            self._index = even(self._data, self.header.bytes, self._form, self._ending) or self.scan()
        return self._index

    def scan(self, progress: Callable[[int], None] = lambda _done: None) -> Index:
        """Look at every block, however even the log seems: this finds all damage.

        Args:
            progress: is told now and then how many bytes are done.
        """
        self._index = scan(self._data, self.header.bytes, self._form, self._ending, progress)
        return self._index

    @property
    def is_torn(self) -> bool:
        """It ends within a block; of a log of protocol 2 only its blocks tell, and they are looked at."""
        if self._form.exact:
            return any(damage.reason == "torn" for damage in self.index.damages)
        return (self.size - self.header.bytes) % STREAM_BODY != 0

    def __len__(self) -> int:
        return self.index.values

    def values(self, start: int, stop: int) -> NDArray[Any]:
        """Values (stop - start,), read-only; 0 <= start <= stop <= len(self).

        Those of one block are a view; else they are gathered, because blocks have other bytes between them.

        Raises:
            LogDamaged: a block is damaged in a large log that seemed to be whole; ``scan`` leaves it out.
        """
        parts = list(self._parts(start, stop))
        if len(parts) == 1 and parts[0].blocks == 1 and self._form.dtype == self.dtype:
            run = parts[0]
            view: NDArray[Any] = self._blocks(run)["values"][0]
            return _sealed(view[start - run.start : stop - run.start])
        out = np.empty(stop - start, self.dtype)
        for run in parts:
            _put(out, run.start - start, self._blocks(run)["values"])
        return _sealed(out)

    def frames(self, start: int, stop: int) -> NDArray[np.uint64]:
        """The audio frame of each value, uint64 (stop - start,).

        Raises:
            LogDamaged: as ``values``.
        """
        out = np.empty(stop - start, np.uint64)
        for run in self._parts(start, stop):
            blocks = self._blocks(run)
            first = blocks["frame"].astype(np.uint64)[:, None]
            if start <= run.start and run.end <= stop:
                rows = out[run.start - start : run.end - start].reshape(run.blocks, run.count)
                np.add(first, self._offsets(run, blocks), out=rows)
            else:
                _put(out, run.start - start, first + self._offsets(run, blocks))
        return _sealed(out)

    def blocks(self) -> Iterator[LogBlock]:
        """The blocks as the board wrote them, without padding and without those that are damaged.

        Raises:
            LogDamaged: as ``values``.
        """
        for run in self._parts(0, len(self)):
            for block in self._blocks(run):
                values = _sealed(block["values"].astype(self.dtype, copy=False))
                relative = block["relative"].astype(np.uint32, copy=False) if self._form.sparse else None
                yield LogBlock(int(block["frame"]), values, relative)

    def _offsets(self, run: Run, blocks: NDArray[np.void]) -> NDArray[np.uint64]:
        """Frames of the values after their block's first, (blocks, count) or (1, count)."""
        if self._form.sparse:
            return blocks["relative"].astype(np.uint64)
        places = np.arange(run.count)
        if self.index.spread is None:
            return (places * (self.index.step_frames or 1.0)).astype(np.uint64)[None, :]
        steps = self.index.spread[run.first_block : run.first_block + run.blocks]
        return (places * steps[:, None]).astype(np.uint64)

    def _blocks(self, run: Run) -> NDArray[np.void]:
        dtype = self._form.block(run.count, run.relative_at, run.bytes)
        blocks: NDArray[np.void] = self._data[run.at : run.at + run.blocks * run.bytes].view(dtype)
        first_frame = self.index.first_frame
        if first_frame is not None:
            places = np.arange(run.first_block, run.first_block + run.blocks)
            bad = blocks["frame"] != first_frame + places * self._form.capacity
            if self._form.exact:
                bad |= blocks["count"] != run.count
            if bad.any():
                raise LogDamaged(run.at + int(np.flatnonzero(bad)[0]) * run.bytes)
        return blocks

    def _parts(self, start: int, stop: int) -> Iterator[Run]:
        """The blocks with values between two places, as runs that begin and end with one of these."""
        if start >= stop:
            return
        index = self.index
        place = int(index.starts.searchsorted(start, "right")) - 1
        while start < stop:
            part = _within(index.runs[place], start, stop)
            yield part
            start = part.end
            place += part.end == index.runs[place].end


def _within(run: Run, start: int, stop: int) -> Run:
    """The blocks of a run that have a value between two places, the first of them when they are many."""
    first = max(0, start - run.start) // run.count
    end = min(run.blocks, -(-(stop - run.start) // run.count), first + _AT_ONCE)
    return replace(
        run,
        at=run.at + first * run.bytes,
        blocks=end - first,
        start=run.start + first * run.count,
        first_block=run.first_block + first,
    )


def _put(out: NDArray[Any], at: int, rows: NDArray[Any]) -> None:
    """Lay rows (m, n) behind each other into ``out`` from ``at`` on, without what is beyond its ends."""
    count = rows.shape[1]
    if at < 0:
        head = rows[0, -at:][: len(out)]
        out[: len(head)] = head
        rows, at = rows[1:], at + count
    whole = min(len(rows), (len(out) - at) // count)
    if whole > 0:
        out[at : at + whole * count].reshape(whole, count)[:] = rows[:whole]
    if 0 <= whole < len(rows):
        rest = out[at + whole * count :]
        rest[:] = rows[whole, : len(rest)]


def _sealed(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
