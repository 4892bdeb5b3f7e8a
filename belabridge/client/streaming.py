"""What every stream has: windows of its variables, a backlog for its reader, a beginning and an end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Generic, Literal, Self, TypeAlias, TypeVar

from belabridge.board.speech import Want
from belabridge.client.backlog import Backlog, Item
from belabridge.client.spans import Seconds, Span, SpanFrames, When, seconds, span_frames, start_frame
from belabridge.client.window import Window
from belabridge.errors import BoardError, BoardTimeout, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from belabridge.client.blocks import Block, Sample
    from belabridge.client.hub import Hub
    from belabridge.errors import BelabridgeError

MOST_WAITING: Final = 4096
"""Blocks: of an original board 16 MiB, or 8 s of 12 audio-rate floats; time enough to draw a picture."""
LATENCY: Final = seconds(0.1)
"""So long a slow variable's value waits on the board, where one can say so; a fast one's block is full."""
LEAD_S: Final = 0.05
"""A run of a given length begins so much later, that all its variables are streamed by then."""
GRACE_S: Final = 0.05
"""A block of audio-rate samples that holds the end is here by then."""
TAIL_S: Final = 1.0
"""So long a stream waits behind its end for a block that others stream too; it may be a slow one."""
SLACK_FRAMES: Final = 2048
"""A board hands its blocks over in turns, not strictly in the order of their frames; this is 46 ms."""

ANSWER_S: Final = 10.0  # a board that is busy starting a log can be silent for seconds

OnGap: TypeAlias = Literal["tell", "error"]
OnFull: TypeAlias = Literal["drop", "error"]
T = TypeVar("T", bound=Item)


class Streaming(Generic[T]):
    """A run of samples of some variables, cut to frames; used once.

    Attributes:
        names: the variables.
        start_frame: the first frame that is wanted, as far as is known.
    """

    def __init__(
        self,
        hub: Hub,
        names: Iterable[str],
        *,
        start: When | None,
        for_: Span | None,
        latency: Span,
        max_waiting: int | Span,
        on_gap: OnGap,
        on_full: OnFull,
    ) -> None:
        """A stream that has not begun; arguments as for ``Bela.stream``."""
        self.names = hub.require(names)
        self.start_frame = 0
        rate = hub.sample_rate_hz
        if on_gap not in {"tell", "error"}:
            raise UsageError(f"on_gap={on_gap!r}: write 'tell' or 'error'")
        if on_full not in {"drop", "error"}:
            raise UsageError(f"on_full={on_full!r}: write 'drop' or 'error'")
        self._hub, self._start = hub, start
        self._length = None if for_ is None else span_frames("for_", for_, rate)
        self._latency = max(1, span_frames("latency", latency, rate))
        self._fails_by_gap = on_gap == "error"
        self._backlog: Backlog[T] = _backlog(max_waiting, rate, fails=on_full == "error")
        self._windows: dict[str, Window] = {}
        self._open: set[str] = set()  # variables of which something is to come
        self._news = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
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
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            try:
                item = self._backlog.take()
            except StopIteration:
                raise StopAsyncIteration from None
            if item is not None:
                return item
            await self.wait()

    async def get(self, timeout_s: float | None = None) -> T:
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

    @property
    def dropped_blocks(self) -> int:
        """Blocks that were dropped because nobody took them in time; each shows as a ``Gap``, too."""
        return self._backlog.dropped

    def begin(self) -> None:
        """Let it come.

        Raises:
            UsageError: it had begun before.
        """
        if self._has_begun:
            raise UsageError("a stream is used once: make another one")
        hub = self._hub
        now, rate = hub.now_frame, hub.sample_rate_hz
        if self._start is not None:
            first = start_frame("start", self._start, now, rate)
        else:
            first = now if self._length is None else now + round(LEAD_S * rate)
        end = None if self._length is None else first + self._length
        self.start_frame = first
        self._windows = {name: self._window(name, first, end) for name in self.names}
        self._open = set(self.names)
        hub.join(self, dict.fromkeys(self.names, Want(watch=True, latency_frames=self._latency)))
        self._has_begun = True
        self._look_at_end()

    def stop(self, at: When | None = None) -> None:
        """End the stream at a moment, or now; what is before it still comes, and then the iteration ends."""
        end = self._hub.now_frame
        if at is not None:
            end = start_frame("at", at, end, self._hub.sample_rate_hz)
        for window in self._windows.values():
            window.end_frame = end if window.end_frame is None else min(end, window.end_frame)
        self._look_at_end()

    def close(self, error: BelabridgeError | None = None) -> None:
        """End it now; what waits can still be read."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ending is not None and self._ending is not asyncio.current_task():
            self._ending.cancel()
        self._hub.leave(self)
        self._backlog.close(error)
        self._news.set()

    async def wait(self) -> None:
        """Return when something can be taken, or nothing comes any more."""
        self._check_begun()
        self._news.clear()
        if not self._backlog and not self._backlog.is_closed:
            await self._news.wait()

    def sleep(self, most_s: float) -> None:
        """The same for a thread without a loop, which sleeps so long at most."""
        self._check_begun()
        self._backlog.sleep(most_s)

    def take(self) -> T | None:
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
            self._take(part)
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

    # For those that are made of this.

    def _window(self, name: str, first: int, end: int | None) -> Window:
        return Window(name, first, end, promised=self._start is not None)

    def _take(self, block: Block) -> None:
        """A block, or a gap, of one variable's window."""
        raise NotImplementedError

    def _put(self, item: T) -> None:
        """Something for the reader."""
        self._backlog.put(item)
        self._news.set()

    def _look_for_end(self) -> None:
        """Some variables may be complete."""
        passed = self._passed
        for name in tuple(self._open):
            window = self._windows[name]
            window.nothing_before(passed)
            if window.is_complete:
                self._open.discard(name)
        if not self._open:
            self._complete()
            self.close()

    def _complete(self) -> None:
        """Everything has come that will; the stream is closed next."""

    def _check_begun(self) -> None:
        if not self._has_begun:
            raise UsageError("this stream has not begun: use it in `with`")

    @property
    def _passed(self) -> int:
        """Whatever is from before this frame has come: on a board of protocol 2, nothing is late for long."""
        if not self._hub.is_exact:
            return 0
        return max(0, self._hub.data_frame - self._latency - SLACK_FRAMES)

    @property
    def _has_end(self) -> bool:
        return self._backlog.is_closed or all(w.end_frame is not None for w in self._windows.values())

    def _look_at_end(self) -> None:
        """The end has moved: look again when it is over for long."""
        if self._backlog.is_closed or not self._has_end:
            return
        self._look_for_end()
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
        # what waits here for its frames, or on the board for its block to be full, must be asked for
        self._timer = loop.call_at(
            max(self._hub.clock.when(self._last_end), loop.time()) + GRACE_S, self._late
        )

    def _late(self) -> None:
        """The end is over, and something has not come."""
        if self._ending is None or self._ending.done():
            self._ending = asyncio.create_task(self._run_out(), name="the end of a stream")

    async def _run_out(self) -> None:
        hub = self._hub
        try:
            await self._reach_end()
            ended = await hub.run_out(self, self._open)
            until = asyncio.get_running_loop().time() + TAIL_S
            while self._open & hub.streamed_by_others(self) and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - a slow variable's block
                await asyncio.sleep(GRACE_S)
        except BoardError:
            if hub.is_here:
                self._look_at_end()
            return  # when it is back, the end is looked at again
        hub.flush(ended)
        for name in self._open:
            window = self._windows[name]
            window.nothing_before(window.end_frame or 0)
        self._look_for_end()

    @property
    def _last_end(self) -> int:
        return max((window.end_frame or 0 for window in self._windows.values()), default=0)

    async def _reach_end(self) -> None:
        """Wait until the board has come to the end, whose clock may have stood still for a while."""
        while (frame := (await self._hub.list(ANSWER_S)).frame) < self._last_end:  # noqa: ASYNC110 - its clock
            await asyncio.sleep(GRACE_S + (self._last_end - frame) / self._hub.sample_rate_hz)


def _backlog(max_waiting: int | Span, sample_rate_hz: float, *, fails: bool) -> Backlog[T]:
    if isinstance(max_waiting, Seconds | SpanFrames):
        frames = span_frames("max_waiting", max_waiting, sample_rate_hz)
        return Backlog(None, frames, fails=fails)
    if max_waiting < 1:
        raise UsageError(f"max_waiting={max_waiting}: at least one block must have room")
    return Backlog(max_waiting, None, fails=fails)
