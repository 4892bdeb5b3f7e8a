"""A board's log file as a track: mapped, so that it opens at once whatever its size."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.errors import LogFormatError, NoRecording
from belabridge.recording.json_lines_read import USUAL_RATE_HZ
from belabridge.recording.recording import Recording
from belabridge.recording.track import Gap, Track
from belabridge.wire.log_file import LogFile
from belabridge.wire.log_header import EXACT, ORIGINAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from belabridge.values import TimestampMode


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """A log file that is open.

    Attributes:
        path: where it is.
        file: what it says of itself, and what became of it: ``file.header``, ``file.index.damages``.
        track: its values and frames.
    """

    path: Path
    file: LogFile
    track: Track


class LogSamples:
    """Samples of a track that lie in the blocks of a log file.

    Args:
        file: the open file.
    """

    def __init__(self, file: LogFile) -> None:
        self._file = file

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        return self._file.dtype

    def __len__(self) -> int:
        return len(self._file)

    def values(self, start: int, stop: int) -> NDArray[Any]:
        """A view within one block; gathered from several."""
        return self._file.values(start, stop)

    def frames(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Made of the frames of the blocks."""
        return self._file.frames(start, stop)

    def gaps(self) -> list[Gap]:
        """Where the board lost values, or a block is damaged."""
        return [Gap(place, jump.frames) for place, jump in self._file.index.jumps]


def open_log(
    path: str | Path,
    *,
    mode: TimestampMode | None = None,
    end_frame: int | None = None,
    duration_frames: int | None = None,
    sample_rate_hz: float | None = None,
    char_signed: bool = False,
) -> Log:
    """Open a log file of a board; nothing but its beginning is read.

    A file of the original does not say whether it is dense, where it ends and how fast the board runs. What
    the caller knows of that counts; the mode is else told from the values, and zeros at the end are values.

    Args:
        path: the file.
        mode: dense or sparse, as the board's list says.
        end_frame: of the log, as the board's answer said; what is behind it is padding.
        duration_frames: the same, from the first value on.
        sample_rate_hz: audio frames a second; 44 100 where nobody says it.
        char_signed: a char is -128…127 on the board that wrote it; so it is on no Bela.

    Raises:
        NoRecording: the file cannot be read, or is no log file.
    """
    path = Path(path)
    data = mapped_bytes(path)
    try:
        file = LogFile(
            data,
            mode=mode,
            end_frame=end_frame,
            duration_frames=duration_frames,
            char_signed=char_signed,
        )
    except LogFormatError as error:
        raise NoRecording(str(path), str(error)) from None
    header = file.header
    rate_hz = header.sample_rate_hz or sample_rate_hz or USUAL_RATE_HZ
    return Log(path, file, Track(header.name, header.type, file.mode, rate_hz, LogSamples(file)))


def is_log(path: Path) -> bool:
    """Whether a file begins as log files do."""
    try:
        with path.open("rb") as file:
            return file.read(len(EXACT)) in {ORIGINAL, EXACT}
    except OSError:
        return False


def recording_of_log(path: Path) -> Recording:
    """A log file as a recording of one track; one that ends within a block is not complete.

    Raises:
        NoRecording: as ``open_log``.
    """
    log = open_log(path)
    return Recording(path, {log.track.name: log.track}, is_complete=not log.file.is_torn)


def mapped_bytes(path: Path) -> NDArray[np.uint8]:
    """All bytes of a file (n,), mapped read-only.

    Raises:
        NoRecording: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return np.empty(0, np.uint8)  # which no system maps
            return np.asarray(np.memmap(file, np.uint8, "r"))
    except OSError as error:
        raise NoRecording(str(path), f"cannot be read ({error.strerror})") from None
