"""Writes what pybela saves: a file a variable, a JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import orjson

from belabridge.errors import CannotSave
from belabridge.numbered import numbered
from belabridge.recording.column import write_all
from belabridge.recording.stems import Stems

if TYPE_CHECKING:
    import io
    from types import TracebackType

    from belabridge.recording.dated import Dated


def free_name(folder: str | Path, saving_filename: str) -> str:
    """``saving_filename``, or with ``__1``, ``__2``… before its suffix: the first that no variable has there.

    Args:
        folder: where the files will be.
        saving_filename: as given to pybela; each file's name is ``<variable>_<saving_filename>``.
    """
    taken = [path.name for path in Path(folder).glob("*")]
    names = numbered(Path(saving_filename).name, "__", 1)
    return next(name for name in names if not any(file.endswith(f"_{name}") for file in taken))


class JsonLines:
    """Writes blocks as pybela saves them; each line is in its file before the next block is looked at.

    A line is ``{"ref_timestamp": frame, "data": [...]}``, of a sparse block also with ``"rel_timestamps"``,
    and of a monitored value ``{"timestamp": frame, "value": number}``. NaN and infinity stand there as
    Python's json writes them.

    Args:
        folder: exists, or is made.
        saving_filename: what comes behind ``<variable>_``; numbered when it is taken (`free_name`).

    Attributes:
        paths: the file of each variable so far.

    Raises:
        CannotSave: the folder cannot be made.
    """

    def __init__(self, folder: str | Path, saving_filename: str) -> None:
        self.paths: dict[str, Path] = {}
        self._folder, self._wanted = Path(folder), saving_filename
        self._files: dict[str, io.FileIO] = {}
        self._stems = Stems()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._name = free_name(self._folder, saving_filename)
        except OSError as error:
            raise CannotSave(str(folder), str(error.strerror)) from None

    def block(self, name: str, block: Dated) -> None:
        """Write the next values of a variable.

        Raises:
            CannotSave: they could not be written as a whole; what was written before stays.
        """
        if len(block.values):
            self._write(name, _line(as_object(block)))

    def sample(self, name: str, frame: int, value: float) -> None:
        """Write a monitored value.

        Raises:
            CannotSave: as `block`.
        """
        self._write(name, json.dumps({"timestamp": frame, "value": value}).encode() + b"\n")

    def gap(self, name: str, frames: int) -> None:
        """These files have no word for it; the frames of the lines show it."""

    def close(self) -> None:
        """End all files. A second time does nothing."""
        for file in self._files.values():
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, name: str, line: bytes) -> None:
        try:
            file = self._files.get(name) or self._new_file(name)
            write_all(file, memoryview(line))
        except OSError as error:
            where = self.paths.get(name, self._folder)
            raise CannotSave(str(where), str(error.strerror)) from None

    def _new_file(self, name: str) -> io.FileIO:
        stem = self._stems.new(name)
        while True:
            path = self._folder / f"{stem}_{self._name}"
            try:
                file = self._files[name] = path.open("xb", buffering=0)
            except FileExistsError:  # of another one that began at the same time
                self._name = free_name(self._folder, self._wanted)
                continue
            self.paths[name] = path
            return file


def as_object(block: Dated) -> dict[str, Any]:
    """What stands in the line of a block; its values and times are arrays."""
    says = {"ref_timestamp": block.first_frame, "data": np.ascontiguousarray(block.values)}
    if not block.is_regular:
        says["rel_timestamps"] = block.frames - np.uint64(block.first_frame)
    return says


def _line(says: dict[str, Any]) -> bytes:
    """One line: numbers as Python's json writes them, but 30 times as fast."""
    data = says["data"]
    if data.dtype.kind == "f":
        says["data"] = data = data.astype(np.float64)  # with all digits: what is read again is equal
        if not np.isfinite(data).all():
            return json.dumps(says, default=np.ndarray.tolist).encode() + b"\n"
    return orjson.dumps(says, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
