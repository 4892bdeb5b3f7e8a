"""A stream: every sample of some variables, as blocks that wait for their reader."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from belabridge.client.blocks import Block, Gap, joined
from belabridge.client.streaming import Streaming
from belabridge.errors import FramesMissing, RecordingError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from belabridge.client.hub import Hub
    from belabridge.client.spans import Span, When
    from belabridge.client.streaming import OnFull, OnGap
    from belabridge.errors import BelabridgeError


class Sink(Protocol):
    """What takes a stream's blocks besides its reader, such as a recorder; called in the loop.

    A ``RecordingError`` of it ends the stream.
    """

    def block(self, name: str, block: Block) -> None:
        """Samples of a variable."""

    def gap(self, name: str, frames: int) -> None:
        """So many frames are missing here; 0 = nobody knows how many."""

    def close(self) -> None:
        """The stream is over."""


class Stream(Streaming[Block]):
    """Every sample of some variables; made by ``bela.stream``.

    Use it as ``async with bela.stream("pot1") as blocks: async for block in blocks: …``. Blocks of different
    variables come as the board sends them; those of one variable are in order, and a ``Gap`` stands wherever
    values are missing.

    Attributes:
        saved_to: the folder of the take that ``save`` named, once the stream has begun; else None.
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
        save: Sink | str | Path | None,
    ) -> None:
        """A stream that has not begun; arguments as for ``Bela.stream``."""
        super().__init__(
            hub,
            names,
            start=start,
            for_=for_,
            latency=latency,
            max_waiting=max_waiting,
            on_gap=on_gap,
            on_full=on_full,
        )
        self._save = save
        self._sink = None if isinstance(save, str | Path) else save
        self.saved_to: Path | None = None
        self._finished = asyncio.Event()

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
        if self._save is not None and kind is None:
            unread = self._backlog.take_error()
            if unread is not None:  # whoever records may not read, and must know all the same
                raise unread

    def begin(self) -> None:
        """Let it come.

        Raises:
            UsageError: it had begun before.
            AlreadyExists: the take is there already.
            CannotSave: the take cannot be written.
        """
        if isinstance(self._save, str | Path) and not self._has_begun:
            from belabridge.recording.recorder import Recorder

            hub = self._hub
            recorder = Recorder(self._save, sample_rate_hz=hub.sample_rate_hz, project=hub.project)
            self._sink, self.saved_to = recorder, recorder.path
        super().begin()

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

    def close(self, error: BelabridgeError | None = None) -> None:
        """End it now; what waits can still be read."""
        if not self._finished.is_set():
            self._finished.set()
            if self._sink is not None:
                try:
                    self._sink.close()
                except RecordingError as unsaved:
                    error = error or unsaved
        super().close(error)

    def _take(self, block: Block) -> None:
        if isinstance(block, Gap):
            if self._fails_by_gap:
                self.close(FramesMissing(block.name, block.missing_frames))
                return
            if self._sink is not None:
                self._sink.gap(block.name, block.missing_frames)
        elif self._sink is not None:
            try:
                self._sink.block(block.name, block)
            except RecordingError as error:
                self._put(block)
                self.close(error)
                return
        self._put(block)
