"""A connected board, for programs and notebooks without ``async``: the same names, in one thread or many."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Self, TypeVar

from belabridge.client.bela import WINDOW
from belabridge.client.blocking_parts import (
    BlockingAlignedStream,
    BlockingControl,
    BlockingMonitor,
    BlockingStream,
)
from belabridge.client.loop_thread import END_S, LoopThread
from belabridge.client.streaming import LATENCY, MOST_WAITING
from belabridge.errors import Closed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import ArrayLike

    from belabridge.client.bela import Bela
    from belabridge.client.blocks import Block, Peek
    from belabridge.client.connect import Connecting
    from belabridge.client.plotting import BlockingPlot
    from belabridge.client.spans import Span, When
    from belabridge.client.stream import Sink
    from belabridge.client.streaming import OnFull, OnGap
    from belabridge.values import Address, Variable, VarType
    from belabridge.wire.listing import HostArray

T = TypeVar("T")


class BlockingBela:
    """A board, connected; made by ``with belabridge.connect()`` or ``connect().open()``.

    A thread of its own receives while the user's code does something else. All methods may be called from
    any thread, also where an event loop runs, as in a notebook; Ctrl-C ends whatever waits.
    """

    def __init__(self, connecting: Connecting) -> None:
        """Connect.

        Raises:
            BoardUnreachable: nobody there in time.
            BoardTimeout: somebody is there, who lists no variables.
        """
        self._thread = LoopThread("belabridge")
        try:
            self._bela: Bela = self._thread.call(connecting.connected())
        except BaseException:
            self._thread.end()
            raise
        # also when nobody closes it: as soon as nobody has it any more, or at the interpreter's exit
        self._leave = weakref.finalize(self, _leave, self._thread, self._bela)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the board as it was before us; streams and monitors end. More than once does no harm."""
        self._leave()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the connection's loop, and wait for what it gives; it may use ``.bela``."""
        return self._thread.call(coroutine)

    @property
    def thread(self) -> LoopThread:
        """Where the connection lives."""
        return self._thread

    @property
    def bela(self) -> Bela:
        """The same board for coroutines that run in the connection's loop, as ``run`` does it."""
        return self._bela

    # What it is.

    @property
    def variables(self) -> dict[str, Variable]:
        """The variables of the program, by name, as it last listed them."""
        return self._bela.variables

    @property
    def buffers(self) -> dict[str, HostArray]:
        """The arrays that ``send_buffer`` fills, by name; an original board does not tell of any."""
        return self._bela.buffers

    @property
    def project(self) -> str:
        """The name of the program on the board."""
        return self._bela.project

    @property
    def sample_rate_hz(self) -> float:
        """Audio frames a second."""
        return self._bela.sample_rate_hz

    @property
    def frame(self) -> int:
        """The audio frame at which the board is now, reckoned from what it last said."""
        return self._bela.frame

    @property
    def address(self) -> Address | None:
        """Where the board is; None while it is gone."""
        return self._bela.address

    @property
    def is_connected(self) -> bool:
        """There is a connection now; without one, it is being looked for."""
        return self._bela.is_connected

    @property
    def counts(self) -> dict[str, int]:
        """What was lost or refused so far, by reason."""
        return self._bela.counts

    # Its variables.

    def stream(
        self,
        *names: str,
        start: When | None = None,
        for_: Span | None = None,
        latency: Span = LATENCY,
        max_waiting: int | Span = MOST_WAITING,
        on_gap: OnGap = "tell",
        on_full: OnFull = "drop",
        save: Sink | str | Path | None = None,
    ) -> BlockingStream:
        """Every sample of some variables, as blocks; arguments as for ``Bela.stream``."""
        stream = self._bela.stream(
            *names,
            start=start,
            for_=for_,
            latency=latency,
            max_waiting=max_waiting,
            on_gap=on_gap,
            on_full=on_full,
            save=save,
        )
        return BlockingStream(self, stream)

    def aligned(
        self,
        *names: str,
        start: When | None = None,
        for_: Span | None = None,
        latency: Span = LATENCY,
        max_waiting: int | Span = MOST_WAITING,
        on_gap: OnGap = "tell",
        on_full: OnFull = "drop",
    ) -> BlockingAlignedStream:
        """Every sample of some variables, as rows of all of them; arguments as for ``Bela.aligned``."""
        stream = self._bela.aligned(
            *names,
            start=start,
            for_=for_,
            latency=latency,
            max_waiting=max_waiting,
            on_gap=on_gap,
            on_full=on_full,
        )
        return BlockingAlignedStream(self, stream)

    def collect(
        self, *names: str, for_: Span, start: When | None = None, on_gap: OnGap = "tell"
    ) -> dict[str, Block]:
        """Every sample of some variables over a time, one block a variable."""
        return self._thread.call(self._bela.collect(*names, for_=for_, start=start, on_gap=on_gap))

    def monitor(
        self, periods: Mapping[str, int | Span] | None = None, /, **more: int | Span
    ) -> BlockingMonitor:
        """One value of each variable every so often; arguments as for ``Bela.monitor``."""
        return BlockingMonitor(self, self._bela.monitor(periods, **more))

    def plot(
        self,
        *names: str,
        monitor: Mapping[str, int | Span] | None = None,
        y_range: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
        window: Span = WINDOW,
        rollover: Span | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        show: bool | None = None,
    ) -> BlockingPlot:
        """A live picture in a browser, each variable in a row; arguments as for ``Bela.plot``.

        It goes on until its ``close``, or the end of its ``with``. ``show`` opens the user's browser; None =
        unless in a notebook, where a cell that ends with it shows it.
        """
        from belabridge.client.plotting import BlockingPlot, in_notebook

        plot = self._bela.plot(
            *names,
            monitor=monitor,
            y_range=y_range,
            window=window,
            rollover=rollover,
            host=host,
            port=port,
        )
        blocking = BlockingPlot(self, plot)
        if show if show is not None else not in_notebook():
            blocking.show()
        return blocking

    def peek(self, *names: str, timeout_s: float = 5.0) -> Peek:
        """What the program reads of some variables now, of all when none is named; all at one frame."""
        return self._thread.call(self._bela.peek(*names, timeout_s=timeout_s))

    def control(self, *names: str) -> BlockingControl:
        """Take variables over: the program reads what is set, until the block is left."""
        return BlockingControl(self, self._bela.control(*names))

    def send_buffer(
        self,
        buffer: int | str,
        values: ArrayLike,
        *,
        type: VarType | str | None = None,  # noqa: A002 - what a board calls it
        timeout_s: float = 5.0,
    ) -> None:
        """Fill an array of the program; arguments as for ``Bela.send_buffer``."""
        self._thread.call(self._bela.send_buffer(buffer, values, type=type, timeout_s=timeout_s))


def _leave(thread: LoopThread, bela: Bela) -> None:
    """End a connection, wherever its last user let it go."""
    try:
        if not thread.is_here:
            thread.call(bela.close(), END_S)
    except (Closed, TimeoutError):
        return
    finally:
        thread.end()
