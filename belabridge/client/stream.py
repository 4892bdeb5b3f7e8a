"""A stream: every sample of some variables, as blocks that wait for their reader."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal, Protocol, Self, TypeAlias

from belabridge.board.speech import Want
from belabridge.client.backlog import Backlog
from belabridge.client.blocks import Block, Gap, joined
from belabridge.client.spans import Seconds, Span, SpanFrames, When, seconds, span_frames, start_frame
from belabridge.client.window import Window
from belabridge.errors import BoardTimeout, FramesMissing, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from belabridge.client.blocks import Sample
    from belabridge.client.hub import Hub
    from belabridge.errors import BelabridgeError, BoardError

MOST_WAITING: Final = 4096
"""Blocks: of an original board 16 MiB, or 8 s of 12 audio-rate floats; time enough to draw a picture."""
LATENCY: Final = seconds(0.1)
"""So long a slow variable's value waits on the board, where one can say so; a fast one's block is full."""
LEAD_S: Final = 0.05
"""A run of a given length begins so much later, that all its variables are streamed by then."""
TAIL_S: Final = 1.0
"""Behind its end a stream waits so long for blocks on their way; a variable may never be assigned."""
SLACK_FRAMES: Final = 2048
"""A board hands its blocks over in turns, not strictly in the order of their frames; this is 46 ms."""

OnGap: TypeAlias = Literal["tell", "error"]
OnFull: TypeAlias = Literal["drop", "error"]


class Sink(Protocol):
    """What takes a stream's blocks besides its reader, such as a recorder; called in the loop."""

    def block(self, name: str, block: Block) -> None:
        """Samples of a variable."""

    def gap(self, name: str, frames: int) -> None:
        """So many frames are missing here; 0 = nobody knows how many."""

    def close(self) -> None:
        """The stream is over."""


