"""A run of protocol 2: one variable's values in exact blocks, with limits in size and in time."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from belabridge.sim.layout import BODY_BYTES, HEADER_BYTES, RELATIVE_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from belabridge.sim.layout import Layout

NEVER = 2**64 - 1  # the board's own word for no time at all; it shows in the answer to `log`
LONGEST_RELATIVE = 2**32 - 1  # the relative time that says of a value that it is none
UNUSED = b"\xff"


class RunState(IntEnum):
    """Of a run."""

    OFF = 0
    WAITING = 1
    RUNNING = 2


class Chunk(NamedTuple):
    """Values that go out together.

    Attributes:
        at: the frame at which they do.
        place: of the assignment that completed it, among those of one call; -1 when time did.
        frames: (n,) of the values.
        values: (n,).
    """

    at: int
    place: int
    frames: NDArray[np.uint64]
    values: NDArray[Any]


class Run:
    """A watch or a log of protocol 2.

    Attributes:
        state: where it is.
        due: the frame of its next change of state.
        limit: most values of a chunk.
        latency: frames that a value waits at most; 0 = no limit.
        reads: it takes what the program reads, once a frame.
        handed: values that went out in this run.
    """

    def __init__(self) -> None:
        self.state = RunState.OFF
        self.due = NEVER
        self.limit = 1
        self.latency = 0
        self.reads = False
        self.handed = 0
        self._end = NEVER  # last frame
        self._frames: list[NDArray[np.uint64]] = []
        self._values: list[NDArray[Any]] = []
        self._count = 0

    @property
    def running(self) -> bool:
        """It takes values."""
        return self.state is RunState.RUNNING

    def start(self, now: int, at: int, duration: int) -> tuple[int, int]:
        """Schedule the start, or the end anew when it runs; the frames of both (``NEVER`` without end)."""
        begin = max(at, now)
        self._end = begin + duration if duration else NEVER
        if self.running:
            self.due = self._after_end
        else:
            self.state, self.due, self.handed = RunState.WAITING, begin, 0
            self.drop()
        return begin, self._end

    def stop(self, now: int, at: int) -> bool:
        """End it, now or with the values of frame ``at``; True when it is over at once."""
        if self.state is RunState.OFF:
            return False
        if at > now and self.running:
            self.due = at + 1
            return False
        if at > now:
            self._end = at
            return self._end < self.due
        return True

    def step(self) -> bool:
        """Its frame has come; True when it is over."""
        if self.state is RunState.WAITING:
            self.state, self.due = RunState.RUNNING, self._after_end
            return False
        return True

    def over(self) -> int:
        """It is over, and empty; how many values it was."""
        self.state, self.due = RunState.OFF, NEVER
        return self.handed

    def take(self, frames: NDArray[np.uint64], values: NDArray[Any]) -> list[Chunk]:
        """Values come; the chunks that they complete."""
        chunks: list[Chunk] = []
        i, n = 0, len(frames)
        while i < n:
            until = min(n, i + self.limit - self._count)
            late = self._late(int(frames[i]) if not self._count else self._first)
            until = min(until, int(frames.searchsorted(np.uint64(late))))
            if until > i:
                self._frames.append(frames[i:until])
                self._values.append(values[i:until])
                self._count += until - i
            if self._count >= self.limit:
                chunks += self.flush(int(frames[until - 1]), until - 1)
            elif until < n:
                chunks += self.flush(late)
            i = until
        return chunks

    def pass_time(self, end: int) -> list[Chunk]:
        """The frames before ``end`` are over."""
        late = self._late(self._first) if self._count else NEVER
        return self.flush(late) if late < end else []

    def flush(self, at: int, place: int = -1) -> list[Chunk]:
        """What has come, however little; nothing when there is none."""
        if not self._count:
            return []
        chunk = Chunk(at, place, np.concatenate(self._frames), np.concatenate(self._values))
        self.handed += self._count
        self.drop()
        return [chunk]

    def drop(self) -> int:
        """Forget what has come; how many values that were."""
        lost, self._count = self._count, 0
        self._frames, self._values = [], []
        return lost

    def quiet_until(self, following: int, every_frames: int) -> int:
        """Before which frame nothing goes out; the next value comes at ``following``."""
        full = following + (self.limit - self._count - 1) * every_frames
        return min(full, self._late(self._first if self._count else following))

    @property
    def _first(self) -> int:
        return int(self._frames[0][0])

    @property
    def _after_end(self) -> int:
        return NEVER if self._end == NEVER else self._end + 1

    def _late(self, first: int) -> int:
        """The frame at whose beginning a chunk goes out that begins at ``first``."""
        return first + (self.latency or LONGEST_RELATIVE)


def most_values(layout: Layout) -> int:
    """Most values of a block of protocol 2, so that it is never taken for one of protocol 1.

    A dense one, with its last value twice, is shorter; in a sparse one the last place stays free.
    """
    return layout.capacity - (2 if layout.relative_at is None else 1)


def stream_body(chunk: Chunk, layout: Layout) -> bytes:
    """The body of a streamed block: dense with its last value twice, sparse with no time behind the last."""
    head = int(chunk.frames[0]).to_bytes(HEADER_BYTES, "little")
    values: bytes = chunk.values.tobytes()
    if layout.relative_at is None:
        last: bytes = chunk.values[-1:].tobytes()
        return head + values + last
    times: bytes = (chunk.frames - chunk.frames[0]).astype("<u4").tobytes()
    body = (head + values).ljust(layout.relative_at, b"\0") + times
    return body.ljust(layout.relative_at + layout.capacity * RELATIVE_BYTES, UNUSED).ljust(BODY_BYTES, b"\0")


def logged_block(chunk: Chunk, layout: Layout, lost: int = 0) -> bytes:
    """A block of a log file of protocol 2."""
    head = int(chunk.frames[0]).to_bytes(8, "little")
    head += len(chunk.values).to_bytes(4, "little") + lost.to_bytes(4, "little")
    block = head + chunk.values.tobytes()
    if layout.relative_at is not None:
        block += (
            bytes(-len(block) % RELATIVE_BYTES) + (chunk.frames - chunk.frames[0]).astype("<u4").tobytes()
        )
    return block + bytes(-len(block) % 8)
