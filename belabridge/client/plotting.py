"""``bela.plot``: streams and monitors of a board as a live picture in a browser."""

from __future__ import annotations

import asyncio
import html
import math
import sys
import webbrowser
from typing import TYPE_CHECKING, Final, Self

from belabridge.client.spans import Seconds, Span, span_frames
from belabridge.errors import BelabridgeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from types import TracebackType

    from belabridge.client.bela import Bela
    from belabridge.client.blocking import BlockingBela
    from belabridge.plot.picture import Picture
    from belabridge.plot.server import PlotServer

LATENCY: Final = Seconds(0.05)
"""The right of the picture is so long ago, so that what stands there has come."""
LONGEST_S: Final = 120.0
"""Of a picture, and of what it keeps: 64 MB a variable at audio rate."""
HEIGHT_PX: Final = 480  # in a notebook


class Plot:
    """A live picture; made by ``bela.plot``. In a notebook it shows itself.

    Attributes:
        names: the variables, from top to bottom.
    """

    def __init__(
        self,
        bela: Bela,
        names: tuple[str, ...],
        monitor: Mapping[str, int | Span],
        *,
        y_range: tuple[float, float] | Mapping[str, tuple[float, float]] | None,
        window: Span,
        rollover: Span | None,
        host: str,
        port: int,
    ) -> None:
        """A picture that nobody sees yet; arguments as for ``Bela.plot``."""
        from belabridge.plot.picture import Look, Picture
        from belabridge.plot.server import PlotServer

        if not names and not monitor:
            names = tuple(bela.variables)
        self.names = tuple(dict.fromkeys((*names, *monitor)))
        bela.hub.require(self.names)
        if both := set(names) & set(monitor):
            raise UsageError(f"{', '.join(sorted(both))}: either every sample, or monitor")
        rate = bela.sample_rate_hz
        window_frames = _length("window", window, rate)
        keep_frames = window_frames if rollover is None else _length("rollover", rollover, rate)
        look = Look(window_frames, max(window_frames, keep_frames), _ranges(y_range, self.names))
        late = span_frames("latency", LATENCY, rate)
        self._bela = bela
        self._error = ""
        self._picture: Picture = Picture(
            self.names,
            look,
            rate,
            now_frame=lambda: bela.frame - late,
            state=self._state,
            title=bela.project,
        )
        self._server: PlotServer = PlotServer(self._picture, host, port)
        self._stream = bela.stream(*names, latency=LATENCY) if names else None
        self._monitor = bela.monitor(monitor) if monitor else None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __await__(self) -> Generator[None, None, Self]:
        return self.__aenter__().__await__()

    @property
    def url(self) -> str:
        """Where a browser sees it."""
        return self._server.url

    @property
    def browsers(self) -> int:
        """How many look at it now."""
        return self._server.browsers

    def _repr_html_(self) -> str:
        """The picture inside a notebook."""
        return (
            f'<iframe src="{html.escape(self.url)}" width="100%" height="{HEIGHT_PX}" '
            'style="border:0" title="live plot"></iframe>'
        )

    async def open(self) -> None:
        """Let the values come, and serve the page.

        Raises:
            PortInUse: another program has the port.
            CannotListen: the host is no address of this computer.
        """
        await self._server.start()
        self._bela.plots.add(self)
        if self._stream is not None:
            self._stream.begin()
            self._tasks.append(asyncio.create_task(self._streamed(), name="a plot's samples"))
        if self._monitor is not None:
            self._monitor.begin()
            self._tasks.append(asyncio.create_task(self._monitored(), name="a plot's values"))

    async def close(self) -> None:
        """Let it go; more than once does no harm."""
        self._bela.plots.discard(self)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for source in (self._stream, self._monitor):
            if source is not None:
                source.close()
        await self._server.stop()

    def show(self) -> None:
        """Open it in the user's browser."""
        webbrowser.open(self.url)

    def _state(self) -> str:
        if self._error:
            return self._error
        return "" if self._bela.is_connected else "the board is gone; it is being looked for"

    async def _streamed(self) -> None:
        stream, lanes = self._stream, self._picture.lanes
        if stream is None:
            return
        try:
            async for block in stream:
                lane = lanes[block.name]
                if not block.is_gap:
                    lane.add(block.frames, block.values)
                elif block.missing_frames:
                    lane.gap(block.first_frame, block.missing_frames)
                else:
                    lane.clear()  # the program began anew, and counts its frames anew
        except BelabridgeError as error:
            self._error = str(error)

    async def _monitored(self) -> None:
        monitor, lanes = self._monitor, self._picture.lanes
        if monitor is None:
            return
        try:
            async for sample in monitor:
                lanes[sample.name].add([sample.frame], [sample.value])
        except BelabridgeError as error:
            self._error = str(error)


class BlockingPlot:
    """A live picture, for programs without ``async``; made by ``bela.plot``. In a notebook it shows itself.

    It goes on until ``close``, the end of its ``with``, or of the connection.
    """

    def __init__(self, owner: BlockingBela, plot: Plot) -> None:
        """Open it, in the loop of a connection, which lives at least as long."""
        self._owner, self._plot = owner, plot
        self._thread = owner.thread
        self._thread.call(plot.open())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The variables, from top to bottom."""
        return self._plot.names

    @property
    def url(self) -> str:
        """Where a browser sees it."""
        return self._plot.url

    @property
    def browsers(self) -> int:
        """How many look at it now."""
        return self._plot.browsers

    def _repr_html_(self) -> str:
        """The picture inside a notebook."""
        return self._plot._repr_html_()

    def show(self) -> None:
        """Open it in the user's browser."""
        self._plot.show()

    def close(self) -> None:
        """Let it go; more than once does no harm."""
        from belabridge.client.blocking_parts import unless_closed

        unless_closed(self._thread, self._plot.close())


def in_notebook() -> bool:
    """Whether what a cell ends with is shown by itself."""
    return "ipykernel" in sys.modules


def _length(what: str, span: Span, rate_hz: float) -> int:
    frames = span_frames(what, span, rate_hz)
    if not 2 <= frames <= LONGEST_S * rate_hz:
        raise UsageError(f"{what}={span!r}: a picture shows from 2 frames to {LONGEST_S:g} seconds")
    return frames


def _ranges(
    given: tuple[float, float] | Mapping[str, tuple[float, float]] | None, names: tuple[str, ...]
) -> dict[str, tuple[float, float]]:
    if given is None:
        return {}
    ranges = dict.fromkeys(names, given) if isinstance(given, tuple | list) else dict(given)
    for name, pair in ranges.items():
        if name not in names:
            raise UsageError(f"y_range has {name!r}, which is not in the picture")
        low, high = (float(end) for end in pair)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise UsageError(f"y_range={pair!r}: write (lowest, highest)")
        ranges[name] = (low, high)
    return ranges