class Stream:
    """Every sample of some variables; made by ``bela.stream``.

    Use it as ``async with bela.stream("pot1") as blocks: async for block in blocks: …``. Blocks of different
    variables come as the board sends them; those of one variable are in order, and a ``Gap`` stands wherever
    values are missing.

    Attributes:
        names: the variables.
    """

    def __init__(
        self,
        hub: Hub,
        names: Iterable[str],
        *,
        start: When | None = None,
        for_: Span | None = None,
        latency: Span = LATENCY,
        max_waiting: int | Span = MOST_WAITING,
        on_gap: OnGap = "tell",
        on_full: OnFull = "drop",
        save: Sink | None = None,
    ) -> None:
        """A stream that has not begun; arguments as for ``Bela.stream``."""
        self.names = hub.require(names)
        rate = hub.sample_rate_hz
        if on_gap not in {"tell", "error"} or on_full not in {"drop", "error"}:
            raise UsageError(
                f"on_gap={on_gap!r}, on_full={on_full!r}: write 'tell' or 'error', 'drop' or 'error'"
            )
        self._hub, self._start, self._save = hub, start, save
        self._length = None if for_ is None else span_frames("for_", for_, rate)
        self._latency = max(1, span_frames("latency", latency, rate))
        if isinstance(max_waiting, Seconds | SpanFrames):
            most, most_frames = 1 << 30, span_frames("max_waiting", max_waiting, rate)
        else:
            most, most_frames = _at_least_one(max_waiting), None
        self._backlog: Backlog[Block] = Backlog(most, most_frames, fails=on_full == "error")
        self._fails_by_gap = on_gap == "error"
        self._windows: dict[str, Window] = {}
        self._open: set[str] = set()  # variables of which something is to come
        self._news = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._finished = asyncio.Event()
        self._has_begun = False

    async def __aenter__(self) -> Self:
        self.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._save is not None and kind is None:
            self.stop()
            await self._finished.wait()
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Block:
        while True:
            try:
                block = self._backlog.take()
            except StopIteration:
                raise StopAsyncIteration from None
            if block is not None:
                return block
            await self.wait()

    async def get(self, timeout_s: float | None = None) -> Block:
        """The next block; as ``anext``, with an end to one's patience.

        Raises:
            BoardTimeout: none came within this time.
            StopAsyncIteration: the stream is over.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await anext(self)
        except TimeoutError:
            raise BoardTimeout(f"no block of {', '.join(self.names)} came within {timeout_s} s") from None

    async def collect(self) -> dict[str, Block]:
        """All that still comes until the end, as one block a variable; gaps are left out.

        Raises:
            UsageError: the stream has no end: give it one by ``for_``, or stop it.
        """
        if not self._has_end:
            raise UsageError("this stream has no end: begin it with for_=seconds(…), or stop it first")
        blocks: dict[str, list[Block]] = {name: [] for name in self.names}
        async for block in self:
            if not isinstance(block, Gap):
                blocks[block.name].append(block)
        return {name: joined(name, some, self._hub.sample_rate_hz) for name, some in blocks.items()}

    def stop(self, at: When | None = None) -> None:
        """End the stream at a moment, or now; what is before it still comes, and then the iteration ends."""
        end = self._hub.now_frame
        if at is not None:
            end = start_frame("at", at, end, self._hub.sample_rate_hz)
        for window in self._windows.values():
            window.end_frame = end if window.end_frame is None else min(end, window.end_frame)
        self._look_at_end()

    @property
    def dropped_blocks(self) -> int:
        """Blocks that were dropped because nobody took them in time; each shows as a ``Gap``, too."""
        return self._backlog.dropped

    @property
    def start_frame(self) -> int:
        """The first frame that is wanted."""
        return min((window.start_frame for window in self._windows.values()), default=0)

    def begin(self) -> None:
        """Let it come.

        Raises:
            UsageError: it had begun before.
        """
        if self._has_begun:
            raise UsageError("a stream is used once: make another one")
        hub = self._hub
        now = hub.now_frame
        rate = hub.sample_rate_hz
        if self._start is not None:
            first = start_frame("start", self._start, now, rate)
        else:
            first = now if self._length is None else now + round(LEAD_S * rate)
        end = None if self._length is None else first + self._length
        promised = self._start is not None
        self._windows = {name: Window(name, first, end, promised=promised) for name in self.names}
        self._open = set(self.names)
        self._join()
        self._has_begun = True
        self._look_at_end()

    def close(self, error: BelabridgeError | None = None) -> None:
        """End it now; what waits can still be read."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._hub.leave(self)
        self._backlog.close(error)
        self._news.set()
        if not self._finished.is_set():
            self._finished.set()
            if self._save is not None:
                self._save.close()

    async def wait(self) -> None:
        """Return when something can be taken, or nothing comes any more."""
        if not self._has_begun:
            raise UsageError("this stream has not begun: use it in `with`")
        self._news.clear()
        if not self._backlog and not self._backlog.is_closed:
            await self._news.wait()

    def take(self) -> Block | None:
        """The next block if one waits; from any thread.

        Raises:
            StopIteration: it is over.
            BelabridgeError: why it is over.
        """
        return self._backlog.take()

    # What the hub tells.

    def block(self, block: Block) -> None:
        """Samples of a variable."""
        window = self._windows[block.name]
        for part in window.take(block):
            self._put(part)
        if window.end_frame is not None and self._hub.data_frame >= window.end_frame:
            self._look_for_end()

    def sample(self, sample: Sample) -> None:
        """Nothing: a stream monitors nothing."""

    def lost(self, error: BoardError) -> None:
        """The board is gone."""
        if self._fails_by_gap:
            self.close(error)

    def back(self, frame: int, *, began_anew: bool) -> None:
        """It is there again."""
        for window in self._windows.values():
            if began_anew:
                window.began_anew(frame)
            else:
                window.back(frame)
        self._look_at_end()

    # Inside.

    @property
    def _has_end(self) -> bool:
        return self._backlog.is_closed or all(w.end_frame is not None for w in self._windows.values())

    def _join(self) -> None:
        want = Want(watch=True, latency_frames=self._latency)
        self._hub.join(self, dict.fromkeys(self.names, want))

    def _put(self, block: Block) -> None:
        if isinstance(block, Gap):
            if self._fails_by_gap:
                self.close(FramesMissing(block.name, block.missing_frames))
                return
            if self._save is not None:
                self._save.gap(block.name, block.missing_frames)
        elif self._save is not None:
            self._save.block(block.name, block)
        self._backlog.put(block)
        self._news.set()

    def _look_for_end(self) -> None:
        """Some variables may be complete."""
        # of a board of protocol 2 nothing is older than its latency when younger values have come
        exact = self._hub.is_exact
        passed = self._hub.data_frame - self._latency - SLACK_FRAMES
        for name in tuple(self._open):
            window = self._windows[name]
            if exact:
                window.nothing_before(passed)
            if window.is_complete:
                self._open.discard(name)
        if not self._open:
            self.close()

    def _look_at_end(self) -> None:
        """The end has moved: look again when it is over for long."""
        ends = [w.end_frame for w in self._windows.values() if w.end_frame is not None]
        if len(ends) < len(self._windows) or self._backlog.is_closed:
            return
        self._look_for_end()
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        at = max(self._hub.clock.when(max(ends)), loop.time()) + TAIL_S
        self._timer = loop.call_at(at, self._late)

    def _late(self) -> None:
        """Nothing more is to be expected, if the board is there."""
        if self._hub.is_here:
            self._hub.flush(self._open)
            self.close()


def _at_least_one(count: int) -> int:
    if count < 1:
        raise UsageError(f"max_waiting={count}: at least one block must have room")
    return count
