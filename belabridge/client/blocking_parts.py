"""Streams, monitors and controls for programs without ``async``, as iterators and in `with` blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from belabridge.client.aligned import AlignedBlock
from belabridge.client.backlog import Item
from belabridge.client.blocks import Block
from belabridge.errors import Closed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from pathlib import Path
    from types import TracebackType

    from belabridge.client.blocking import BlockingBela
    from belabridge.client.blocks import Sample
    from belabridge.client.control import Control
    from belabridge.client.loop_thread import LoopThread
    from belabridge.client.monitor import Monitor
    from belabridge.client.spans import When
    from belabridge.client.stream import Stream
    from belabridge.client.streaming import Streaming

T = TypeVar("T", bound=Item)

LOOK_S: Final = 1.0  # who sleeps looks whether there is still somebody who could wake it


class _BlockingStreaming(Generic[T]):
    """What streams of blocks and of rows have in common."""

    def __init__(self, owner: BlockingBela, stream: Streaming[T]) -> None:
        """Of a stream in the loop of a connection, which lives at least as long."""
        self._owner, self._stream = owner, stream
        self._thread = owner.thread

    def __enter__(self) -> Self:
        self._thread.run(self._stream.begin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unless_closed(self._thread, self._stream.__aexit__(kind, error, trace))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while True:
            item = self._stream.take()
            if item is not None:
                return item
            self._thread.check()
            self._stream.sleep(LOOK_S)  # a turn of the loop for each burst would cost twice as much

    def get(self, timeout_s: float | None = None) -> T:
        """The next block.

        Raises:
            BoardTimeout: none came within this time.
            StopIteration: the stream is over.
        """
        try:
            return self._thread.call(self._stream.get(timeout_s))
        except StopAsyncIteration:
            raise StopIteration from None

    def stop(self, at: When | None = None) -> None:
        """End the stream at a moment, or now; what is before it still comes, and then the iteration ends."""
        self._thread.run(lambda: self._stream.stop(at))

    @property
    def names(self) -> tuple[str, ...]:
        """The variables."""
        return self._stream.names

    @property
    def start_frame(self) -> int:
        """The first frame that is wanted, as far as is known."""
        return self._stream.start_frame

    @property
    def dropped_blocks(self) -> int:
        """Blocks that were dropped because nobody took them in time; each shows as a gap, too."""
        return self._stream.dropped_blocks


class BlockingStream(_BlockingStreaming[Block]):
    """Every sample of some variables; made by ``bela.stream``.

    Use it as ``with bela.stream("pot1") as blocks: for block in blocks: …``.
    """

    _stream: Stream

    @property
    def saved_to(self) -> Path | None:
        """The folder of the take that ``save`` named, once the stream has begun; else None."""
        return self._stream.saved_to

    def collect(self) -> dict[str, Block]:
        """All that still comes until the end, as one block a variable; gaps are left out."""
        return self._thread.call(self._stream.collect())


class BlockingAlignedStream(_BlockingStreaming[AlignedBlock]):
    """Every sample of some variables, beside each other; made by ``bela.aligned``.

    Use it as ``with bela.aligned("pot1", "mic") as blocks: for block in blocks: …``.
    """


class BlockingMonitor:
    """Values of some variables, each at its own period; made by ``bela.monitor``.

    Use it as ``with bela.monitor(pot1=100) as samples: for sample in samples: …``.
    """

    def __init__(self, owner: BlockingBela, monitor: Monitor) -> None:
        """Of a monitor in the loop of a connection, which lives at least as long."""
        self._owner, self._monitor = owner, monitor
        self._thread = owner.thread

    def __enter__(self) -> Self:
        self._thread.run(self._monitor.begin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unless_closed(self._thread, self._monitor.__aexit__(kind, error, trace))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Sample:
        while True:
            sample = self._monitor.take()
            if sample is not None:
                return sample
            self._thread.call(self._monitor.wait())

    def get(self, timeout_s: float | None = None) -> Sample:
        """The next value.

        Raises:
            BoardTimeout: none came within this time.
            StopIteration: the monitor is over.
        """
        try:
            return self._thread.call(self._monitor.get(timeout_s))
        except StopAsyncIteration:
            raise StopIteration from None

    @property
    def latest(self) -> dict[str, Sample]:
        """The last value of each variable that came, by name."""
        return dict(self._monitor.latest)

    @property
    def periods_frames(self) -> dict[str, int]:
        """By name."""
        return dict(self._monitor.periods_frames)

    @property
    def dropped_samples(self) -> int:
        """Values that nobody took in time."""
        return self._monitor.dropped_samples


class BlockingControl:
    """Variables under control; made by ``bela.control``.

    Use it as ``with bela.control("gain") as gain: gain.set(0.5)``.
    """

    def __init__(self, owner: BlockingBela, control: Control) -> None:
        """Of a control in the loop of a connection, which lives at least as long."""
        self._owner, self._control = owner, control
        self._thread = owner.thread

    def __enter__(self) -> Self:
        self._thread.call(self._control.take())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        unless_closed(self._thread, self._control.__aexit__(kind, error, trace))

    def set(
        self, value: float | Mapping[str, float] | None = None, /, *, confirm: bool = False, **values: float
    ) -> None:
        """Let the program read a value; arguments as for ``Control.set``."""
        self._thread.call(self._control.set(value, confirm=confirm, **values))

    @property
    def names(self) -> tuple[str, ...]:
        """The variables."""
        return self._control.names

    @property
    def value(self) -> float:
        """What the program reads of the one variable, as far as is known."""
        return self._control.value

    @property
    def values(self) -> dict[str, float]:
        """What the program reads of each variable, as far as is known."""
        return self._control.values


def unless_closed(thread: LoopThread, leaving: Coroutine[Any, Any, None]) -> None:
    """Leave a block; when the connection was closed within, there is nothing to leave any more."""
    try:
        thread.call(leaving)
    except Closed:
        return
