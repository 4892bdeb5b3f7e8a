"""A log file of the board as the buffers in which pybela gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.client.known.arguments import buffer_values
from belabridge.client.known.lazy_dict import LazyDict
from belabridge.recording.log_file import open_log
from belabridge.values import TimestampMode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belabridge.recording.track import Track


def read_buffers(path: str, mode: TimestampMode, end_frame: int | None) -> dict[str, Any]:
    """A log file; its numbers become Python's when they are looked at.

    Args:
        path: of the file.
        mode: of the variable.
        end_frame: of the log, when it is known: what is behind it is padding.

    Returns:
        ``project_name`` (the word with which such a file begins), ``var_name``, ``type`` and ``buffers``,
        each ``{"ref_timestamp", "data"}``, of a sparse variable with ``"rel_timestamps"``.

    Raises:
        NoRecording: it cannot be read.
    """
    track = open_log(path, mode=mode, end_frame=end_frame).track
    return {
        "project_name": "watcher",
        "var_name": track.name,
        "type": str(track.type),
        "buffers": [_buffer(track, start, stop) for start, stop in _places(track)],
    }


def _places(track: Track) -> Iterator[tuple[int, int]]:
    """Where full buffers begin and end; after a gap, one begins."""
    length = buffer_values(track.type, track.mode)
    start = 0
    for end in [*(gap.index for gap in track.gaps), len(track)]:
        for place in range(start, end, length):
            yield place, min(place + length, end)
        start = end


def _buffer(track: Track, start: int, stop: int) -> LazyDict:
    def made(key: str) -> Any:
        part = track[start:stop]
        if key == "data":
            return part.values.tolist()
        first = part.frames[0]
        return int(first) if key == "ref_timestamp" else (part.frames - np.uint64(first)).tolist()

    sparse = track.mode is TimestampMode.SPARSE
    return LazyDict(
        ("ref_timestamp", "data", "rel_timestamps") if sparse else ("ref_timestamp", "data"), made
    )
