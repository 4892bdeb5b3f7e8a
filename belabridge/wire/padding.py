"""Cuts the zeros that the end of somebody's log puts into the stream of an original board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from belabridge.wire.tail import cut_dense, cut_dense_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from belabridge.values import Block, Variable

LATEST_STEPS: Final = 2
"""Assignments behind the end of a log at which its block may begin: a board looks for a start at one, and for
an end at the next, so that a run which is shorter has two values."""


@dataclass(slots=True)
class _Log:
    """A log of one variable.

    Attributes:
        frame: where it begins.
        end_frame: where it ends, or the latest that it can have ended; None while nobody knows.
        is_exact: it ends there, unless an ``unlog`` comes before.
        held: a block that ends with a zero and may be the padded one.
    """

    frame: int
    end_frame: int | None
    is_exact: bool
    held: Block | None = None


class Padding:
    """Dense blocks of an original board, in their order.

    A log shares its buffer with the stream of the same variable: when it ends, whoever began it, the buffer
    goes out half full, and the rest of it is zeros. The answer to a ``log`` says when it ends, and that block
    is cut. Of a log without an end, or with an early one, only the next block tells where the padding began:
    as long as a log is on, a block that ends with a zero waits for it.

    A log that nobody told us of in time is for ``Continuity`` to count.

    Args:
        step_frames: gives the frames between two assignments of a variable, by its id.
    """

    def __init__(self, step_frames: Callable[[int], float]) -> None:
        self._step_frames = step_frames
        self._logs: dict[int, _Log] = {}

    @property
    def is_idle(self) -> bool:
        """No log is known: every block would pass."""
        return not self._logs

    def logged(self, id_: int, frame: int, end_frame: int | None) -> None:
        """The board said that it logs a variable from ``frame`` to ``end_frame``; None = until ``unlog``."""
        before = self._logs.get(id_)
        held = None if before is None else before.held
        self._logs[id_] = _Log(frame, end_frame, is_exact=end_frame is not None, held=held)

    def listed(self, variables: Sequence[Variable], frame: int) -> None:
        """Take a list: it shows logs that we were not told of, and those that are over."""
        for variable in variables:
            log = self._logs.get(variable.id)
            if variable.logged:
                if log is None or (log.end_frame is not None and log.end_frame < frame):
                    self.logged(variable.id, 0, None)
            elif log is not None and log.frame <= frame and (log.end_frame is None or log.end_frame > frame):
                log.end_frame, log.is_exact = frame, False

    def drop(self, id_: int) -> bool:
        """The stream of this variable is over: drop the block that waits for its next one, if one does."""
        log = self._logs.get(id_)
        if log is None or log.held is None:
            return False
        log.held = None
        return True

    def seen(self, block: Block) -> tuple[Block, ...]:
        """Take a block of a stream; the blocks that are whole now, in order."""
        log = self._logs.get(block.id)
        if log is None or block.relative is not None:
            return (block,)
        step_frames = self._step_frames(block.id)
        whole: tuple[Block, ...] = ()
        if log.held is not None:
            whole = (cut_dense_before(log.held, block.frame, step_frames),)
            log.held = None
        if log.end_frame is not None and block.frame > log.end_frame + LATEST_STEPS * step_frames:
            del self._logs[block.id]
            return (*whole, block)
        if log.is_exact and log.end_frame is not None and block.frame <= log.end_frame:
            cut = cut_dense(block, log.end_frame, step_frames)
            if cut is not block and not block.values[len(cut.values) :].any():
                del self._logs[block.id]
                return (*whole, cut)
        if block.frame >= log.frame and block.values.item(-1) == 0:
            log.held = block
            return whole
        return (*whole, block)
