"""Buffers of several variables cut to the same frames, for callbacks that want them together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from belabridge.client.blocks import Block
from belabridge.client.known.buffers import joined, piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class _Part:
    """What waits of one variable."""

    __slots__ = ("blocks", "known", "length")

    def __init__(self, length: int) -> None:
        self.length = length
        self.blocks: list[Block] = []
        self.known = -1  # everything before this frame has come

    def begin_at(self, frame: int) -> None:
        """Forget what is before a frame."""
        while self.blocks and self.blocks[0].end_frame <= frame:
            del self.blocks[0]
        if self.blocks and self.blocks[0].first_frame < frame:
            self.take(frame)

    def boundary(self) -> float:
        """The frame behind as many values as a buffer has; infinite when there are fewer."""
        left = self.length
        for block in self.blocks:
            if len(block) >= left:
                return _behind(block, left)
            left -= len(block)
        return math.inf

    def take(self, end: int) -> list[Block]:
        """Cut off what is before a frame."""
        taken = []
        while self.blocks and self.blocks[0].first_frame < end:
            block = self.blocks[0]
            count = len(block) if block.end_frame <= end else _before(block, end)
            taken.append(piece(block, 0, count) if count < len(block) else block)
            if count < len(block):
                self.blocks[0] = piece(block, count, len(block))
            else:
                del self.blocks[0]
        return taken


class Together:
    """Cuts the blocks of some variables at the same frames.

    A cut is made as soon as the fastest of them has enough values for a buffer and all have come so far.

    Args:
        lengths: values of a full buffer, by name.
        patience_frames: who is behind by more than this is not waited for.
    """

    def __init__(self, lengths: Mapping[str, int], patience_frames: int) -> None:
        self._parts = {name: _Part(length) for name, length in lengths.items()}
        self._patience = patience_frames
        self._start: int | None = None

    def take(self, block: Block, passed: int) -> Iterator[dict[str, Block]]:
        """Take a block of a variable; what is complete now, by name, with an empty block where nothing was.

        Args:
            block: of one of the variables.
            passed: nothing comes from before this frame any more.
        """
        part = self._parts[block.name]
        part.blocks.append(block)
        part.known = max(part.known, block.end_frame)
        for other in self._parts.values():
            other.known = max(other.known, passed)
        yield from self._complete()

    def gap(self, name: str, end_frame: int) -> None:
        """Values of a variable are missing up to this frame; 0 = its frames begin anew."""
        part = self._parts[name]
        if not end_frame:
            self._start, part.blocks, part.known = None, [], -1
            return
        part.known = max(part.known, end_frame)
        if self._start is None or end_frame > self._start:
            self._start = end_frame
            for other in self._parts.values():
                other.begin_at(end_frame)

    def rest(self) -> Iterator[dict[str, Block]]:
        """What is left at the end, as far as anybody has come."""
        if self._begin():
            yield from self._complete()
            end = max(part.known for part in self._parts.values())
            if any(part.blocks for part in self._parts.values()):
                yield self._cut(end)

    def _begin(self) -> bool:
        if self._start is None:
            parts = self._parts.values()
            firsts = [part.blocks[0].first_frame for part in parts if part.blocks]
            if not firsts:
                return False
            waited_frames = max(part.known for part in parts) - min(firsts)
            if waited_frames < self._patience and any(
                not part.blocks and part.known <= min(firsts) for part in parts
            ):
                return False
            self._start = max(firsts) if max(firsts) - min(firsts) < self._patience else min(firsts)
            for part in parts:
                part.begin_at(self._start)
        return True

    def _complete(self) -> Iterator[dict[str, Block]]:
        if not self._begin():
            return
        while True:
            end = min(part.boundary() for part in self._parts.values())
            if end == math.inf:
                return
            latest = max(part.known for part in self._parts.values())
            if any(part.known < end and latest - end < self._patience for part in self._parts.values()):
                return
            yield self._cut(int(end))

    def _cut(self, end: int) -> dict[str, Block]:
        start = self._start or 0
        self._start = end
        return {name: _one(name, part.take(end), start) for name, part in self._parts.items()}


def _one(name: str, blocks: list[Block], start: int) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    if not blocks:
        return Block(name, np.zeros(0, np.float32), start, 0.0)

    return joined(blocks)


def _behind(block: Block, count: int) -> int:
    if not block.is_regular:
        return int(block.frames[count - 1]) + 1
    return block.first_frame + int(count * block.step_frames)


def _before(block: Block, end: int) -> int:
    """How many values are from before a frame."""
    if not block.is_regular:
        return int(block.frames.searchsorted(end))
    return min(len(block), math.ceil((end - block.first_frame) / block.step_frames))
