"""From a board's blocks to what a user gets of them, and to whom it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from belabridge.client.blocks import Block, Sample
from belabridge.client.dating import Dating

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from belabridge import values
    from belabridge.board.speech import Want
    from belabridge.errors import BelabridgeError, BoardError
    from belabridge.values import Variable


class Listener(Protocol):
    """A stream or a monitor; all is called in the loop and must not block."""

    def block(self, block: Block) -> None:
        """Samples of a variable that it streams."""

    def sample(self, sample: Sample) -> None:
        """A value of a variable that it monitors."""

    def lost(self, error: BoardError) -> None:
        """The board is gone, and is being looked for."""

    def back(self, frame: int, *, began_anew: bool) -> None:
        """The board is there again at this frame; with ``began_anew`` its program counts from 0 again."""

    def close(self, error: BelabridgeError | None) -> None:
        """Nothing comes any more."""


class Route:
    """What comes of one variable over one connection, and who gets it.

    Attributes:
        name: of the variable.
        streams: who gets its blocks.
        monitors: who gets its monitored values.
    """

    __slots__ = ("_dating", "_is_whole", "_rate_hz", "monitors", "name", "streams")

    def __init__(self, variable: Variable, sample_rate_hz: float) -> None:
        """Nobody gets anything yet."""
        self.name = variable.name
        self.streams: list[Callable[[Block], None]] = []
        self.monitors: list[Callable[[Sample], None]] = []
        self._is_whole = variable.type.value in "cij"
        self._rate_hz = sample_rate_hz
        self._dating = Dating()

    def blocks(self, block: values.Block, step_frames: float | None) -> list[Block]:
        """Take a block of a stream; the blocks whose frames are known now, in their order.

        Args:
            block: sparse or dense.
            step_frames: between two values of a dense one; None while unknown.
        """
        rate = self._rate_hz
        if block.relative is not None:
            return [Block(self.name, block.values, block.frame, rate, 1.0, block.relative)]
        return [
            Block(self.name, one.values, one.frame, rate, step)
            for one, step in self._dating.seen(block, step_frames)
        ]

    def rest(self, until_frame: int, *, may_be_padded: bool) -> list[Block]:
        """The blocks that wait for their frames, as ``Dating.rest`` reckons them."""
        return [
            Block(self.name, one.values, one.frame, self._rate_hz, step)
            for one, step in self._dating.rest(until_frame, may_be_padded=may_be_padded)
        ]

    def sample(self, block: values.Block) -> Sample:
        """A monitored value."""
        number = block.values.item(0)
        value = int(number) if self._is_whole else float(number)
        return Sample(self.name, value, block.frame, block.frame / self._rate_hz)


def connect(routes: Collection[Route], listeners: Mapping[Listener, Mapping[str, Want]]) -> None:
    """Find for each variable who wants it."""
    by_name = {route.name: route for route in routes}
    for route in routes:
        route.streams, route.monitors = [], []
    for listener, wanted in listeners.items():
        for name, want in wanted.items():
            if name not in by_name:
                continue
            if want.watch:
                by_name[name].streams.append(listener.block)
            if want.monitor_period_frames:
                by_name[name].monitors.append(listener.sample)
    for route in routes:
        if not route.streams:
            route.rest(0, may_be_padded=False)  # what waits is of a stream that nobody has any more
