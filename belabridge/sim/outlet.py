"""What one variable sends when the program assigns it: streamed buffers, logged buffers, monitored values."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from belabridge.sim.exact import NEVER, Run, logged_block, stream_body
from belabridge.sim.layout import BODY_BYTES, HEADER_BYTES, Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from belabridge.sim.exact import Chunk

_TIME_FIRST = 1 << 20  # what time completes goes before what is assigned in that frame
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

    __slots__ = ("due", "end", "holds", "state")

    def __init__(self) -> None:
        self.state = State.OFF
        self.due = NEVER  # frame of the next change of state
        self.end = NEVER
        self.holds = False  # values were stored for it since it started

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

    The runs of protocol 2 have buffers of their own. A watch gets nothing while one of protocol 1 is on.
    """

    def __init__(self, header: bytes, rank: int, layout: Layout) -> None:
        """A variable that nobody asked for yet.

        Args:
            header: ``id/type``.
            rank: its place in the order of assignment within a frame.
            layout: of its buffer.
        """
        self.watch, self.log = Stream(), Stream()
        self.log_end = NEVER  # of a log of protocol 1, by a client of protocol 2
        self.logged = bytearray()  # what the log stream wrote and nobody took yet
        self.exact_watch, self.exact_log = Run(), Run()
        self.period = 0
        self.monitor_reads = False
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
        own = self.watch.state or self.log.state or self.period or self._changed
        return bool(own or self.exact_watch.running or self.exact_log.running)

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

    def end_log(self, now: int, at: int, *, active: bool) -> list[Sent]:
        """A client of protocol 2 ends the log: now, or behind frame ``at``, assigned or not."""
        log, sent = self.log, list[Sent]()
        waits = log.state is State.STARTING and log.due > now
        if at > now and not (waits and at < log.due):
            self.log_end = log.end = at + 1
            return sent
        if log.running and self._count:
            self._flush(now, -1, sent, active=active)
        log.state, log.due, self.log_end = State.OFF, NEVER, NEVER
        return sent

    def monitor(self, period_frames: int, *, reads_from: int | None = None) -> None:
        """One value at the next assignment and then one a period; 1 = only that one; 0 = none.

        With ``reads_from``, what the program reads, from that frame on and assigned or not.
        """
        self.period = period_frames & PERIOD_BITS
        self.monitor_reads = reads_from is not None and self.period != 0
        self._changed = reads_from is None
        if reads_from is not None:
            self._next = reads_from if self.period else NEVER

    def assigned(self, frames: NDArray[np.uint64], values: NDArray[Any], *, active: bool) -> list[Sent]:
        """The program assigned these values.

        Args:
            frames: (n,) rising.
            values: (n,) of the layout's dtype.
            active: a client takes buffers.
        """
        sent: list[Sent] = []
        if (self.period or self._changed) and not self.monitor_reads:
            self._monitor(frames, values, sent if active else [])
        if self.watch.state or self.log.state:
            self._store(frames, values, sent, active=active)
        elif active and self._takes_own:
            sent += self.streamed(self.exact_watch.take(frames, values))
        if self.exact_log.running:
            self.log_chunks(self.exact_log.take(frames, values))
        return sent

    def read(self, frames: NDArray[np.uint64], values: NDArray[Any], *, active: bool) -> list[Sent]:
        """What the program read at the end of these frames, each one of them."""
        sent: list[Sent] = []
        # a stream that only waits for an assignment to end with may wait for ever
        ends = self.watch.state is State.STOPPING and int(frames[-1]) >= self.watch.due
        alone = self.watch.running and self.watch.holds and not ends
        if self.exact_watch.running and self.exact_watch.reads and active and not alone:
            sent += self.streamed(self.exact_watch.take(frames, values))
        if self.monitor_reads:
            self._monitor(frames, values, sent if active else [])
        return sent

    @property
    def reads(self) -> bool:
        """It is to be told what the program reads."""
        return self.monitor_reads or (self.exact_watch.running and self.exact_watch.reads)

    def pass_time(self, end: int) -> list[Sent]:
        """The frames before ``end`` are over: what has waited too long goes out."""
        if not self.exact_watch.latency:
            return []
        return self.streamed(self.exact_watch.pass_time(end))

    def streamed(self, chunks: list[Chunk]) -> list[Sent]:
        """Exact blocks, as they leave."""
        sent = []
        for chunk in chunks:
            rank = self._rank if chunk.place >= 0 else self._rank - _TIME_FIRST
            body = stream_body(chunk, self._layout)
            sent.append(Sent(chunk.at, rank, chunk.place, 1, self._header, body))
        return sent

    def log_chunks(self, chunks: list[Chunk]) -> None:
        """Exact blocks for the log file."""
        for chunk in chunks:
            self.logged += logged_block(chunk, self._layout)

    @property
    def _takes_own(self) -> bool:
        return self.exact_watch.running and not self.exact_watch.reads

    def quiet_until(self, following: int, every_frames: int, *, active: bool, now: int = 0) -> int:
        """Before which frame no assignment sends anything or changes a state; ``NEVER`` if none does.

        Args:
            following: frame of the next assignment.
            every_frames: distance of the assignments after it.
            active: as in `assigned`.
            now: the next frame; it matters only where what the program reads is wanted.
        """
        if self._changed:
            return following
        soonest = min(self.watch.due, self.log.due, self._next if self.period else NEVER)
        if self.exact_watch.running and active:
            own = following, every_frames
            soonest = min(
                soonest, self.exact_watch.quiet_until(*((now, 1) if self.exact_watch.reads else own))
            )
        if self.exact_log.running:
            soonest = min(soonest, self.exact_log.quiet_until(following, every_frames))
        if self._shares(active=active):
            room = self._layout.capacity - self._count
            soonest = min(soonest, following + (room - 1) * every_frames)
        return soonest

    def storing(self, *, active: bool) -> bool:
        """Every assigned value goes into a buffer."""
        exact = (self._takes_own and active) or self.exact_log.running
        return exact or self._shares(active=active)

    def _shares(self, *, active: bool) -> bool:
        """Every assigned value goes into the buffer that the streams of protocol 1 share."""
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
            shares = self._shares(active=active)
            if shares:
                until = min(until, i + self._layout.capacity - self._count)
            if self.exact_watch.running:
                sent += self._give_way(frames[i:until], values[i:until], active=active)
            if not shares:
                i = until
                continue
            self._append(frames[i:until], values[i:until])
            self.watch.holds = self.watch.holds or self.watch.running
            i = until
            if flush or self._count == self._layout.capacity:
                self._flush(int(frames[i - 1]), i - 1, sent, active=active)

    def _give_way(self, frames: NDArray[np.uint64], values: NDArray[Any], *, active: bool) -> list[Sent]:
        """What the watch of protocol 2 has of these values: nothing while one of protocol 1 is on."""
        if self.watch.running:
            return self.streamed(self.exact_watch.flush(int(frames[0])))  # what was pending comes before
        if active and self._takes_own:
            return self.streamed(self.exact_watch.take(frames, values))
        return []

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
                stream.holds = False
        self._count = 0
