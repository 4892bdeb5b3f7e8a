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
        self._filling: _Filling | None = None

    def take(self, block: Block) -> Sequence[Block]:
        """Take a block; the buffers that are full now."""
        size, length, filling = len(block), self._length, self._filling
        if filling is None:
            if size == length:
                return (block,)
            if not self._waits:
                return [piece(block, at, min(at + length, size)) for at in range(0, size, length)]
        full, at = [], 0
        while at < size:
            if filling is None:
                filling = _Filling(block, at, length)
            at = filling.add(block, at)
            if filling.count == length:
                full.append(filling.block())
                filling = None
        self._filling = filling
        return full

    def rest(self) -> Block | None:
        """What waits, as a shorter buffer; ends it."""
        filling, self._filling = self._filling, None
        return None if filling is None else filling.block()


class _Filling:
    """A buffer that is being filled."""

    __slots__ = ("_end", "_first", "_frames", "_last", "_values", "count")

    def __init__(self, block: Block, at: int, length: int) -> None:
        self._first = piece(block, at, len(block)) if at else block
        self._values = np.empty(length, block.values.dtype)
        self._frames = None if block.is_regular else np.empty(length, np.uint64)
        self._last, self._end = block, 0  # the block that the last value is of, and behind which place
        self.count = 0

    def add(self, block: Block, at: int) -> int:
        """Take values from a place on; the place of the first that found no room."""
        end = min(len(block), at + len(self._values) - self.count)
        place = slice(self.count, self.count + end - at)
        self._values[place] = block.values[at:end]
        if self._frames is not None:
            self._frames[place] = block.frames[at:end]
        self.count += end - at
        self._last, self._end = block, end
        return end

    def block(self) -> Block:
        """What is there."""
        first, last = self._first, self._last
        values = self._values[: self.count]
        values.flags.writeable = False
        if self._frames is not None:
            frames = self._frames[: self.count] - np.uint64(first.first_frame)
            return Block(first.name, values, first.first_frame, first.sample_rate_hz, 1.0, frames)
        step = first.step_frames
        if step != last.step_frames:
            behind = last.first_frame + self._end * last.step_frames
            step = (behind - first.first_frame) / self.count
        return Block(first.name, values, first.first_frame, first.sample_rate_hz, step)


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
