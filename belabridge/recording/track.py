"""What was recorded of one variable: its values and their frames, read from wherever they lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol

from belabridge.errors import MissingPackage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from belabridge.values import TimestampMode, VarType

PIECE_VALUES: Final = 1 << 16  # 256 KiB of floats: large enough for numpy, small enough to stay in a cache


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames that are missing in a track.

    Attributes:
        index: of the first value behind the gap; the number of values when none came after it.
        frames: how many are missing; 0 = it is not known how many.
    """

    index: int
    frames: int


class Samples(Protocol):
    """Where the values of a track and their frames are: one column, blocks of a log file, or memory.

    Every ``start`` and ``stop`` is a place in the track with ``0 <= start <= stop <= len(self)``.
    """

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""

    def __len__(self) -> int:
        """How many values there are."""

    def values(self, start: int, stop: int) -> NDArray[Any]:
        """Values (stop - start,), read-only: a view where they lie in one piece, otherwise gathered."""

    def frames(self, start: int, stop: int) -> NDArray[np.uint64]:
        """Their audio frames, uint64 (stop - start,)."""

    def gaps(self) -> Sequence[Gap]:
        """The gaps, in their order."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some values of a track that follow each other.

    Attributes:
        start: place of the first in the track.
        values: (n,), read-only, dtype of the C type.
        frames: audio frame of each, uint64 (n,).
    """

    start: int
    values: NDArray[Any]
    frames: NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Track:
    """One recorded variable. Nothing is read before it is asked for, so that huge files open at once.

    ``track[a:b]`` is the track of these values alone, and ``pieces`` walks through all of it; both need
    memory for no more than they give.

    Attributes:
        name: of the variable, as the board writes it.
        type: its C type.
        mode: whether the program gave one time for a block of values, or one for each.
        sample_rate_hz: audio frames a second.
        samples: where the values and frames are.
    """

    name: str
    type: VarType
    mode: TimestampMode
    sample_rate_hz: float
    samples: Samples

    def __len__(self) -> int:
        return len(self.samples)

    def __repr__(self) -> str:
        words = f"{len(self)} values of {self.samples.dtype}, {self.mode.name.lower()}"
        return f"<Track {self.name!r}: {words}, {self.sample_rate_hz:g} Hz>"

    def __getitem__(self, part: slice) -> Track:
        """The track of a part of the values; steps are 1.

        Raises:
            TypeError: ``part`` is no slice.
            ValueError: it has a step.
        """
        if not isinstance(part, slice):
            raise TypeError("a track gives parts, as track[a:b]; single values are in track.values")
        if part.step not in {None, 1}:
            raise ValueError("a part of a track has no step: take one of its .values")
        start, stop, _ = part.indices(len(self))
        samples = _Part(self.samples, start, max(start, stop))
        return Track(self.name, self.type, self.mode, self.sample_rate_hz, samples)

    @cached_property
    def values(self) -> NDArray[Any]:
        """All values (n,), read-only.

        Those of a take are mapped: the system reads what is touched. Those of a log file lie between other
        bytes and are gathered into memory.
        """
        return self.samples.values(0, len(self))

    @cached_property
    def frames(self) -> NDArray[np.uint64]:
        """Audio frame of each value, uint64 (n,)."""
        return self.samples.frames(0, len(self))

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Seconds from the start of the board's program to each value, float64 (n,)."""
        return self.frames / self.sample_rate_hz

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Where frames are missing, in their order."""
        return tuple(self.samples.gaps())

    def pieces(self, most_values: int = PIECE_VALUES) -> Iterator[Piece]:
        """All of the track in pieces of at most so many values."""
        samples, count = self.samples, len(self)
        for start in range(0, count, most_values):
            stop = min(count, start + most_values)
            yield Piece(start, samples.values(start, stop), samples.frames(start, stop))

    def to_pandas(self) -> pd.Series[Any]:
        """The values as a pandas Series of the variable's name, with the frames as its index.

        Raises:
            MissingPackage: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingPackage("to_pandas", "pandas") from None
        return pd.Series(self.values, index=pd.Index(self.frames, name="frame"), name=self.name)


class _Part:
    """Some of the samples of something else."""

    def __init__(self, whole: Samples, start: int, stop: int) -> None:
        self._whole, self._start, self._stop = whole, start, stop

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._whole.dtype

    def __len__(self) -> int:
        return self._stop - self._start

    def values(self, start: int, stop: int) -> NDArray[Any]:
        return self._whole.values(self._start + start, self._start + stop)

    def frames(self, start: int, stop: int) -> NDArray[np.uint64]:
        return self._whole.frames(self._start + start, self._start + stop)

    def gaps(self) -> list[Gap]:
        inner = (gap for gap in self._whole.gaps() if self._start < gap.index < self._stop)
        return [Gap(gap.index - self._start, gap.frames) for gap in inner]
