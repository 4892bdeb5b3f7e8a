"""WAV: a variable that has a value in every audio frame, as sound."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from belabridge.errors import CannotExport
from belabridge.values import VarType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from belabridge.recording.track import Track

FLOAT_BITS: Final = 32
PCM_BITS: Final = (16, 24)
LONGEST_SILENCE_S: Final = 3600.0  # where frames are missing; more is no music any more
_PCM, _IEEE_FLOAT = 1, 3  # format tags (mmreg.h)
_LARGEST_RIFF: Final = 0xFFFF_FFFF
_SILENCE_FRAMES: Final = 1 << 16  # that are written at once


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a track.

    Attributes:
        silent_frames: missing ones, for which silence stands.
        clipped: values beyond -1..1 that PCM cannot have, and values that are no numbers.
    """

    silent_frames: int
    clipped: int


def why_not(track: Track) -> str:
    """Why a track is no sound; empty when it is."""
    if track.type not in {VarType.FLOAT, VarType.DOUBLE}:
        return f"its type is {track.samples.dtype}: sound is float or double"
    if not len(track):
        return "it has no values"
    try:
        for _ in _stretches(track):
            pass
    except CannotExport as error:
        return str(error).removeprefix(f"{track.name}: ")
    return ""


def write_wav(
    track: Track,
    out: BinaryIO,
    told: Callable[[int], None] = lambda _values: None,
    *,
    bits: int = FLOAT_BITS,
) -> Heard:
    """Write a track as one channel. Where frames are missing there is silence, so that time stays true.

    A file beyond 4 GB is RF64 (EBU Tech 3306), which programs for sound read as well.

    Args:
        track: of floats or doubles, with a value in each frame: ``why_not`` is empty.
        out: at its beginning.
        told: called with the number of values that are done since it was called last.
        bits: 32 = float, as it was; 16 or 24 = PCM, where -1..1 is the whole range.

    Raises:
        CannotExport: it is no sound.
        OSError: it cannot be written.
    """
    frames = silent = clipped = 0
    for missing, values in _stretches(track):
        frames += missing + len(values)
        silent += missing
    out.write(header(frames, round(track.sample_rate_hz), bits))
    for missing, values in _stretches(track):
        silence = bytes(_SILENCE_FRAMES * bits // 8)
        out.writelines(silence for _ in range(missing // _SILENCE_FRAMES))
        out.write(silence[: missing % _SILENCE_FRAMES * bits // 8])
        data, lost = _encoded(values, bits)
        clipped += lost
        out.write(data)
        told(len(values))
    out.write(bytes(frames * bits // 8 % 2))  # chunks have an even length
    return Heard(silent, clipped)


def header(frames: int, sample_rate_hz: int, bits: int) -> bytes:
    """All bytes of a file of one channel before its samples (RIFF; RF64 beyond 4 GB)."""
    size = bits // 8
    data_bytes = frames * size
    tag = _IEEE_FLOAT if bits == FLOAT_BITS else _PCM
    form = struct.pack("<HHIIHH", tag, 1, sample_rate_hz, sample_rate_hz * size, size, bits)
    fact = b""
    if tag != _PCM:  # the others have the size of an extension, and say how many samples there are
        form += bytes(2)
        fact = b"fact" + struct.pack("<II", 4, min(frames, _LARGEST_RIFF))
    form = b"fmt " + struct.pack("<I", len(form)) + form
    rest = 4 + len(form) + len(fact) + 8 + data_bytes + data_bytes % 2  # "WAVE" and the head of "data"
    if rest <= _LARGEST_RIFF:
        head = b"RIFF" + struct.pack("<I", rest) + b"WAVE" + form + fact
        return head + b"data" + struct.pack("<I", data_bytes)
    sizes = b"ds64" + struct.pack("<IQQQI", 28, rest + 36, data_bytes, frames, 0)
    head = b"RF64" + struct.pack("<I", _LARGEST_RIFF) + b"WAVE" + sizes + form + fact
    return head + b"data" + struct.pack("<I", _LARGEST_RIFF)


def _stretches(track: Track) -> Iterator[tuple[int, NDArray[Any]]]:
    """Values that follow each other frame by frame, and how many frames are missing before them.

    Raises:
        CannotExport: they do not, and no gap explains it.
    """
    gaps = {gap.index for gap in track.gaps}
    expected = None
    for piece in track.pieces():
        frames = piece.frames.astype(np.int64)
        before = frames[0] - 1 if expected is None else expected - 1
        steps = np.diff(frames, prepend=before)
        odd = np.flatnonzero(steps != 1)
        for place in odd:
            if piece.start + place not in gaps:
                raise CannotExport(
                    track.name,
                    f"its values are not in each frame, but {steps[place]} frames apart: use csv or npz",
                )
            if steps[place] > LONGEST_SILENCE_S * track.sample_rate_hz:
                raise CannotExport(track.name, f"{steps[place] - 1} frames are missing: use csv or npz")
        for start, stop in zip([0, *odd], [*odd, len(frames)], strict=True):
            if stop > start:
                yield max(0, int(steps[start]) - 1), piece.values[start:stop]
        expected = frames[-1] + 1


def _encoded(values: NDArray[Any], bits: int) -> tuple[bytes, int]:
    """Samples as the file has them, and how many could not be kept."""
    if bits == FLOAT_BITS:
        with np.errstate(over="ignore"):  # a double may become infinite
            return values.astype("<f4").tobytes(), 0
    full = (1 << bits - 1) - 1
    finite = np.isfinite(values)
    with np.errstate(over="ignore"):  # and is clipped
        scaled = np.rint(np.where(finite, values, 0).astype(np.float64) * full)
    kept = np.clip(scaled, -full - 1, full)
    lost = int(np.count_nonzero((kept != scaled) | ~finite))
    if bits == 16:
        return kept.astype("<i2").tobytes(), lost
    return kept.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), lost
