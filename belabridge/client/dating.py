"""Gives dense blocks their steps: a block says where it begins, its neighbours how far its values reach."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from belabridge.wire.tail import zeros_at_end

if TYPE_CHECKING:
    from belabridge.values import Block

MOST_UNDATED: Final = 8
"""Blocks that wait for a step: two or three show it, unless the program assigns the variable irregularly."""


class Dating:
    """The dense blocks of one variable, in their order.

    While the step between its values is unknown, blocks wait; the first that is dated takes them along. Of a
    variable without a step, each block is stretched to the beginning of the next one.
    """

    def __init__(self) -> None:
        """Nothing waits."""
        self._waiting: list[Block] = []
        self._most = MOST_UNDATED

    def seen(self, block: Block, step_frames: float | None) -> list[tuple[Block, float]]:
        """Take a block; give those whose steps are known now, each with its step.

        Args:
            block: of a dense stream.
            step_frames: between two values of the variable, None while nobody knows.
        """
        waiting = self._waiting
        waiting.append(block)
        if step_frames is not None:
            self._waiting = []
            return [(one, step_frames) for one in waiting]
        if len(waiting) <= self._most:
            return []
        self._most = 1  # who shows no step among so many has none: from now on only the last one waits
        self._waiting = [block]
        return [(a, _stretched(a, b)) for a, b in pairwise(waiting)]

    def rest(self, until_frame: int, *, may_be_padded: bool) -> list[tuple[Block, float]]:
        """No block follows: what waits, with what one must suppose.

        Args:
            until_frame: the values of the last block reach about so far.
            may_be_padded: it may end with zeros that are no values; they are cut, and values with them.
        """
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return []
        steps = [_stretched(a, b) for a, b in pairwise(waiting)]
        last = waiting[-1]
        if may_be_padded:
            held = max(1, len(last.values) - zeros_at_end(last.values))
            last = replace(last, values=last.values[:held])
        step = steps[-1] if steps else max(1.0, (until_frame - last.frame) / len(last.values))
        return [*zip(waiting, steps, strict=False), (last, step)]


def _stretched(block: Block, following: Block) -> float:
    return max(0, following.frame - block.frame) / len(block.values)
