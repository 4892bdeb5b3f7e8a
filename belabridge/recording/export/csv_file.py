"""CSV: a row for each value, with its frame and its second."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from belabridge.recording.track import Track

NANOSECONDS = 9  # digits behind the point of a second: a frame has 22 676 ns


def write_csv(track: Track, out: BinaryIO, told: Callable[[int], None] = lambda _values: None) -> None:
    """Write a track as RFC 4180 has it, with a first row of names; rows end with a line feed.

    A value has as many digits as it needs to be read again as the same one of its type. NaN and infinity are
    ``nan``, ``inf`` and ``-inf``.

    Args:
        track: to be written.
        out: at its beginning.
        told: called with the number of values that are done since it was called last.

    Raises:
        OSError: it cannot be written.
    """
    names = io.StringIO()
    csv.writer(names, lineterminator="\n").writerow(["frame", "time_s", track.name])
    out.write(names.getvalue().encode("utf-8", "backslashreplace"))
    for piece in track.pieces():
        time_s = np.round(piece.frames / track.sample_rate_hz, NANOSECONDS)
        rows = zip(_texts(piece.frames), _texts(time_s), _texts(piece.values), strict=True)
        out.write(b"\n".join(map(b",".join, rows)) + b"\n")
        told(len(piece.values))


def _texts(numbers: NDArray[Any]) -> list[bytes]:
    array = np.ascontiguousarray(numbers, numbers.dtype.newbyteorder("="))
    texts = orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    if array.dtype.kind == "f":
        for place in np.flatnonzero(~np.isfinite(array)):  # JSON has no word for them
            texts[place] = str(array[place]).encode()
    return texts
