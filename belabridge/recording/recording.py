"""Several tracks that belong together: a take, a log file, or what pybela saved."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from belabridge.recording.export.export import Exported, Format
    from belabridge.recording.track import Track


class Recording(Mapping[str, "Track"]):
    """The tracks of a recording by their variables' names, in the order in which they began.

    Attributes:
        path: the folder or file.
        project: of the program on the board; empty when nobody wrote it down.
        created: when it began, ISO 8601; empty when nobody wrote it down.
        is_complete: it was ended as it should be; False of one that still goes on, or was killed.
    """

    def __init__(
        self,
        path: Path,
        tracks: Mapping[str, Track],
        *,
        project: str = "",
        created: str = "",
        is_complete: bool = True,
    ) -> None:
        self.path, self.project, self.created, self.is_complete = path, project, created, is_complete
        self._tracks = dict(tracks)

    def __getitem__(self, name: str) -> Track:
        return self._tracks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tracks)

    def __len__(self) -> int:
        return len(self._tracks)

    def __repr__(self) -> str:
        tracks = ", ".join(f"{name} ({len(track)})" for name, track in self.items())
        return f"<Recording {str(self.path)!r}: {tracks}>"

    def aligned(self, *names: str) -> NDArray[Any]:
        """The values of several variables at the frames that all of them have.

        Args:
            *names: of the variables; without any: all.

        Returns:
            Structured array (n,) with the field ``frame`` (uint64), growing, and one field for each variable
            with its own dtype. Of several values of a variable in one frame the last one counts.

        Raises:
            KeyError: the recording has no variable of that name.
        """
        tracks = [self[name] for name in names or tuple(self)]
        last = [_last_of_each(track.frames) for track in tracks]
        common = reduce(np.intersect1d, (frames for frames, _ in last), last[0][0] if last else np.empty(0))
        fields = [("frame", np.dtype(np.uint64)), *((t.name, t.samples.dtype) for t in tracks)]
        table = np.empty(len(common), fields)
        table["frame"] = common
        for track, (frames, places) in zip(tracks, last, strict=True):
            table[track.name] = track.values[places[np.searchsorted(frames, common)]]  # noqa: PD011 - no pandas
        return table

    def export(
        self,
        to: Format | str,
        out: str | Path | None = None,
        *,
        variables: Sequence[str] = (),
        bits: int = 32,
    ) -> Exported:
        """Write it in another format: ``"csv"``, ``"npz"``, ``"wav"`` or ``"parquet"``.

        Args:
            to: the format.
            out: the file or folder to be made; None = beside the recording.
            variables: only these; none = all that the format can have.
            bits: of a sample in WAV: 32 = float, 16 or 24 = PCM.

        Raises:
            RecordingError: it cannot be had in this format, exists, or cannot be written.
            UsageError: there is no such format or number of bits.
            MissingPackage: Parquet needs pyarrow.
        """
        from belabridge.recording.export.export import export

        return export(self, to, out, variables=variables, bits=bits)

    def to_pandas(self) -> pd.DataFrame:
        """All tracks as a pandas DataFrame with a column for each variable and the frames as its index.

        A variable that has no value at a frame is NaN there; of several values in one frame the last counts.

        Raises:
            MissingPackage: pandas is not installed.
        """
        series = [track.to_pandas() for track in self.values()]
        import pandas as pd  # which is there, or the line before has said so

        if not series:
            return pd.DataFrame(index=pd.Index(np.empty(0, np.uint64), name="frame"))
        once = [column[~column.index.duplicated(keep="last")] for column in series]
        return pd.concat(once, axis=1).sort_index()


def _last_of_each(frames: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Each frame once, growing, and the place of its last value."""
    unique, from_the_end = np.unique(frames[::-1], return_index=True)
    return unique, len(frames) - 1 - from_the_end
