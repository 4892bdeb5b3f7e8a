"""What one variable sends when the program assigns it: streamed buffers, logged buffers, monitored values."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from belabridge.sim.layout import BODY_BYTES, HEADER_BYTES, Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER = 2**64 - 1  # the board's own word for no time at all; it shows in the answer to `log`
PERIOD_BITS = 0x7FFF_FFFF  # the board keeps a flag in the top bit of a period


class State(IntEnum):
    """Of a stream. From RUNNING on, values are stored."""

    OFF = 0
    STARTING = 1  # waits for its time
    RUNNING = 2
    STOPPING = 3  # stores, and waits for its end
    LAST = 4  # the next buffer that goes out is its last


class Stream:
    """Watching, or logging, one variable."""

    __slots__ = ("due", "end", "state")

    def __init__(self) -> None:
        self.state = State.OFF
        self.due = NEVER  # frame of the next change of state
        self.end = NEVER

    @property
    def running(self) -> bool:
        """Values are stored for it: what ``list`` shows as watched or logged."""
        return self.state >= State.RUNNING


class Sent(NamedTuple):
    """Something that leaves, with what orders it among the variables.

    Attributes:
        frame: at which the program assigned the value that set it off.
        rank: of the variable within a frame.
        position: of the assignment among the variable's own.
        kind: a monitored value (0) goes before the buffer (1) that the same assignment fills.
        header: ``id/type``.
        body: timestamp and values.
    """

    frame: int
    rank: int
    position: int
    kind: int
    header: bytes
    body: bytes


class Outlet:
    """One variable's buffer with the two streams that share it, and its monitor.

    The rules are the board's, oddities too: both streams share one buffer, so that starting either drops
    what is in it, and stopping either sends it. Nothing is stored for a watch while no client is active,
    but what was in the buffer stays there, and newer values follow it.
    """

    def __init__(self, header: bytes, rank: int, layout: Layout) -> None:
        """A variable that nobody asked for yet.

        Args:
            header: ``id/type``.
            rank: its place in the order of assignment within a frame.
            layout: of its buffer.
        """
        self.watch, self.log = Stream(), Stream()
        self.logged = bytearray()  # what the log stream wrote and nobody took yet
        self.period = 0
        self._streams = (self.log, self.watch)  # the order in which the board looks at them
        self._header, self._rank, self._layout = header, rank, layout
        self._changed, self._next = False, NEVER
        self._buffer = bytearray(BODY_BYTES)
        self._values = np.frombuffer(self._buffer, layout.dtype, layout.capacity, HEADER_BYTES)
        self._relative = (
            None
            if layout.relative_at is None
            else np.frombuffer(self._buffer, "<u4", layout.capacity, layout.relative_at)
        )
        self._count, self._first = 0, 0

    @property
    def busy(self) -> bool:
        """An assignment may have an effect."""
        return bool(self.watch.state or self.log.state or self.period or self._changed)

    def start(self, stream: Stream, now: int, at: int, duration: int) -> tuple[int, int]:
        """Schedule a start; the frames of start and end as the board says them (``NEVER`` without end)."""
        begin = max(at, now)
        stream.state = State.STARTING
        stream.due = begin
        stream.end = (begin + duration) & NEVER if duration else NEVER
        return begin, stream.end

    def stop(self, stream: Stream, at: int) -> None:
        """Schedule the end. One that has not started yet starts now: the board sends one value."""
        if stream.state is not State.OFF:
            stream.state = State.STOPPING
            stream.due = at

    def monitor(self, period_frames: int) -> None:
        """One value at the next assignment and then one a period; 1 = only that one; 0 = none."""
        self.period = period_frames & PERIOD_BITS
        self._changed = True

    def assigned(self, frames: NDArray[np.uint64], values: NDArray[Any], *, active: bool) -> list[Sent]:
        """The program assigned these values.

        Args:
            frames: (n,) rising.
            values: (n,) of the layout's dtype.
            active: a client takes buffers.
        """
        sent: list[Sent] = []
        if self.period or self._changed:
            self._monitor(frames, values, sent if active else [])
        if self.watch.state or self.log.state:
            self._store(frames, values, sent, active=active)
        return sent

    def quiet_until(self, following: int, every_frames: int, *, active: bool) -> int:
        """Before which frame no assignment sends anything or changes a state; ``NEVER`` if none does.

        Args:
            following: frame of the next assignment.
            every_frames: distance of the assignments after it.
            active: as in `assigned`.
        """
        if self._changed:
            return following
        soonest = min(self.watch.due, self.log.due, self._next if self.period else NEVER)
        if self.storing(active=active):
            room = self._layout.capacity - self._count
            soonest = min(soonest, following + (room - 1) * every_frames)
        return soonest

    def storing(self, *, active: bool) -> bool:
        """Every assigned value goes into the buffer."""
        return (self.watch.running and active) or self.log.running

    def _monitor(self, frames: NDArray[np.uint64], values: NDArray[Any], sent: list[Sent]) -> None:
        if self._changed:
            self._changed = False
            self._next = int(frames[0]) if self.period else NEVER
        n = len(frames)
        i = int(frames.searchsorted(np.uint64(self._next)))
        while i < n:
            frame = int(frames[i])
            body = frame.to_bytes(8, "little") + values[i].tobytes()
            sent.append(Sent(frame, self._rank, i, 0, self._header, body))
            if self.period == 1:
                self.period, self._next = 0, NEVER
                return
            self._next = frame + self.period
            i = int(frames.searchsorted(np.uint64(self._next)))

    def _store(
        self, frames: NDArray[np.uint64], values: NDArray[Any], sent: list[Sent], *, active: bool
    ) -> None:
        i, n = 0, len(frames)
        while i < n:
            frame = int(frames[i])
            flush = False
            for stream in self._streams:
                if frame >= stream.due:
                    flush |= self._step(stream)
            until = n  # up to where no stream changes
            due = min(self.watch.due, self.log.due)
            if flush:
                until = i + 1
            elif due != NEVER:
                until = max(i + 1, int(frames.searchsorted(np.uint64(due))))
            if not self.storing(active=active):
                i = until
                continue
            until = min(until, i + self._layout.capacity - self._count)
            self._append(frames[i:until], values[i:until])
            i = until
            if flush or self._count == self._layout.capacity:
                self._flush(int(frames[i - 1]), i - 1, sent, active=active)

    def _step(self, stream: Stream) -> bool:
        """A stream's time has come; True when what is stored must go out after this value."""
        stream.due = NEVER
        if stream.state is State.STARTING:
            self._count = 0
            stream.state = State.RUNNING
            if stream.end != NEVER:
                stream.due, stream.state = stream.end, State.STOPPING
        elif stream.state is State.STOPPING:
            stream.state = State.LAST
            return True
        return False

    def _append(self, frames: NDArray[np.uint64], values: NDArray[Any]) -> None:
        at = self._count
        if at == 0:
            self._first = int(frames[0])
            self._buffer[:HEADER_BYTES] = self._first.to_bytes(8, "little")
        to = at + len(values)
        self._values[at:to] = values
        if self._relative is not None:
            self._relative[at:to] = (frames - np.uint64(self._first)).astype("<u4")
        self._count = to

    def _flush(self, frame: int, position: int, sent: list[Sent], *, active: bool) -> None:
        self._values[self._count :] = 0
        if self._relative is not None:
            self._relative[self._count :] = 0
        body = bytes(self._buffer)
        if self.watch.running and active:
            sent.append(Sent(frame, self._rank, position, 1, self._header, body))
        if self.log.running:
            self.logged += body
        for stream in self._streams:
            if stream.state is State.LAST:
                stream.state = State.OFF
        self._count = 0
