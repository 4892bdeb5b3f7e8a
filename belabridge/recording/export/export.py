"""Puts a recording into another format: which file gets what, and which variables cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from belabridge.errors import CannotExport, UsageError
from belabridge.recording.export.csv_file import write_csv
from belabridge.recording.export.npz_file import write_npz
from belabridge.recording.export.parquet_file import parquet, write_parquet
from belabridge.recording.export.target import new_file, new_folder
from belabridge.recording.export.wav_file import FLOAT_BITS, PCM_BITS, why_not, write_wav
from belabridge.recording.stems import Stems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import BinaryIO

    from belabridge.recording.recording import Recording
    from belabridge.recording.track import Track


class Format(StrEnum):
    """What a recording can be exported to, by the suffix of its files."""

    CSV = "csv"
    NPZ = "npz"
    WAV = "wav"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        path: the file, or the folder with a file for each variable.
        files: all files.
        left_out: variables that this format cannot have, and why.
        notes: what else one should know, a sentence each.
    """

    path: Path
    files: tuple[Path, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def export(
    recording: Recording,
    to: Format | str,
    out: str | Path | None = None,
    *,
    variables: Sequence[str] = (),
    bits: int = FLOAT_BITS,
    told: Callable[[int], None] = lambda _values: None,
) -> Exported:
    """Write a recording in another format.

    NPZ is one file. The others have a file for each variable: of one just that, of several in a folder.

    Args:
        recording: as ``load`` gives it.
        to: the format.
        out: the file or folder to be made; None = beside the recording: ``take1.npz``, ``take1_csv``.
        variables: only these; none = all that the format can have.
        bits: of a sample in WAV: 32 = float, 16 or 24 = PCM.
        told: called with the number of values that are done since it was called last.

    Raises:
        UsageError: there is no such format or number of bits.
        CannotExport: a variable that was named, or every one, cannot be had in this format; or there is none.
        AlreadyExists: the file or folder is there; nothing is overwritten.
        CannotSave: it cannot be written, such as on a full disk; nothing is left of it.
        MissingPackage: Parquet needs pyarrow.
    """
    to = _format(to)
    if bits not in {FLOAT_BITS, *PCM_BITS}:
        raise UsageError(f"no WAV of {bits} bits: write 16, 24 or 32")
    tracks, left_out = _chosen(recording, to, variables)
    path = Path(out) if out is not None else _beside(recording.path, to, len(tracks))
    if to is Format.NPZ:
        with new_file(path) as file:
            write_npz(tracks, file, told)
        return Exported(path, (path,), left_out)
    if to is Format.PARQUET:
        parquet()  # before there is anything
    notes: list[str] = []
    if len(tracks) == 1:
        with new_file(path) as file:
            notes += _write(tracks[0], to, file, bits, told)
        return Exported(path, (path,), left_out, tuple(notes))
    stems = Stems()
    names = [f"{stems.new(track.name)}.{to}" for track in tracks]
    with new_folder(path) as folder:
        for name, track in zip(names, tracks, strict=True):
            with (folder / name).open("xb") as file:
                notes += _write(track, to, file, bits, told)
    return Exported(path, tuple(path / name for name in names), left_out, tuple(notes))


def _format(to: str) -> Format:
    try:
        return Format(to)
    except ValueError:
        raise UsageError(f"no export to {to!r}: write one of {', '.join(Format)}") from None


def _chosen(recording: Recording, to: Format, names: Sequence[str]) -> tuple[list[Track], dict[str, str]]:
    """The tracks that are to be written, and why not the others."""
    where = str(recording.path)
    for name in names:
        if name not in recording:
            raise CannotExport(where, f"it has no variable {name!r}: it has {', '.join(recording) or 'none'}")
    tracks = {name: recording[name] for name in dict.fromkeys(names or recording)}
    left_out = {name: why for name, track in tracks.items() if to is Format.WAV and (why := why_not(track))}
    if left_out and (names or len(left_out) == len(tracks)):
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        raise CannotExport(where, f"cannot be exported to {to}: {reasons}")
    if not tracks:
        raise CannotExport(where, "has no variables")
    return [track for name, track in tracks.items() if name not in left_out], left_out


def _beside(path: Path, to: Format, tracks: int) -> Path:
    stem = path.name if path.is_dir() else path.stem
    return path.with_name(f"{stem}.{to}" if to is Format.NPZ or tracks == 1 else f"{stem}_{to}")


def _write(track: Track, to: Format, file: BinaryIO, bits: int, told: Callable[[int], None]) -> list[str]:
    if to is Format.CSV:
        write_csv(track, file, told)
    elif to is Format.PARQUET:
        write_parquet(track, file, told)
    else:
        heard = write_wav(track, file, told, bits=bits)
        notes = []
        if heard.silent_frames:
            notes.append(f"{track.name}: {heard.silent_frames} frames are missing; there is silence instead")
        if heard.clipped:
            notes.append(f"{track.name}: {heard.clipped} values do not fit into -1..1, and were clipped")
        return notes
    return []
