"""Writes a take while it comes: every block is in its file before the next one is looked at."""

from __future__ import annotations

import errno
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from belabridge.errors import AlreadyExists, CannotSave, UsageError
from belabridge.recording.column import Column, write_all
from belabridge.recording.lane import Lane
from belabridge.recording.runs import NO_GAP, RUN
from belabridge.recording.stems import Stems
from belabridge.recording.take import HEAD, RUNS, VERSION, TrackEntry, new_folder, type_of
from belabridge.strict_json import one_line
from belabridge.values import TimestampMode

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from belabridge.recording.dated import Dated


class Recorder:
    """A take that is being written. What `block` took stays readable whatever becomes of this process.

    Nothing waits in memory: each block is one write into the system's page cache (two when it is sparse),
    which costs some microseconds. A machine that loses power may lose what was not on its disk yet.

    Args:
        folder: a new folder, or an empty one; ``{n}`` in its last part stands for the lowest free number.
        sample_rate_hz: audio frames a second.
        project: of the program on the board, for the reader.

    Attributes:
        path: the folder.

    Raises:
        AlreadyExists: the folder is there, with something in it.
        CannotSave: the folder or its first files cannot be written.
    """

    def __init__(self, folder: str | Path, *, sample_rate_hz: float, project: str = "") -> None:
        self.path = new_folder(folder)
        self._current: dict[str, Lane] = {}
        self._lanes: dict[tuple[str, str, bool], Lane] = {}
        self._stems = Stems([".frames"], ["take", "runs"])
        self._gaps: dict[str, int] = {}  # told, and not written: the next block tells where they are
        self._fault: str | None = None
        self._is_open = True
        try:
            self._head = (self.path / HEAD).open("xb", buffering=0)
            with ExitStack() as unless_whole:
                unless_whole.callback(self._head.close)
                self._runs = Column(self.path / RUNS, RUN)
                unless_whole.callback(self._runs.close)
                head = {"sample_rate_hz": sample_rate_hz, "project": project, "created": _now()}
                self._note({"belabridge_take": VERSION, **head})
                unless_whole.pop_all()
        except FileExistsError:  # somebody else began a take in the same empty folder
            raise AlreadyExists(str(self.path)) from None
        except OSError as error:
            with suppress(OSError):  # a second try shall find nothing
                for name in (HEAD, RUNS):
                    (self.path / name).unlink(missing_ok=True)
                self.path.rmdir()
            raise CannotSave(str(self.path), _reason(error)) from None

    def block(self, name: str, block: Dated) -> None:
        """Write the next values of a variable.

        When another program begins on the board, in which the variable is of another type, its values go on
        in a track of their own.

        Raises:
            CannotSave: they could not be written as a whole; from then on every call raises it.
            UsageError: the recorder was closed.
        """
        if not len(block.values):
            return
        if not self._is_open:
            raise self._over()
        lane = self._current.get(name)
        try:
            if lane is None or not lane.takes(block):
                lane = self._current[name] = self._lane(name, block)
            lane.write(block, self._gaps.pop(name, NO_GAP) if self._gaps else NO_GAP)
        except OSError as error:
            raise self._failed(error) from None

    def gap(self, name: str, frames: int) -> None:
        """Note that frames are missing before the next block of a variable.

        Args:
            name: of the variable.
            frames: how many; 0 = so many as nobody knows.
        """
        self._gaps[name] = self._gaps.get(name, 0) + frames

    def close(self) -> None:
        """End the take. A second time does nothing.

        Raises:
            CannotSave: its last words could not be written; all blocks are.
        """
        if not self._is_open:
            return
        self._is_open = False
        try:
            for name, frames in self._gaps.items():
                if name in self._current:
                    self._current[name].end(frames)
            self._close_columns()
            self._note({"closed": _now()})
        except OSError as error:
            raise self._failed(error) from None
        self._head.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lane(self, name: str, block: Dated) -> Lane:
        """The one for blocks like this; there are as many as there are types, whatever a board does."""
        dtype, is_regular = block.values.dtype, block.is_regular
        key = name, dtype.str, is_regular
        if key not in self._lanes:
            stem = self._stems.new(name)
            mode = TimestampMode.DENSE if is_regular else TimestampMode.SPARSE
            frames = None if is_regular else f"{stem}.frames.npy"
            entry = TrackEntry(name, type_of(dtype), mode, f"{stem}.npy", frames)
            self._lanes[key] = Lane(self.path, entry, dtype, len(self._lanes), self._runs)
            self._note(entry.line())
        return self._lanes[key]

    def _note(self, line: dict[str, Any]) -> None:
        write_all(self._head, memoryview(one_line(line).encode() + b"\n"))

    def _close_columns(self) -> None:
        with ExitStack() as every:  # also when one of them cannot be
            every.callback(self._runs.close)
            for lane in self._lanes.values():
                every.callback(lane.close)

    def _over(self) -> CannotSave | UsageError:
        if self._fault is None:
            return UsageError(f"{self.path}: this take is closed: record another one")
        return CannotSave(str(self.path), self._fault)

    def _failed(self, error: OSError) -> CannotSave:
        """Keep what is there, and say so now and from now on."""
        self._is_open, self._fault = False, _reason(error)
        with suppress(OSError):
            self._close_columns()
        self._head.close()
        return CannotSave(str(self.path), self._fault)


def _reason(error: OSError) -> str:
    if error.errno == errno.EMFILE:
        return f"{error.strerror}: record fewer variables at once, or allow more by `ulimit -n`"
    return str(error.strerror)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
