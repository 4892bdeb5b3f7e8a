"""How a variable's buffer lies in memory on the board, and so on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from belabridge.values import TimestampMode, VarType

HEADER_BYTES = 8  # the uint64 frame of the first value
BODY_BYTES = HEADER_BYTES + 4096  # a streamed body is always whole, however few values it carries
RELATIVE_BYTES = 4  # a sparse value's uint32 frame, counted from the first

DTYPES: dict[VarType, np.dtype[Any]] = {
    VarType.CHAR: np.dtype("u1"),  # the bytes are the same on both kinds of machine
    VarType.INT: np.dtype("<i4"),
    VarType.UINT: np.dtype("<u4"),
    VarType.FLOAT: np.dtype("<f4"),
    VarType.DOUBLE: np.dtype("<f8"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are in a buffer.

    Attributes:
        dtype: of a value, little endian.
        capacity: how many values fill it.
        relative_at: byte of the first relative time; None in a dense buffer.
    """

    dtype: np.dtype[Any]
    capacity: int
    relative_at: int | None


def layout(type_: VarType, mode: TimestampMode) -> Layout:
    """The layout of a C type in a mode.

    Sparse buffers halve the room between values and their times; the times start at a multiple of 4
    that may cut off a few values (``char``) and leave a few bytes unused at the end.
    """
    dtype = DTYPES[type_]
    size = dtype.itemsize
    if mode is TimestampMode.DENSE:
        return Layout(dtype, (BODY_BYTES - HEADER_BYTES) // size, None)
    share = (BODY_BYTES - HEADER_BYTES) // (size + RELATIVE_BYTES)
    relative_at = (HEADER_BYTES + share * size) // RELATIVE_BYTES * RELATIVE_BYTES
    return Layout(dtype, (relative_at - HEADER_BYTES) // size, relative_at)
