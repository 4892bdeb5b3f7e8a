"""Notices gaps and padding in dense streams, by the distance between the frames of one block and the next."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from belabridge.wire.tail import zeros_at_end

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from belabridge.values import Block

UNEXPLAINED: Final = 8  # distances kept while a variable's step is unknown; older ones are given up
_AUDIO_RATE: Final = 1.0
"""Frames per assignment of a program that assigns every frame. Less is no step to learn: the block before was
flushed half full, or the program assigns many values at once and its frames stand still meanwhile."""


@dataclass(slots=True)
class _Stream:
    """What is known of one variable's dense stream."""

    frame: int | None = None  # of the last block
    values: NDArray[np.generic] | None = None  # its own
    step_frames: float | None = None
    distances: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=UNEXPLAINED))
    # distance, count and zeros at the end, while no step tells whether the zeros are padding
    suspects: deque[tuple[int, int, int]] = field(default_factory=lambda: deque(maxlen=UNEXPLAINED))


class Continuity:
    """How many frames are missing in the dense streams of one board, and how many values there were none.

    A dense block carries one frame for all its values, and how many frames lie between two values is the
    program's choice. That step is learned from the distances between blocks: it is taken for known when a
    distance comes out as one frame a value, or as the same twice in a row; a smaller one that is confirmed so
    replaces a larger one, because a gap makes a distance larger and never smaller. Until then nothing is
    reported; a gap among the first blocks is reported late, when the step gets known. A variable that is
    assigned irregularly never gets a step, and no gaps. Sparse blocks and monitored values cannot show a gap.

    A block that ends with zeros behind the frame where the next one begins was padded: on an original board,
    by the end of a log. It has gone its way by then, and can only be counted.

    Attributes:
        padded: values that were padding, so far.
    """

    def __init__(self) -> None:
        self.padded = 0
        self._streams: dict[int, _Stream] = {}

    def seen(self, block: Block) -> int:
        """Take the next block of a connection; give the frames that are missing before it, 0 or more."""
        if block.relative is not None or block.monitored:
            return 0
        stream = self._streams.get(block.id)
        if stream is None:
            stream = self._streams[block.id] = _Stream()
        last, values = stream.frame, stream.values
        stream.frame, stream.values = block.frame, block.values
        if last is None or values is None:
            return 0
        distance = block.frame - last
        if stream.step_frames is not None and distance == len(values) * stream.step_frames:
            return 0
        return self._explain(stream, distance, values)

    def ended(self, id_: int) -> None:
        """Somebody else ended this stream: the zeros at the end of its last block count as padding."""
        stream = self._streams.get(id_)
        if stream is not None and stream.values is not None:
            self.padded += zeros_at_end(stream.values)

    def restart(self, id_: int) -> None:
        """The stream of this variable was ended, or begun anew: the next block follows nothing."""
        stream = self._streams.get(id_)
        if stream is not None:
            stream.frame = stream.values = None
            stream.distances.clear()
            stream.suspects.clear()

    def step_frames(self, id_: int) -> float | None:
        """Frames between two assignments of a variable; None while it is unknown."""
        stream = self._streams.get(id_)
        return stream.step_frames if stream is not None else None

    def _explain(self, stream: _Stream, distance: int, values: NDArray[np.generic]) -> int:
        count = len(values)
        quotient = distance / count
        known = stream.step_frames
        zeros = zeros_at_end(values) if known is None or distance < count * known else 0
        if zeros:
            stream.suspects.append((distance, count, zeros))
        missing = 0
        if quotient >= _AUDIO_RATE and (known is None or quotient < known):
            again = bool(stream.distances) and stream.distances[-1] == (distance, count)
            stream.distances.append((distance, count))
            if quotient == _AUDIO_RATE or again:
                missing = self._learn(stream, quotient)
                known = None  # what is missing is in it
        if stream.step_frames is not None:
            self._judge(stream, stream.step_frames)
        if known is None:
            return missing
        return max(0, round(distance - count * known))

    def _learn(self, stream: _Stream, step: float) -> int:
        """Take a step for known; give what is missing in the distances that could not be judged before."""
        stream.step_frames = step
        missing = sum(max(0, round(d - n * step)) for d, n in stream.distances)
        stream.distances.clear()
        return missing

    def _judge(self, stream: _Stream, step: float) -> None:
        """Count the padding among the zeros that were seen."""
        for distance, count, zeros in stream.suspects:
            self.padded += min(zeros, max(0, count - round(distance / step)))
        stream.suspects.clear()
