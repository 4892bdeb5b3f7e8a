"""Where the blocks of a log file are, how many values each has, and which are damaged or torn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from belabridge.values import TimestampMode
from belabridge.wire.formats import LATEST_FRAME, STREAM_BODY, VALUES_AT, layout
from belabridge.wire.tail import sparse_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from belabridge.wire.log_header import LogHeader

REASONS: Final = {
    "torn": "the file ends within a block",
    "time": "blocks from an impossible time, or out of order",
    "times": "sparse blocks whose times go back",
    "count": "blocks that claim to have more values than fit, or none",
    "odd": "more short or damaged blocks than any board writes",
}
"""What `Damage.reason` says, by its fixed words."""

EXACT_HEAD: Final = 16  # bytes: frame, count, lost
_RELATIVE_BYTES: Final = 4
_CHUNK_BLOCKS: Final = 4096  # 16 MiB: between two calls of a progress
_MOST_ODD: Final = 1 << 16
"""Short and damaged blocks that are read. Boards write a short one at the end, and one every 27 hours."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What could not be read.

    Attributes:
        reason: a word of ``REASONS``.
        at: byte of the first.
        bytes: how many in all, without those of values that were read all the same.
        blocks: how many in all, whole or not.
    """

    reason: str
    at: int
    bytes: int
    blocks: int

    def __str__(self) -> str:
        blocks, bytes_ = _counted(self.blocks, "block"), _counted(self.bytes, "byte")
        return f"{REASONS[self.reason]}: {blocks} from byte {self.at} on, {bytes_} unread"


@dataclass(frozen=True, slots=True)
class Form:
    """How the blocks of one file are laid out.

    Attributes:
        dtype: of the values.
        capacity: most values in a block.
        values_at: byte of the first value.
        sparse: each value has a time.
        exact: a block says how many values it has, and is no longer than they are (protocol 2).
        order: ``<`` or ``>``.
    """

    dtype: np.dtype[Any]
    capacity: int
    values_at: int
    sparse: bool
    exact: bool
    order: Literal["<", ">"]

    def relative_at(self, count: int) -> int:
        """Byte of the first relative time in a block of so many values."""
        if self.exact:
            return EXACT_HEAD + _up(count * self.dtype.itemsize, _RELATIVE_BYTES)
        return self.values_at + self.capacity * self.dtype.itemsize

    def bytes(self, count: int) -> int:
        """Of a whole block of so many values."""
        if not self.exact:
            return STREAM_BODY
        times = count * _RELATIVE_BYTES if self.sparse else 0
        return _up(self.relative_at(count) + times, 8)

    def block(self, count: int, relative_at: int, bytes_: int) -> np.dtype[Any]:
        """A block as numpy's record: ``frame``, ``values``, if there are ``relative``, ``count``, ``lost``.

        Args:
            count: values in it.
            relative_at: byte of the first relative time.
            bytes_: of the whole.
        """
        fields: dict[str, tuple[Any, int]] = {
            "frame": (f"{self.order}u8", 0),
            "values": ((self.dtype, (count,)), self.values_at),
        }
        if self.exact:
            fields |= {"count": (f"{self.order}u4", 8), "lost": (f"{self.order}u4", 12)}
        if self.sparse:
            fields["relative"] = ((f"{self.order}u4", (count,)), relative_at)
        formats, offsets = zip(*fields.values(), strict=True)
        return np.dtype(
            {"names": [*fields], "formats": [*formats], "offsets": [*offsets], "itemsize": bytes_}
        )

    def full(self) -> np.dtype[Any]:
        """A block that has as many values as it can."""
        return self.block(self.capacity, self.relative_at(self.capacity), self.bytes(self.capacity))


def form_of(header: LogHeader, mode: TimestampMode, *, char_signed: bool) -> Form:
    """The layout of a file's blocks; ``mode`` and ``char_signed`` are what its header may not say."""
    given = layout(header.type, mode, char_signed=char_signed)
    exact = header.protocol > 1
    return Form(
        dtype=given.dtype.newbyteorder(header.byte_order),
        capacity=given.count if header.capacity is None else header.capacity,
        values_at=EXACT_HEAD if exact else VALUES_AT,
        sparse=mode is TimestampMode.SPARSE,
        exact=exact,
        order=header.byte_order,
    )


