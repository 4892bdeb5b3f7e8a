"""What a user gets of a board: blocks of samples, gaps, monitored values, and values looked at together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NO_FRAMES = np.zeros(0, np.uint64)


class Block:
    """Samples of one variable that follow each other.

    Attributes:
        name: of the variable.
        values: shape (n,), read-only, of the dtype that is the variable's C type; n > 0, but for a ``Gap``.
        first_frame: the audio frame of the first value, counted from the start of the board's program.
        step_frames: frames between two values; of values with frames of their own 1.0, and nobody's business.
        sample_rate_hz: audio frames a second.
    """

    __slots__ = ("_frames", "_relative", "first_frame", "name", "sample_rate_hz", "step_frames", "values")

    def __init__(  # noqa: PLR0917 - made thousands of times a second: keywords cost
        self,
        name: str,
        values: NDArray[Any],
        first_frame: int,
        sample_rate_hz: float,
        step_frames: float = 1.0,
        relative: NDArray[np.unsignedinteger[Any]] | None = None,
    ) -> None:
        """A block; ``relative`` (n,) are frames after ``first_frame``, instead of equal steps."""
        self.name = name
        self.values = values
        self.first_frame = first_frame
        self.sample_rate_hz = sample_rate_hz
        self.step_frames = step_frames
        self._relative = relative
        self._frames: NDArray[np.uint64] | None = None

    @property
    def missing_frames(self) -> int:
        """Frames that are missing here; only a ``Gap`` has any."""
        return 0

    @property
    def is_gap(self) -> bool:
        """It is a ``Gap``: there are no values, but some are missing."""
        return False

    @property
    def is_regular(self) -> bool:
        """The values are ``step_frames`` apart, and carry no frames of their own."""
        return self._relative is None

    @property
    def frames(self) -> NDArray[np.uint64]:
        """Audio frame of each value since the start of the program, uint64 (n,)."""
        if self._frames is None:
            if self._relative is not None:
                self._frames = np.uint64(self.first_frame) + self._relative.astype(np.uint64)
            elif self.step_frames == 1.0:
                self._frames = np.arange(
                    self.first_frame, self.first_frame + len(self.values), dtype=np.uint64
                )
            else:
                steps = np.arange(len(self.values)) * self.step_frames
                self._frames = np.uint64(self.first_frame) + steps.astype(np.uint64)
        return self._frames

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Seconds since the start of the board's program, float64 (n,)."""
        return self.frames / self.sample_rate_hz

    @property
    def last_frame(self) -> int:
        """The audio frame of the last value; of a ``Gap``, the last that is missing."""
        if self._relative is not None:
            return self.first_frame + int(self._relative[-1])
        return self.first_frame + int((len(self.values) - 1) * self.step_frames)

    @property
    def end_frame(self) -> int:
        """As far as is known, there is no value from behind the last one up to this frame, without it."""
        if self._relative is not None:
            return self.last_frame + 1
        return self.first_frame + int(len(self.values) * self.step_frames)

    def part(self, start: int, stop: int) -> Block:
        """The values from place ``start`` up to ``stop``, without it; the arrays are views."""
        frames = self.frames
        part = Block(
            self.name,
            self.values[start:stop],
            int(frames[start]) if start < len(frames) else self.end_frame,
            self.sample_rate_hz,
            self.step_frames,
        )
        part._frames = frames[start:stop]
        if self._relative is not None and start < len(frames):
            part._relative = self._relative[start:stop] - self._relative[start]
        return part

    @property
    def key(self) -> str:
        """The variable."""
        return self.name

    def gap(self, missing_frames: int, first_frame: int) -> Gap:
        """A gap in the stream of this block."""
        return Gap(self.name, missing_frames, first_frame, self.sample_rate_hz, self.values[:0])

    def gap_before(self, first_frame: int) -> Block:
        """The gap from this frame on up to this block."""
        return self.gap(max(0, self.first_frame - first_frame), first_frame)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.name!r}: {len(self.values)} values from frame {self.first_frame}>"
        )


class Gap(Block):
    """A place in a stream where values are missing: a block without values.

    Whoever does not care handles it like any block; ``isinstance(block, Gap)`` tells. It comes when
    the connection or the program was away, when the board lost something, and when the reader was too slow.

    Attributes:
        first_frame: where the gap begins, as far as is known.
    """

    __slots__ = ("_missing",)

    def __init__(
        self, name: str, missing_frames: int, first_frame: int, sample_rate_hz: float, values: NDArray[Any]
    ) -> None:
        """A gap; ``values`` (0,) has the dtype of the variable."""
        super().__init__(name, values, first_frame, sample_rate_hz)
        self._missing = missing_frames
        self._frames = _NO_FRAMES

    @property
    def is_gap(self) -> bool:
        """Always."""
        return True

    @property
    def missing_frames(self) -> int:
        """How many frames are missing; 0 = nobody knows, because the program began anew."""
        return self._missing

    @property
    def last_frame(self) -> int:
        """The last frame that is missing, as far as is known."""
        return max(self.first_frame, self.first_frame + self._missing - 1)

    @property
    def end_frame(self) -> int:
        """The first frame that is not missing."""
        return self.first_frame + self._missing

    def __repr__(self) -> str:
        many = f"{self._missing} frames" if self._missing else "the program began anew"
        return f"<Gap {self.name!r}: {many}>"


class Sample(NamedTuple):
    """One monitored value.

    Attributes:
        name: of the variable.
        value: a float, or an int when the variable is of a whole type.
        frame: the audio frame at which it was taken, since the start of the program.
        time_s: the same in seconds.
    """

    name: str
    value: float
    frame: int
    time_s: float


class Peek(dict[str, float]):
    """What the program reads of some variables, all at one frame; a dict of values by name.

    Attributes:
        frame: the board's audio frame at that moment.
        time_s: the same in seconds since the start of the program.
    """

    def __init__(self, items: dict[str, float], frame: int, time_s: float) -> None:
        super().__init__(items)
        self.frame, self.time_s = frame, time_s


def joined(name: str, blocks: Sequence[Block], sample_rate_hz: float) -> Block:
    """Blocks of one variable as one, with the frame of each value; of none at all, an empty one of floats."""
    if not blocks:
        return Block(name, np.zeros(0, np.float32), 0, sample_rate_hz, 1.0, np.zeros(0, np.uint32))
    frames = np.concatenate([block.frames for block in blocks])
    values = np.concatenate([block.values for block in blocks])
    return Block(name, values, int(frames[0]), sample_rate_hz, 1.0, frames - frames[0])
