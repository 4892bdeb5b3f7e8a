"""Tells from an original log's blocks whether they are dense or sparse, which its header does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.values import TimestampMode, VarType
from belabridge.wire.formats import STREAM_BODY, VALUES_AT, layout
from belabridge.wire.tail import sparse_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOKED_AT: Final = 64
"""Blocks that are looked at. One dense block that is no sparse one settles it, and nearly every one does."""

_WILD: Final = 4  # times the longest step inside of blocks: what a step between two blocks does not exceed


def mode_of(data: NDArray[np.uint8], begin: int, type_: VarType) -> tuple[TimestampMode, bool]:
    """Dense or sparse, and whether the blocks show it (else it is a guess).

    A sparse block has its times in its second half: they begin with 0, never go back, and are over before the
    next block begins; where they are padding, so are the values. Only few dense values look like that: those
    that stand at 0, or whole numbers that rise from 0 in the very half of a block.

    Args:
        data: the file.
        begin: byte of the first block.
        type_: of the variable.
    """
    blocks = (len(data) - begin) // STREAM_BODY
    if not blocks:
        return TimestampMode.DENSE, False
    places = np.unique(np.linspace(0, blocks - 1, min(blocks, LOOKED_AT)).astype(np.int64))
    sparse = layout(type_, TimestampMode.SPARSE)
    rises = jumps = nonzero = 0
    for place in places.tolist():
        block = _block(data, begin, place)
        times = block[sparse.relative_at :][: sparse.count * 4].view("<u4")
        count = sparse_count(times)
        values = block[VALUES_AT : sparse.relative_at].view(sparse.dtype)
        if count is None or block[sparse.relative_at + sparse.count * 4 :].any() or values[count:].any():
            return TimestampMode.DENSE, True
        nonzero += bool(values.any())
        held = np.diff(times[:count])
        rises += int(np.count_nonzero(held))
        if place + 1 < blocks:
            to_next = _frame(_block(data, begin, place + 1)) - _frame(block) - int(times[count - 1])
            if to_next < 0:
                return TimestampMode.DENSE, True
            jumps += to_next > _WILD * max(1, int(held.max(initial=0)))
    if not rises:  # one value and then nothing: an event, or a variable that stands at 0
        return TimestampMode.SPARSE if nonzero else TimestampMode.DENSE, False
    if jumps * 2 > len(places):
        return TimestampMode.DENSE, False
    return TimestampMode.SPARSE, True


def _block(data: NDArray[np.uint8], begin: int, place: int) -> NDArray[np.uint8]:
    return data[begin + place * STREAM_BODY :][:STREAM_BODY]


def _frame(block: NDArray[Any]) -> int:
    return int.from_bytes(block[:VALUES_AT].tobytes(), "little")