@dataclass(slots=True)
class Found:
    """The blocks of a file, in its order.

    Attributes:
        at: byte of each, int64 (n,).
        bytes: of each, int64 (n,): what it has of them, when the file ends within it.
        relative_at: byte in the block where its times begin, int64 (n,).
        counts: values in each, int64 (n,).
        frames: of the first value of each, uint64 (n,).
        lost: values lost before each, as a file of protocol 2 says, int64 (n,).
    """

    at: NDArray[np.int64]
    bytes: NDArray[np.int64]
    relative_at: NDArray[np.int64]
    counts: NDArray[np.int64]
    frames: NDArray[np.uint64]
    lost: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.at)

    def only(self, which: NDArray[np.bool_]) -> Found:
        """Some of them."""
        return Found(
            self.at[which],
            self.bytes[which],
            self.relative_at[which],
            self.counts[which],
            self.frames[which],
            self.lost[which],
        )


@dataclass(slots=True)
class Losses:
    """Damage, gathered by its reason."""

    by_reason: dict[str, Damage] = field(default_factory=dict)

    def add(self, reason: str, at: int, bytes_: int, blocks: int = 1) -> None:
        """Something could not be read."""
        before = self.by_reason.get(reason, Damage(reason, at, 0, 0))
        first = min(before.at, at)
        self.by_reason[reason] = Damage(reason, first, before.bytes + bytes_, before.blocks + blocks)

    def all(self) -> tuple[Damage, ...]:
        """By their place."""
        return tuple(sorted(self.by_reason.values(), key=lambda damage: damage.at))


def find_blocks(
    data: NDArray[np.uint8],
    begin: int,
    form: Form,
    losses: Losses,
    progress: Callable[[int], None] = lambda _done: None,
) -> Found:
    """Walk through all blocks of a file.

    Args:
        data: the whole file.
        begin: byte of the first block.
        form: how the blocks are laid out.
        losses: takes what cannot be read.
        progress: is told now and then how many bytes are done.
    """
    walk = _Walk(data, form, losses, progress)
    end = walk.exact(begin) if form.exact else walk.original(begin)
    if end < len(data):
        walk.torn(end)
    return walk.found()


