"""Buffers of equal length made of the blocks that come, and the dicts in which pybela gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.client.blocks import Block
from belabridge.client.known.lazy_dict import LazyDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.client.blocks import Sample


class Cutter:
    """Makes the blocks of one variable, in their order, into buffers of so many values each.

    What is as long already, as the blocks of an original board are, is handed on as it is.

    Args:
        length: values of a buffer.
        waits: a block that is shorter waits for the next one. Otherwise it goes on at once.
    """

    def __init__(self, length: int, *, waits: bool) -> None:
        self._length, self._waits = length, waits
        self._waiting: list[Block] = []
        self._count = 0

    def take(self, block: Block) -> Sequence[Block]:
        """Take a block; the buffers that are full now."""
        size = len(block)
        if not self._count and size == self._length:
            return (block,)
        self._waiting.append(block)
        self._count += size
        if self._count < self._length and self._waits:
            return ()
        whole = self.rest()
        if len(whole) <= self._length:
            return (whole,)
        parts = [
            piece(whole, start, min(start + self._length, len(whole)))
            for start in range(0, len(whole), self._length)
        ]
        if self._waits and len(parts[-1]) < self._length:
            self._waiting, self._count = [parts.pop()], len(whole) % self._length
        return parts

    def rest(self) -> Block:
        """All that waits, as one block; ends it. Call it only when ``has_rest``."""
        waiting, self._waiting, self._count = self._waiting, [], 0
        return waiting[0] if len(waiting) == 1 else joined(waiting)

    @property
    def has_rest(self) -> bool:
        """Something waits."""
        return self._count > 0


def piece(block: Block, start: int, stop: int) -> Block:
    """The values from place ``start`` up to ``stop``, without it."""
    if not block.is_regular:
        return block.part(start, stop)
    # as `part`, but without the frame of each value, which would stay in memory
    first = block.first_frame + int(start * block.step_frames)
    return Block(block.name, block.values[start:stop], first, block.sample_rate_hz, block.step_frames)


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks of one variable that follow each other, as one."""
    first, last = blocks[0], blocks[-1]
    values = np.concatenate([block.values for block in blocks])
    values.flags.writeable = False
    if first.is_regular:
        step = (last.end_frame - first.first_frame) / len(values)
        return Block(first.name, values, first.first_frame, first.sample_rate_hz, step)
    frames = np.concatenate([block.frames for block in blocks])
    return Block(
        first.name,
        values,
        first.first_frame,
        first.sample_rate_hz,
        1.0,
        frames - np.uint64(first.first_frame),
    )


def as_buffer(block: Block) -> LazyDict:
    """A buffer of a stream: ``ref_timestamp``, ``data``, and of a sparse variable ``rel_timestamps``."""

    def made(key: str) -> Any:
        if key == "data":
            return block.values.tolist()
        if key == "ref_timestamp":
            return block.first_frame
        return (block.frames - np.uint64(block.first_frame)).tolist()

    keys = ("ref_timestamp", "data") if block.is_regular else ("ref_timestamp", "data", "rel_timestamps")
    return LazyDict(keys, made)


def as_monitored(sample: Sample) -> dict[str, Any]:
    """A monitored value: ``timestamp`` and ``value``."""
    return {"timestamp": sample.frame, "value": sample.value}


def with_timestamps(block: Block | None) -> LazyDict:
    """A buffer as ``last_streamed_buffer`` has it: ``data``, and ``timestamps``, one for each value."""

    def made(key: str) -> Any:
        if block is None:
            return []
        return block.values.tolist() if key == "data" else block.frames.tolist()

    return LazyDict(("data", "timestamps"), made)


def flat(blocks: Sequence[Block]) -> list[Any]:
    """All values of some blocks, one after the other."""
    values: list[Any] = []
    for block in blocks:
        values += block.values.tolist()
    return values
