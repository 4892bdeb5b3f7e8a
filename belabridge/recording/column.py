"""One column on disk: a ``.npy`` file that grows, readable at every moment by us and by numpy alone."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.lib import format as npy

from belabridge.errors import NoRecording

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from belabridge.recording.track import Gap

HEADER_EVERY_BYTES: Final = 1 << 18
"""After so many bytes the header tells their number anew: 1.5 s of audio, and nothing to the processor."""


def header(dtype: np.dtype[Any], count: int) -> bytes:
    """The head of a ``.npy`` file with ``count`` values in one dimension (numpy.lib.format, version 1.0).

    Its length does not depend on the count: numpy leaves room in it for 21 digits.
    """
    out = io.BytesIO()
    says = {"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": (count,)}
    npy.write_array_header_1_0(out, says)
    return out.getvalue()


def write_all(file: io.FileIO, data: memoryview) -> None:
    """Write all of it.

    Raises:
        OSError: it could not be.
    """
    written, size = file.write(data), data.nbytes
    while written < size:  # a disk that is about to be full takes a part, and then says so
        written += file.write(data.cast("B")[written:])


class Column:
    """A new file that values are appended to, each time in one write: what was appended outlives the process.

    Args:
        path: must not exist.
        dtype: of the values.

    Raises:
        FileExistsError: the file exists.
        OSError: it cannot be written.
    """

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._bytes = 0
        self._told_bytes = 0  # that the header knows of
        self._file = path.open("xb", buffering=0)
        try:
            write_all(self._file, memoryview(header(dtype, 0)))
        except OSError:
            self._file.close()
            raise

    def append(self, values: NDArray[Any]) -> None:
        """Write values (n,) of the column's dtype.

        Raises:
            OSError: not all of them could be written.
        """
        write_all(self._file, np.ascontiguousarray(values).data)
        self._bytes += values.nbytes
        if self._bytes - self._told_bytes >= HEADER_EVERY_BYTES:
            self._tell()

    def close(self) -> None:
        """Let the header know how much there is, and end.

        Raises:
            OSError: the header could not be written.
        """
        try:
            if not self._file.closed:
                self._tell()
        finally:
            self._file.close()

    def _tell(self) -> None:
        # it lies within one page, and takes no new room: neither a kill nor a full disk leaves half of it
        os.pwrite(self._file.fileno(), header(self._dtype, self._bytes // self._dtype.itemsize), 0)
        self._told_bytes = self._bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def mapped(path: Path) -> NDArray[Any]:
    """All whole values of a column (n,), mapped read-only, also those that its header does not know of.

    Raises:
        NoRecording: there is no such file, or it is no column.
    """
    try:
        with path.open("rb") as file:
            dtype = _dtype(file)
            offset = file.tell()
            count = (os.fstat(file.fileno()).st_size - offset) // dtype.itemsize
            if count <= 0:
                return np.empty(0, dtype)
            return np.asarray(np.memmap(file, dtype, "r", offset, (count,)))
    except OSError as error:
        raise NoRecording(str(path), f"cannot be read ({error.strerror})") from None
    except (ValueError, EOFError) as error:
        raise NoRecording(str(path), f"is no column of a take ({error})") from None


def _dtype(file: io.BufferedReader) -> np.dtype[Any]:
    """Read the head of a ``.npy`` file.

    Raises:
        ValueError: it is none, or of something else than a plain column.
    """
    if npy.read_magic(file) != (1, 0):
        raise ValueError("a newer version of the format")
    shape, _, dtype = npy.read_array_header_1_0(file)
    if len(shape) != 1 or dtype.hasobject or not dtype.itemsize:
        raise ValueError("not one column of numbers")
    return dtype


class ColumnSamples:
    """Samples of a track whose values and frames are a column each.

    Args:
        values: (n,).
        frames: uint64 (n,).
        gaps: in their order.
    """

    def __init__(self, values: NDArray[Any], frames: NDArray[np.uint64], gaps: list[Gap]) -> None:
        self._values, self._frames, self._gaps = values, frames, gaps

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        return self._values.dtype

    def __len__(self) -> int:
        return len(self._values)

    def values(self, start: int, stop: int) -> NDArray[Any]:
        """A view."""
        return self._values[start:stop]

    def frames(self, start: int, stop: int) -> NDArray[np.uint64]:
        """A view."""
        return self._frames[start:stop]

    def gaps(self) -> list[Gap]:
        """As they were told while it was recorded."""
        return self._gaps