class _Walk:
    def __init__(
        self, data: NDArray[np.uint8], form: Form, losses: Losses, progress: Callable[[int], None]
    ) -> None:
        self._data, self._form, self._losses, self._progress = data, form, losses, progress
        self._full = form.full()
        self._parts: list[Found] = []

    def original(self, at: int) -> int:
        """All whole blocks of an original file; the byte behind the last."""
        blocks = (len(self._data) - at) // STREAM_BODY
        for first in range(0, blocks, _CHUNK_BLOCKS):
            count = min(_CHUNK_BLOCKS, blocks - first)
            self._take(at + first * STREAM_BODY, count)
            self._progress(at + (first + count) * STREAM_BODY)
        return at + blocks * STREAM_BODY

    def exact(self, at: int) -> int:
        """All whole blocks of a file of protocol 2; the byte behind the last."""
        stride, odd_blocks = self._full.itemsize, 0
        while at + EXACT_HEAD <= len(self._data):
            blocks = min(_CHUNK_BLOCKS, (len(self._data) - at) // stride)
            counts = self._view(at, blocks, self._full)["count"]
            odd = np.flatnonzero(counts != self._form.capacity)
            whole = int(odd[0]) if len(odd) else blocks
            if whole:
                self._take(at, whole)
                at += whole * stride
                self._progress(at)
                continue
            count = self._claimed(at)
            bytes_ = self._form.bytes(count) if count else min(stride, len(self._data) - at)
            if at + bytes_ > len(self._data):
                break
            odd_blocks += 1
            if odd_blocks > _MOST_ODD:
                self._losses.add("odd", at, len(self._data) - at)
                return len(self._data)
            if count:
                self._take(at, 1, count)
            else:  # taken for a full one: what follows may be one again
                self._losses.add("count", at, bytes_)
            at += bytes_
        return at

    def _claimed(self, at: int) -> int:
        """The count that a block of protocol 2 claims; 0 when it is an impossible one."""
        order: Literal["little", "big"] = "little" if self._form.order == "<" else "big"
        count = int.from_bytes(self._data[at + 8 : at + 12].tobytes(), order)
        return count if count <= self._form.capacity else 0

    def torn(self, at: int) -> None:
        """The block that the file ends in: the values that are there, with their times."""
        form, left = self._form, len(self._data) - at
        claimed = self._claimed(at) if form.exact and left >= EXACT_HEAD else form.capacity
        relative_at = form.relative_at(claimed)
        there = (
            (left - relative_at) // _RELATIVE_BYTES
            if form.sparse
            else ((left - form.values_at) // form.dtype.itemsize)
        )
        count = max(0, min(there, claimed))
        used = (
            (relative_at + count * _RELATIVE_BYTES)
            if form.sparse
            else (form.values_at + count * form.dtype.itemsize)
        )
        if count:
            self._take(at, 1, count, relative_at, used)
        self._losses.add("torn", at, left - used if count else left)

    def found(self) -> Found:
        """All blocks."""
        if not self._parts:
            none = np.empty(0, np.int64)
            return Found(none, none, none, none, np.empty(0, np.uint64), none)
        columns = (np.concatenate([getattr(part, name) for part in self._parts]) for name in Found.__slots__)
        return Found(*columns)

    def _view(self, at: int, blocks: int, dtype: np.dtype[Any]) -> NDArray[np.void]:
        return self._data[at : at + blocks * dtype.itemsize].view(dtype)

    def _take(self, at: int, blocks: int, count: int = 0, relative_at: int = 0, bytes_: int = 0) -> None:
        """Take blocks that stand behind each other, of ``count`` values each; 0 = as many as fit."""
        form = self._form
        dtype = self._full
        if count:
            relative_at = relative_at or form.relative_at(count)
            bytes_ = bytes_ or form.bytes(count)
            dtype = form.block(count, relative_at, bytes_)
        count = count or form.capacity
        relative_at = relative_at or form.relative_at(count)
        view = self._view(at, blocks, dtype)
        places = at + np.arange(blocks, dtype=np.int64) * dtype.itemsize
        part = Found(
            at=places,
            bytes=np.full(blocks, dtype.itemsize, np.int64),
            relative_at=np.full(blocks, relative_at, np.int64),
            counts=np.full(blocks, count, np.int64),
            frames=view["frame"].astype(np.uint64),
            lost=view["lost"].astype(np.int64) if form.exact else np.zeros(blocks, np.int64),
        )
        good = part.frames <= LATEST_FRAME
        self._refuse("time", part, ~good)
        if form.sparse:
            backwards = self._count_sparse(view["relative"], part.counts) & good
            self._refuse("times", part, backwards)
            good &= ~backwards
        self._parts.append(part if good.all() else part.only(good))

    def _count_sparse(self, relative: NDArray[np.uint32], counts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Set the counts of sparse blocks; which blocks have impossible times."""
        bad: NDArray[np.bool_] = np.any(relative[:, 1:] < relative[:, :-1], axis=1)
        bad |= relative[:, 0] != 0
        if not self._form.exact:
            padded = np.flatnonzero(bad | (relative[:, -1] == 0))
            for place in padded:
                count = sparse_count(relative[place])
                bad[place] = count is None
                counts[place] = count or 0
        return bad

    def _refuse(self, reason: str, part: Found, which: NDArray[np.bool_]) -> None:
        places = np.flatnonzero(which)
        if len(places):
            bytes_ = int(part.bytes[places].sum())
            self._losses.add(reason, int(part.at[places[0]]), bytes_, len(places))


def _up(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
