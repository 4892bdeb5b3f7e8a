"""What the folder of a take holds: ``take.jsonl``, which names the columns, the columns, and the runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from belabridge.errors import AlreadyExists, CannotSave
from belabridge.values import TimestampMode, VarType

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

HEAD: Final = "take.jsonl"
RUNS: Final = "runs.npy"
VERSION: Final = 1
NUMBER: Final = "{n}"  # in a name: the next free number
TYPES: Final = {
    "u1": VarType.CHAR,
    "i1": VarType.CHAR,
    "i4": VarType.INT,
    "u4": VarType.UINT,
    "f4": VarType.FLOAT,
    "f8": VarType.DOUBLE,
}
"""C types by the dtypes of their values, without the byte order."""


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """A line of ``take.jsonl`` that names the columns of one track.

    Attributes:
        name: of the variable.
        type: its C type.
        mode: its timestamps.
        values: file of its values, in the folder.
        frames: file of its frames; None when they are runs.
    """

    name: str
    type: VarType
    mode: TimestampMode
    values: str
    frames: str | None

    def line(self) -> dict[str, Any]:
        """As the file has it."""
        return {
            "track": self.name,
            "type": self.type.value,
            "mode": self.mode.name.lower(),
            "values": self.values,
            "frames": self.frames,
        }


@dataclass(frozen=True, slots=True)
class Head:
    """What ``take.jsonl`` says, as far as it can be read.

    Attributes:
        sample_rate_hz: audio frames a second.
        project: of the program on the board.
        created: when the take began, ISO 8601.
        tracks: in the order of their numbers.
        is_complete: the take was closed.
    """

    sample_rate_hz: float
    project: str
    created: str
    tracks: tuple[TrackEntry, ...]
    is_complete: bool


def read_head(text: str) -> Head:
    """Read ``take.jsonl``; a torn last line is left out.

    Raises:
        ValueError: it is not of a take, or of a newer version.
    """
    first, *rest = _lines(text) or ({},)
    if first.get("belabridge_take") != VERSION:
        raise ValueError(f"it has no first line of a take of version {VERSION}")
    try:
        tracks = tuple(_entry(line) for line in rest if "track" in line)
        complete = any("closed" in line for line in rest)
        rate, project, created = first["sample_rate_hz"], first["project"], first["created"]
        return Head(float(rate), str(project), str(created), tracks, complete)
    except (KeyError, TypeError) as error:
        raise ValueError(f"a line of it lacks {error}") from None


def _lines(text: str) -> list[dict[str, Any]]:
    found = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            break
        if not isinstance(value, dict):
            break
        found.append(value)
    return found


def _entry(line: dict[str, Any]) -> TrackEntry:
    files = [line["values"], line["frames"]]
    for file in files:
        if file is not None and (not isinstance(file, str) or Path(file).name != file):
            raise ValueError(f"{file!r} is no file of the take")
    if files[0] is None:
        raise ValueError("a track of it has no values")
    mode = {"dense": TimestampMode.DENSE, "sparse": TimestampMode.SPARSE}[line["mode"]]
    return TrackEntry(str(line["track"]), VarType(line["type"]), mode, files[0], files[1])


def type_of(dtype: np.dtype[Any]) -> VarType:
    """The C type whose values have this dtype."""
    return TYPES[dtype.str[1:]]


def new_folder(name: str | Path) -> Path:
    """Make the folder of a new take.

    Args:
        name: its path; ``{n}`` in its last part stands for the lowest number from 1 that is free.

    Raises:
        AlreadyExists: it is there, and not empty.
        CannotSave: it cannot be made.
    """
    path = Path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for candidate in _candidates(path):
            try:
                candidate.mkdir()
            except FileExistsError:
                if NUMBER not in path.name and candidate.is_dir() and not any(candidate.iterdir()):
                    return candidate
            else:
                return candidate
    except OSError as error:
        raise CannotSave(str(path), str(error.strerror)) from None
    raise AlreadyExists(str(path))


def _candidates(path: Path) -> Iterator[Path]:
    if NUMBER not in path.name:
        yield path
        return
    number = 1
    while True:
        yield path.with_name(path.name.replace(NUMBER, str(number)))
        number += 1
