"""NPZ: all tracks in one file that ``numpy.load`` opens."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from belabridge.recording.column import header
from belabridge.recording.stems import Stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from belabridge.recording.track import Track

GAP: Final = np.dtype([("index", "<u8"), ("frames", "<u8")])
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)  # of zip files: equal recordings give equal files


def write_npz(
    tracks: Sequence[Track], out: BinaryIO, told: Callable[[int], None] = lambda _values: None
) -> None:
    """Write tracks as arrays: ``mic`` (values), ``mic.frames`` (uint64), and ``mic.gaps`` when there are any.

    A gap has ``index`` (of the value behind it) and ``frames`` (that are missing; 0 = nobody knows how many).
    ``sample_rate_hz`` is a number beside them.

    Args:
        tracks: of one recording.
        out: at its beginning, seekable.
        told: called with the number of values that are done since it was called last.

    Raises:
        OSError: it cannot be written.
    """
    stems = Stems([".frames", ".gaps"], ["sample_rate_hz"])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for track in tracks:
            stem = stems.new(track.name)
            _write(archive, stem, track.samples.dtype, len(track), _values(track, told))
            _write(archive, f"{stem}.frames", np.dtype("<u8"), len(track), (p.frames for p in track.pieces()))
            if track.gaps:
                gaps = np.array([(gap.index, gap.frames) for gap in track.gaps], GAP)
                _write(archive, f"{stem}.gaps", GAP, len(gaps), [gaps])
        rate = np.array([track.sample_rate_hz for track in tracks[:1]])
        _write(archive, "sample_rate_hz", rate.dtype, len(rate), [rate])


def _values(track: Track, told: Callable[[int], None]) -> Iterable[NDArray[Any]]:
    for piece in track.pieces():
        yield piece.values
        told(len(piece.values))


def _write(
    archive: zipfile.ZipFile, name: str, dtype: np.dtype[Any], count: int, parts: Iterable[NDArray[Any]]
) -> None:
    with archive.open(zipfile.ZipInfo(f"{name}.npy", _FIRST_DAY), "w", force_zip64=True) as out:
        out.write(header(dtype, count))
        for part in parts:
            out.write(np.ascontiguousarray(part).data)
