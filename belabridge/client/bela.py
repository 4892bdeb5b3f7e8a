"""A connected board, for ``async`` programs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from belabridge.client.aligned import AlignedStream
from belabridge.client.blocks import Peek
from belabridge.client.control import Control
from belabridge.client.monitor import Monitor
from belabridge.client.spans import Seconds
from belabridge.client.stream import Stream
from belabridge.client.streaming import LATENCY, MOST_WAITING
from belabridge.errors import BoardTimeout, UsageError
from belabridge.values import VarType
from belabridge.wire.host_arrays import find_array
from belabridge.wire.host_buffer import encode_buffer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import ArrayLike

    from belabridge.client.blocks import Block
    from belabridge.client.hub import Hub
    from belabridge.client.plotting import Plot
    from belabridge.client.spans import Span, When
    from belabridge.client.stream import Sink
    from belabridge.client.streaming import OnFull, OnGap
    from belabridge.values import Address, Variable
    from belabridge.wire.listing import HostArray

ANSWER_S: Final = 5.0  # a board answers in milliseconds; one that starts anew is back in some seconds
WINDOW: Final = Seconds(5.0)  # of a picture
ROOM_S: Final = 0.002  # a buffer waits so long for room on its way, and looks again

_TYPES: Final = {
    np.dtype(np.int8): VarType.CHAR,
    np.dtype(np.uint8): VarType.CHAR,
    np.dtype(np.uint32): VarType.UINT,
}


class Bela:
    """A board, connected; made by ``belabridge.connect``.

    When the connection ends, it is made anew, and all that was wanted is wanted again; a board's program may
    be restarted meanwhile. All methods are for the event loop in which it was made.

    Attributes:
        plots: the pictures that are open; they end with it.
    """

    def __init__(self, hub: Hub) -> None:
        """A board whose hub is open."""
        self._hub = hub
        self.plots: set[Plot] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Leave the board as it was before us; streams and monitors end. More than once does no harm."""
        for plot in tuple(self.plots):
            await plot.close()
        await self._hub.close()

    @property
    def hub(self) -> Hub:
        """Who is told of what; for what is built on a connection."""
        return self._hub

    # What it is.

    @property
    def variables(self) -> dict[str, Variable]:
        """The variables of the program, by name, as it last listed them."""
        return dict(self._hub.table)

    @property
    def buffers(self) -> dict[str, HostArray]:
        """The arrays that ``send_buffer`` fills, by name; an original board does not tell of any."""
        board = self._hub.board
        return {} if board is None else {array.name: array for array in board.arrays}

    @property
    def project(self) -> str:
        """The name of the program on the board."""
        return self._hub.project

    @property
    def sample_rate_hz(self) -> float:
        """Audio frames a second."""
        return self._hub.sample_rate_hz

    @property
    def frame(self) -> int:
        """The audio frame at which the board is now, since its program started; it is reckoned."""
        return self._hub.now_frame

    @property
    def address(self) -> Address | None:
        """Where the board is; None while it is gone."""
        return self._hub.link.status.address

    @property
    def is_connected(self) -> bool:
        """There is a connection now; without one, it is being looked for."""
        return self._hub.is_here

    @property
    def counts(self) -> dict[str, int]:
        """What was lost or refused so far, by reason."""
        return dict(self._hub.tally.counts)

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
    ) -> Stream:
        """Every sample of some variables, as blocks.

        Args:
            *names: of the variables.
            start: the first frame: a whole number is a frame of the program, ``seconds(2)`` or
                ``frames(4410)`` count from now; None = now.
            for_: how long; None = until the block is left, or ``stop``.
            latency: so long a sample may wait on the board for its block to be full. An original board
                cannot be told: there a slow variable comes when its block is full.
            max_waiting: so many blocks, or so much time, may wait to be read.
            on_gap: ``"tell"`` puts a ``Gap`` where frames are missing, ``"error"`` raises.
            on_full: ``"drop"`` drops the oldest block, and puts a ``Gap`` there, ``"error"`` raises.
            save: the folder of a take, in which all is recorded as well, also what nobody reads;
                ``belabridge.load`` opens it. ``take{n}`` is the next free number. Or what takes the blocks.

        Raises:
            UnknownVariable: the board lacks one.
            UsageError: a time is none.

        Its ``with`` raises ``AlreadyExists`` or ``CannotSave`` when the take cannot be made. A disk that gets
        full ends it: the reader gets ``CannotSave`` behind what came before, or else the end of ``with``.
        """
        return Stream(
            self._hub,
            names,
            start=start,
            for_=for_,
            latency=latency,
            max_waiting=max_waiting,
            on_gap=on_gap,
            on_full=on_full,
            save=save,
        )

    def aligned(
        self,
        *names: str,
        start: When | None = None,
        for_: Span | None = None,
        latency: Span = LATENCY,
        max_waiting: int | Span = MOST_WAITING,
        on_gap: OnGap = "tell",
        on_full: OnFull = "drop",
    ) -> AlignedStream:
        """Every sample of some variables, as rows of all of them.

        There is a row at each frame at which one of them was assigned; the others are there with the value
        that they had. So it also fits for variables of different types and rates. Rows are as late as the
        latest variable; on an original board, one that is assigned seldom is late by a full block.

        Args:
            *names: of the variables, in the order of the columns.
            start: as for ``stream``.
            for_: as for ``stream``.
            latency: as for ``stream``.
            max_waiting: as for ``stream``.
            on_gap: as for ``stream``; ``is_gap`` shows a block that tells of one.
            on_full: as for ``stream``.

        Raises:
            UnknownVariable: the board lacks one.
            UsageError: a time is none.
        """
        return AlignedStream(
            self._hub,
            names,
            start=start,
            for_=for_,
            latency=latency,
            max_waiting=max_waiting,
            on_gap=on_gap,
            on_full=on_full,
        )

    async def collect(
        self, *names: str, for_: Span, start: When | None = None, on_gap: OnGap = "tell"
    ) -> dict[str, Block]:
        """Every sample of some variables over a time, one block a variable; gaps are left out, or raise.

        Args:
            *names: of the variables.
            for_: how long.
            start: as for ``stream``.
            on_gap: as for ``stream``.
        """
        limitless = 1 << 30  # it is all wanted in memory
        async with self.stream(
            *names, start=start, for_=for_, on_gap=on_gap, max_waiting=limitless
        ) as blocks:
            return await blocks.collect()

    def monitor(self, periods: Mapping[str, int | Span] | None = None, /, **more: int | Span) -> Monitor:
        """One value of each variable every so often.

        Args:
            periods: by name, for names that are no Python words.
            **more: by name, as in ``monitor(pot1=100, gate=seconds(0.1))``: frames, or a length of time.

        Raises:
            UnknownVariable: the board lacks one.
            UsageError: a period is none.
        """
        return Monitor(self._hub, {**(periods or {}), **more})

    def plot(
        self,
        *names: str,
        monitor: Mapping[str, int | Span] | None = None,
        y_range: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
        window: Span = WINDOW,
        rollover: Span | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> Plot:
        """A live picture in a browser, each variable in a row; ``async with bela.plot("mic") as plot``.

        Its ``url`` is where, ``show()`` opens the user's browser there.

        Args:
            *names: of the variables whose every sample is shown; of all, when none is named or monitored.
            monitor: those of which one value every so often is shown, as for ``monitor``.
            y_range: (lowest, highest) of the axes, or by name; None = as the values are.
            window: from left to right.
            rollover: so far one can look back while the picture is paused; None = the window.
            host: numeric address to serve the page on; others than this computer's own see it when it is not
                the usual one.
            port: 0 = any that is free.

        Raises:
            UnknownVariable: the board lacks one.
            UsageError: a time or a range is none.
            MissingPackage: the library that draws is not installed.

        Its ``with`` raises ``PortInUse`` or ``CannotListen``.
        """
        from belabridge.client.plotting import Plot

        return Plot(
            self,
            names,
            monitor or {},
            y_range=y_range,
            window=window,
            rollover=rollover,
            host=host,
            port=port,
        )

    async def peek(self, *names: str, timeout_s: float = ANSWER_S) -> Peek:
        """What the program reads of some variables now, of all when none is named; all at one frame.

        Args:
            *names: of the variables.
            timeout_s: how long to wait for a board that is gone, and for its answer.

        Raises:
            UnknownVariable: the board lacks one.
            BoardError: no answer.
        """
        if names:
            self._hub.require(names)
        board = await self._hub.list(timeout_s)
        wanted = self._hub.require(names) if names else tuple(self._hub.table)
        values = {name: self._hub.table[name].value for name in wanted}
        return Peek(values, board.frame, board.frame / board.sample_rate)

    def control(self, *names: str) -> Control:
        """Take variables over: the program reads what is set, until the block is left.

        Raises:
            UnknownVariable: the board lacks one.
        """
        return Control(self._hub, names)

    async def send_buffer(
        self,
        buffer: int | str,
        values: ArrayLike,
        *,
        type: VarType | str | None = None,  # noqa: A002 - what a board calls it
        timeout_s: float = ANSWER_S,
    ) -> None:
        """Fill an array of the program.

        Args:
            buffer: the number that the program got when it registered the buffer, or the name of a
                ``WatcherBuffer``.
            values: (n,) numbers; what does not fit one message of 30 000 bytes is refused.
            type: C type of the buffer, one of ``"f" "d" "i" "j" "c"``. None = as the board says; when it does
                not, by the dtype: floats of any width are floats, so say ``"d"`` for doubles.
            timeout_s: how long to wait for room on the way.

        Raises:
            UsageError: there is no such buffer, or the values do not fit.
            BoardError: it could not be sent in time.
        """
        array = np.asarray(values)
        id_, kind = self._buffer(buffer, array, type)
        message = encode_buffer(id_, kind, array)
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while True:
            await self._hub.wait(max(0.0, until - loop.time()))
            if self._hub.link.send_buffer(message):
                return
            if loop.time() >= until:
                raise BoardTimeout(f"the board did not take buffer {buffer!r} within {timeout_s:g} s")
            await asyncio.sleep(ROOM_S)

    def _buffer(
        self,
        buffer: int | str,
        array: np.ndarray[tuple[int, ...], np.dtype[np.generic]],
        type_: VarType | str | None,
    ) -> tuple[int, VarType]:
        try:
            said = None if type_ is None else VarType(type_)
        except ValueError:
            raise UsageError(f"type={type_!r}: write one of {', '.join(VarType)}") from None
        board = self._hub.board
        id_, known = (buffer, said) if board is None else find_array(board, buffer, said, array.size)
        usual = _TYPES.get(array.dtype, VarType.INT if array.dtype.kind in "iub" else VarType.FLOAT)
        return int(id_), known or usual
