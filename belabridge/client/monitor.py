"""A monitor: one value of a variable every so many frames."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, Self

from belabridge.board.speech import Want
from belabridge.client.spans import Seconds, Span, SpanFrames, span_frames
from belabridge.errors import BoardTimeout, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from belabridge.client.blocks import Block, Sample
    from belabridge.client.hub import Hub
    from belabridge.errors import BelabridgeError, BoardError

MOST_WAITING: Final = 16_384
"""Values that wait for their reader: a minute of 25 a second, of ten variables."""
SHORTEST_PERIOD_FRAMES: Final = 2  # to a board a period of 1 is a single value


class Monitor:
    """Values of some variables, each at its own period; made by ``bela.monitor``.

    Use it as ``async with bela.monitor(pot1=100) as samples: async for sample in samples: …``. When its
    reader is slow, the oldest values are dropped.

    Attributes:
        periods_frames: by name; at least so far, and on average just so far, one value is from the next.
        latest: the last value of each variable that came, by name.
        dropped_samples: values that nobody took in time.
    """

    def __init__(self, hub: Hub, periods: Mapping[str, int | Span]) -> None:
        """A monitor that has not begun; arguments as for ``Bela.monitor``."""
        hub.require(periods)
        self.periods_frames = {name: _period(name, given, hub) for name, given in periods.items()}
        self.latest: dict[str, Sample] = {}
        self.dropped_samples = 0
        self._hub = hub
        self._due = dict.fromkeys(self.periods_frames, 0)
        self._waiting: deque[Sample] = deque()
        self._news = asyncio.Event()
        self._is_closed = self._has_begun = False
        self._error: BelabridgeError | None = None

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

    async def __anext__(self) -> Sample:
        while True:
            try:
                sample = self.take()
            except StopIteration:
                raise StopAsyncIteration from None
            if sample is not None:
                return sample
            await self.wait()

    async def get(self, timeout_s: float | None = None) -> Sample:
        """The next value; as ``anext``, with an end to one's patience.

        Raises:
            BoardTimeout: none came within this time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await anext(self)
        except TimeoutError:
            names = ", ".join(self.periods_frames)
            raise BoardTimeout(f"no value of {names} came within {timeout_s} s") from None

    def begin(self) -> None:
        """Let them come.

        Raises:
            UsageError: it had begun before.
        """
        if self._has_begun:
            raise UsageError("a monitor is used once: make another one")
        self._has_begun = True
        wanted = {name: Want(monitor_period_frames=period) for name, period in self.periods_frames.items()}
        self._hub.join(self, wanted)

    def close(self, error: BelabridgeError | None = None) -> None:
        """End it; what waits can still be read."""
        self._hub.leave(self)
        self._is_closed, self._error = True, self._error or error
        self._news.set()

    async def wait(self) -> None:
        """Return when something can be taken, or nothing comes any more."""
        if not self._has_begun:
            raise UsageError("this monitor has not begun: use it in `with`")
        self._news.clear()
        if not self._waiting and not self._is_closed:
            await self._news.wait()

    def take(self) -> Sample | None:
        """The next value if one waits; from any thread.

        Raises:
            StopIteration: it is over.
            BelabridgeError: why it is over.
        """
        try:
            return self._waiting.popleft()
        except IndexError:
            if not self._is_closed:
                return None
        if self._error is not None:
            raise self._error
        raise StopIteration

    # What the hub tells.

    def block(self, block: Block) -> None:
        """Nothing: a monitor streams nothing."""

    def sample(self, sample: Sample) -> None:
        """A value; somebody else may want more of them."""
        name, frame = sample.name, sample.frame
        due, period = self._due[name], self.periods_frames[name]
        if frame < due:
            return
        self._due[name] = due + period if frame < due + period else frame + period
        self.latest[name] = sample
        self._take(sample)

    def _take(self, sample: Sample) -> None:
        """A value that is due, for whoever gets them: here, the reader."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.dropped_samples += 1
        self._waiting.append(sample)
        self._news.set()

    def lost(self, error: BoardError) -> None:
        """Nothing: values go on when the board is back."""

    def back(self, frame: int, *, began_anew: bool) -> None:  # noqa: ARG002 - as ``Listener``
        """It is there again."""
        if began_anew:
            self._due = dict.fromkeys(self._due, 0)


def _period(name: str, given: int | Span, hub: Hub) -> int:
    if isinstance(given, Seconds | SpanFrames):
        period = span_frames(name, given, hub.sample_rate_hz)
    elif isinstance(given, int):
        period = given
    else:
        raise UsageError(f"{name}={given!r}: write a number of frames, or seconds({given!r})")
    if period < SHORTEST_PERIOD_FRAMES:
        raise UsageError(
            f"{name}={given!r}: every sample comes by stream({name!r}); a period is 2 frames or more"
        )
    return period
