"""One session of the known form in the connection's loop: a stream or a monitor that keeps what comes."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from typing import TYPE_CHECKING, Protocol

from belabridge.board.speech import Want
from belabridge.client.known.buffers import Cutter
from belabridge.client.monitor import SHORTEST_PERIOD_FRAMES, Monitor
from belabridge.client.streaming import GRACE_S, Streaming
from belabridge.client.window import Window
from belabridge.errors import BoardError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from belabridge.client.blocks import Block, Sample
    from belabridge.client.hub import Hub
    from belabridge.client.known.keep import Keep
    from belabridge.client.known.together import Together
    from belabridge.client.spans import Span
    from belabridge.errors import BelabridgeError


class Run(Protocol):
    """A session; all but ``over`` and ``names`` is for the connection's loop.

    Attributes:
        over: done when nothing comes any more.
    """

    over: concurrent.futures.Future[None]

    @property
    def wanted(self) -> Collection[str]:
        """The variables that still come."""

    def begin(self) -> None:
        """Let it come."""

    def stop(self) -> None:
        """Take what was assigned up to now, then end."""

    async def stop_some(self, names: Collection[str]) -> None:
        """The same of some variables; the others go on. Return when all of these has come."""

    def close(self, error: BelabridgeError | None = None) -> None:
        """End at once."""


class StreamRun(Streaming["Block"]):
    """A stream whose blocks are cut into buffers and kept.

    Args:
        hub: of the connection.
        spans: first frame (0 = now) and length in frames (0 = until stopped) of each variable.
        lengths: values of a buffer, by name.
        waits: shorter blocks wait for each other.
        latency: so long a value may wait on the board.
        keep: gets the buffers.
        together: cuts them to common frames, for ``tell``; or None.
        tell: gets those.
    """

    def __init__(
        self,
        hub: Hub,
        spans: Mapping[str, tuple[int, int]],
        lengths: Mapping[str, int],
        keep: Keep[Block],
        *,
        waits: bool,
        latency: Span,
        together: Together | None = None,
        tell: Callable[[Mapping[str, Block]], None] | None = None,
    ) -> None:
        """A session that has not begun."""
        super().__init__(
            hub,
            spans,
            start=None,
            for_=None,
            latency=latency,
            max_waiting=1,
            on_gap="tell",
            on_full="drop",
        )
        self.over: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.wanted = set(self.names)
        self._spans, self._keep = spans, keep
        self._cutters = {name: Cutter(length, waits=waits) for name, length in lengths.items()}
        self._together, self._tell = together, tell

    async def stop_some(self, names: Collection[str]) -> None:
        """End some variables; return when what they were assigned until now has come."""
        some = self.wanted & set(names)
        if some == self.wanted:
            self.stop()
            return
        end = self._hub.now_frame
        for name in some:
            window = self._windows[name]
            window.end_frame = end if window.end_frame is None else min(end, window.end_frame)
        await asyncio.sleep(GRACE_S)
        with contextlib.suppress(BoardError):  # it is gone, and nothing more can come of these
            self._hub.flush(await self._hub.run_out(self, some & self._open))
        self._open -= some
        self.wanted -= some
        for name in some:
            self._rest_of(name)
        if not self.over.done():
            wants = {name: Want(watch=True, latency_frames=self._latency) for name in self.wanted}
            self._hub.join(self, wants)

    def close(self, error: BelabridgeError | None = None) -> None:
        """End at once; what came is kept."""
        super().close(error)
        if self.over.done():
            return
        for name in self.names:
            self._rest_of(name)
        if self._together is not None and self._tell is not None:
            for blocks in self._together.rest():
                self._tell(blocks)
        self._keep.close()
        self.over.set_result(None)

    def _window(self, name: str, first: int, end: int | None) -> Window:  # noqa: ARG002 - as ``Streaming``
        start, length = self._spans[name]
        begin = max(first, start)
        return Window(name, begin, begin + length if length else None, promised=bool(start))

    def _take(self, block: Block) -> None:
        if block.is_gap:
            self._rest_of(block.name)
            if self._together is not None:
                self._together.gap(block.name, block.end_frame if block.missing_frames else 0)
            return
        for buffer in self._cutters[block.name].take(block):
            self._put_down(buffer)
        if self._keep.is_enough:
            self.close()

    def _rest_of(self, name: str) -> None:
        rest = self._cutters[name].rest()
        if rest is not None:
            self._put_down(rest)

    def _put_down(self, buffer: Block) -> None:
        self._keep.put(buffer)
        if self._together is not None and self._tell is not None:
            for blocks in self._together.take(buffer, self._passed):
                self._tell(blocks)


class MonitorRun(Monitor):
    """A monitor whose values are kept.

    Args:
        hub: of the connection.
        periods: in frames, by name; 1 = a single value.
        keep: gets the values.
        tell: gets one value of each variable, together; or None.
    """

    def __init__(
        self,
        hub: Hub,
        periods: Mapping[str, int],
        keep: Keep[Sample],
        *,
        tell: Callable[[Sequence[Sample]], None] | None = None,
    ) -> None:
        """A session that has not begun."""
        super().__init__(hub, {name: max(SHORTEST_PERIOD_FRAMES, period) for name, period in periods.items()})
        self.over: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.wanted = set(periods)
        self._singles = {name for name, period in periods.items() if period < SHORTEST_PERIOD_FRAMES}
        self._keep, self._tell = keep, tell
        self._row: dict[str, Sample] = {}

    def stop(self) -> None:
        """End it: what is monitored comes at once, and nothing waits anywhere."""
        self.close()

    async def stop_some(self, names: Collection[str]) -> None:
        """End some variables."""
        self._forget(self.wanted & set(names))

    def close(self, error: BelabridgeError | None = None) -> None:
        """End it."""
        super().close(error)
        if not self.over.done():
            self._keep.close()
            self.over.set_result(None)

    def _take(self, sample: Sample) -> None:
        name = sample.name
        if name not in self.wanted:
            return
        self._keep.put(sample)
        if self._tell is not None:
            self._row[name] = sample
            if len(self._row) == len(self.periods_frames):
                row, self._row = self._row, {}
                self._tell([row[each] for each in self.periods_frames])
        if name in self._singles:
            self._forget({name})
        if self._keep.is_enough:
            self.close()

    def _forget(self, names: set[str]) -> None:
        self.wanted -= names
        if not self.wanted:
            self.close()
        elif not self.over.done():
            wants = {name: Want(monitor_period_frames=self.periods_frames[name]) for name in self.wanted}
            self._hub.join(self, wants)
