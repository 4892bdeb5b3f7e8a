"""Tells from an original log's blocks whether they are dense or sparse, which its header does not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from belabridge.values import TimestampMode, VarType
from belabridge.wire.formats import STREAM_BODY, VALUES_AT, layout
from belabridge.wire.tail import sparse_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOOKED_AT: Final = 64
"""Blocks that are looked at. Nearly every dense block is no sparse one."""

_FEW_BLOCKS: Final = 2  # that may look like sparse ones by chance
_LONG_STEP: Final = 1 << 24
"""Frames, 6 minutes: rare between two values of a block. Four chars that are 1 look like a little more."""

_DAMAGED: Final = 4  # of so many blocks of a sparse log one may be damaged

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
    looked_at = np.unique(np.linspace(0, blocks - 1, min(blocks, LOOKED_AT)).astype(np.int64)).tolist()
    seen, misfits = _Seen(), 0
    for place in looked_at:
        after = _frame(_block(data, begin, place + 1)) if place + 1 < blocks else None
        misfits += not _fits(_block(data, begin, place), type_, after, seen)
    if misfits:
        is_damaged = misfits * _DAMAGED <= len(looked_at) and seen.rises * 2 >= seen.steps
        return (TimestampMode.SPARSE, False) if is_damaged else (TimestampMode.DENSE, True)
    if not seen.rises:  # one value and then nothing: an event, or a variable that stands at 0
        return TimestampMode.SPARSE if seen.nonzero else TimestampMode.DENSE, False
    if seen.leaps * 2 > len(looked_at):
        return TimestampMode.DENSE, False
    if seen.longest < _LONG_STEP and (len(looked_at) > _FEW_BLOCKS or seen.rises * 2 >= seen.steps):
        return TimestampMode.SPARSE, True
    is_likely = seen.nonzero and (type_ is not VarType.CHAR or seen.longest < _LONG_STEP)
    return TimestampMode.SPARSE if is_likely else TimestampMode.DENSE, False


@dataclass(slots=True)
class _Seen:
    """What the blocks have, taken for sparse ones.

    Attributes:
        steps: from a value to the next one in its block.
        rises: those of them at which time goes on.
        longest: of them, in frames.
        leaps: blocks that the next one follows much later than their values follow each other.
        nonzero: a value is not 0.
    """

    steps: int = 0
    rises: int = 0
    longest: int = 0
    leaps: int = 0
    nonzero: bool = False


def _fits(block: NDArray[np.uint8], type_: VarType, after: int | None, seen: _Seen) -> bool:
    """Whether a block can be a sparse one, which ``after`` is the frame of the next one."""
    form = layout(type_, TimestampMode.SPARSE)
    end = form.relative_at + form.count * 4
    times = block[form.relative_at : end].view("<u4")
    values = block[VALUES_AT : form.relative_at]  # as bytes: some of floats are no numbers
    count = sparse_count(times)
    if count is None or block[end:].any() or values[count * form.dtype.itemsize :].any():
        return False
    held = np.diff(times[:count])
    longest = int(held.max(initial=0))
    if after is not None:
        to_next = after - _frame(block) - int(times[count - 1])
        if to_next < 0:
            return False
        seen.leaps += to_next > _WILD * max(1, longest)
    seen.steps += len(held)
    seen.rises += int(np.count_nonzero(held))
    seen.longest = max(seen.longest, longest)
    seen.nonzero |= bool(values.any())
    return True


def _block(data: NDArray[np.uint8], begin: int, place: int) -> NDArray[np.uint8]:
    return data[begin + place * STREAM_BODY :][:STREAM_BODY]


def _frame(block: NDArray[Any]) -> int:
    return int.from_bytes(block[:VALUES_AT].tobytes(), "little")
