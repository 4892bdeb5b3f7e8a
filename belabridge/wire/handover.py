"""Cuts the padding where another client's original stream ends and our exact blocks go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from belabridge.values import TimestampMode, VarType
from belabridge.wire.formats import layout
from belabridge.wire.tail import cut_dense_before

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.values import Block

_FULL: Final = {type_: layout(type_, TimestampMode.DENSE).count for type_ in VarType}


class Handover:
    """Dense blocks of a board of protocol 2, in their order.

    While another client streams a variable in the original protocol, everybody gets its full blocks. The last
    of them is padded with zeros, and the exact block that follows begins where the padding does. So a full
    block that ends with a zero is kept until the next one tells where it ended; others pass at once.

    Args:
        step_frames: gives the frames between two assignments of a variable, by its id.
    """

    def __init__(self, step_frames: Callable[[int], float]) -> None:
        self._step_frames = step_frames
        self._held: dict[int, Block] = {}

    def drop(self, id_: int) -> bool:
        """The stream of this variable is over: drop the block that waits for its next one, if one does."""
        return self._held.pop(id_, None) is not None

    def seen(self, block: Block) -> tuple[Block, ...]:
        """Take a block of a stream; the blocks that are whole now, in order."""
        held = self._held
        if block.relative is not None or (
            block.id not in held and (len(block.values) < _FULL[block.type] or block.values.item(-1) != 0)
        ):
            return (block,)
        before = held.pop(block.id, None)
        whole: tuple[Block, ...] = ()
        if before is not None:
            whole = (cut_dense_before(before, block.frame, self._step_frames(block.id)),)
        if len(block.values) == _FULL[block.type] and block.values.item(-1) == 0:
            held[block.id] = block
            return whole
        return (*whole, block)
