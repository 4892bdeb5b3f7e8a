"""Notices gaps in dense streams, by the distance between the frames of one block and the next."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from belabridge.values import Block

UNEXPLAINED: Final = 8  # distances kept while a variable's step is unknown; older ones are given up
_AUDIO_RATE: Final = 1.0
"""Frames per assignment of a program that assigns every frame. Less is no step to learn: the block before was
flushed half full, or the program assigns many values at once and its frames stand still meanwhile."""


@dataclass(slots=True)
class _Stream:
    """What is known of one variable's dense stream."""

    frame: int | None = None  # of the last block
    count: int = 0  # its values
    step_frames: float | None = None
    distances: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=UNEXPLAINED))


class Continuity:
    """How many frames are missing in the dense streams of one board.

    A dense block carries one frame for all its values, and how many frames lie between two values is the
    program's choice. That step is learned from the distances between blocks: it is taken for known when a
    distance comes out as one frame a value, or as the same twice in a row; a smaller one that is confirmed so
    replaces a larger one, because a gap makes a distance larger and never smaller. Until then nothing is
    reported; a gap among the first blocks is reported late, when the step gets known. A variable that is
    assigned irregularly never gets a step, and no gaps. Sparse blocks and monitored values cannot show a gap.
    """

    def __init__(self) -> None:
        self._streams: dict[int, _Stream] = {}

    def seen(self, block: Block) -> int:
        """Take the next block of a connection; give the frames that are missing before it, 0 or more."""
        if block.relative is not None or block.monitored:
            return 0
        stream = self._streams.get(block.id)
        if stream is None:
            stream = self._streams[block.id] = _Stream()
        last, count = stream.frame, stream.count
        stream.frame, stream.count = block.frame, len(block.values)
        if last is None:
            return 0
        distance = block.frame - last
        if stream.step_frames is not None and distance == count * stream.step_frames:
            return 0
        return self._explain(stream, distance, count)

    def restart(self, id_: int) -> None:
        """The stream of this variable was ended, or begun anew: the next block follows nothing."""
        stream = self._streams.get(id_)
        if stream is not None:
            stream.frame = None
            stream.distances.clear()

    def step_frames(self, id_: int) -> float | None:
        """Frames between two assignments of a variable; None while it is unknown."""
        stream = self._streams.get(id_)
        return stream.step_frames if stream is not None else None

    def _explain(self, stream: _Stream, distance: int, count: int) -> int:
        quotient = distance / count
        known = stream.step_frames
        if quotient >= _AUDIO_RATE and (known is None or quotient < known):
            again = bool(stream.distances) and stream.distances[-1] == (distance, count)
            stream.distances.append((distance, count))
            if quotient == _AUDIO_RATE or again:
                return self._learn(stream, quotient)
        if known is None:
            return 0
        return max(0, round(distance - count * known))

    def _learn(self, stream: _Stream, step: float) -> int:
        """Take a step for known; give what is missing in the distances that could not be judged before."""
        stream.step_frames = step
        missing = sum(max(0, round(d - n * step)) for d, n in stream.distances)
        stream.distances.clear()
        return missing
