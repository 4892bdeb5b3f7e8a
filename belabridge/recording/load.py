"""Opens what was recorded: a take, a board's log file, or what pybela saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from belabridge.errors import NoRecording
from belabridge.recording.column import ColumnSamples, mapped
from belabridge.recording.json_lines_read import recording_of_lines
from belabridge.recording.lane import FRAME
from belabridge.recording.log_file import is_log, recording_of_log
from belabridge.recording.recording import Recording
from belabridge.recording.runs import RUN, RunSamples, gaps_of
from belabridge.recording.take import HEAD, RUNS, TYPES, read_head
from belabridge.recording.track import Track
from belabridge.values import C_NAMES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from belabridge.recording.take import Head, TrackEntry
    from belabridge.recording.track import Samples


def load(path: str | Path) -> Recording:
    """Open a recording; its values are mapped and not read, so that it opens at once whatever its size.

    A take that still goes on, or that a kill has cut off, opens as far as it goes.

    Args:
        path: the folder of a take, a log file of a board, or a file of pybela's lines.

    Raises:
        NoRecording: there is nothing that can be read as one of these.
    """
    path = Path(path)
    if path.is_dir():
        return _take(path)
    return recording_of_log(path) if is_log(path) else recording_of_lines(path)


def _take(path: Path) -> Recording:
    try:
        head = read_head((path / HEAD).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        raise NoRecording(str(path), f"is no take: it has no {HEAD}") from None
    except OSError as error:
        raise NoRecording(str(path / HEAD), f"cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise NoRecording(str(path / HEAD), f"is not of a take: {error}") from None
    runs = mapped(path / RUNS)
    if runs.dtype != RUN:
        raise NoRecording(str(path / RUNS), "has no runs of a take")
    tracks: dict[str, Track] = {}
    for number, entry in enumerate(head.tracks):
        name, again = entry.name, 2
        while name in tracks:  # the variable got another type while it was recorded
            name, again = f"{entry.name}+{again}", again + 1
        tracks[name] = _track(path, head, entry, name, runs[runs["track"] == number])
    return Recording(path, tracks, project=head.project, created=head.created, is_complete=head.is_complete)


def _track(path: Path, head: Head, entry: TrackEntry, name: str, runs: NDArray[np.void]) -> Track:
    values = mapped(path / entry.values)
    if TYPES.get(values.dtype.str[1:]) is not entry.type:
        raise NoRecording(str(path / entry.values), f"is no {C_NAMES[entry.type]}, as {HEAD} says")
    samples: Samples = RunSamples(values, runs)
    if entry.frames is not None:
        frames = mapped(path / entry.frames)
        if frames.dtype != FRAME:
            raise NoRecording(str(path / entry.frames), "has no frames")
        count = min(len(values), len(frames))
        samples = ColumnSamples(values[:count], frames[:count], gaps_of(runs, count))
    return Track(name, entry.type, entry.mode, head.sample_rate_hz, samples)
