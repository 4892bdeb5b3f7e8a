"""Reads what pybela saved: a JSON object a line."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from belabridge.errors import NoRecording
from belabridge.recording.column import ColumnSamples
from belabridge.recording.recording import Recording
from belabridge.recording.runs import NO_GAP, RUN, Runs, RunSamples
from belabridge.recording.track import Track
from belabridge.values import TimestampMode, VarType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from belabridge.recording.track import Samples

USUAL_RATE_HZ: Final = 44_100.0  # of a Bela whose owner changed nothing; these files do not tell it
_USUAL_NAMES: Final = ("_var_stream", "_monitor")  # what pybela puts behind a variable's name by itself


def objects(path: str | Path) -> Iterator[dict[str, Any]]:
    """The objects of a file as pybela's ``load_data_from_file`` gives them; a torn last line is cut.

    Raises:
        NoRecording: the file cannot be read, or a line of it is no JSON object.
    """
    try:
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    found = _parsed(line)
                except ValueError:
                    if not line.endswith(b"\n"):
                        return
                    raise NoRecording(str(path), f"line {number} is no JSON object") from None
                yield found
    except OSError as error:
        raise NoRecording(str(path), f"cannot be read ({error.strerror})") from None


def _parsed(line: bytes) -> dict[str, Any]:
    found: Any = None
    with suppress(ValueError):
        found = orjson.loads(line)
    if found is None:
        found = json.loads(line)  # which knows NaN
    if not isinstance(found, dict):
        raise ValueError  # noqa: TRY004 - of what stands in a file
    return found


def recording_of_lines(path: Path) -> Recording:
    """The one variable of such a file, read into memory.

    Its name is that of the file without what pybela adds by itself, and its rate the usual one: the file
    tells neither. Whole numbers are taken for int or unsigned int, others for double.

    Raises:
        NoRecording: it is no such file.
    """
    lines = list(objects(path))
    try:
        mode, samples = _samples(lines)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NoRecording(str(path), f"is no file of pybela's lines ({error!r})") from None
    name = path.stem.partition("__")[0]
    for usual in _USUAL_NAMES:
        name = name.removesuffix(usual)
    type_ = {"f8": VarType.DOUBLE, "i4": VarType.INT, "u4": VarType.UINT}[samples.dtype.str[1:]]
    return Recording(path, {name: Track(name, type_, mode, USUAL_RATE_HZ, samples)})


def _samples(lines: Sequence[dict[str, Any]]) -> tuple[TimestampMode, Samples]:
    first = lines[0] if lines else {"data": [], "ref_timestamp": 0}
    if "value" in first:
        values = _numbers([line["value"] for line in lines])
        frames = np.array([line["timestamp"] for line in lines], np.uint64)
        return TimestampMode.SPARSE, ColumnSamples(values, frames, [])
    values = _numbers([value for line in lines for value in line["data"]])
    if "rel_timestamps" not in first:
        return TimestampMode.DENSE, RunSamples(values, _runs(lines))
    frames = np.array(
        [line["ref_timestamp"] + after for line in lines for after in line["rel_timestamps"]], np.uint64
    )
    count = min(len(values), len(frames))
    return TimestampMode.SPARSE, ColumnSamples(values[:count], frames[:count], [])


def _numbers(given: list[Any]) -> NDArray[Any]:
    numbers = np.array(given)
    if not given or numbers.dtype.kind == "f":
        return numbers.astype(np.float64)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise ValueError("values that are no numbers")
    fits = np.int32 if numbers.max() <= np.iinfo(np.int32).max else np.uint32
    if not np.array_equal(numbers.astype(fits), numbers):
        return numbers.astype(np.float64)
    return numbers.astype(fits)


def _runs(lines: Sequence[dict[str, Any]]) -> NDArray[np.void]:
    runs = Runs()
    found = (runs.seen(line["ref_timestamp"], len(line["data"]), NO_GAP, None) for line in lines)
    return np.array([(0, *run) for run in found if run is not None], RUN)
