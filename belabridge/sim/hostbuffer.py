"""Buffers from the host to a program, as the board takes them apart."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from belabridge.errors import RemoteFormatError
from belabridge.sim.layout import BODY_BYTES, DTYPES
from belabridge.values import VarType

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEAD = struct.Struct("<Ic3xI4x")
MAX_VALUES_BYTES = BODY_BYTES * 4  # the room of a variable's own buffer; the rest of a longer one is cut off


class HostBuffer(NamedTuple):
    """A buffer that arrived.

    Attributes:
        id: which of the program's buffers.
        type: its C type.
        values: (n,) of that type.
    """

    id: int
    type: VarType
    values: NDArray[Any]


def parse(message: bytes) -> HostBuffer:
    """Take a binary message apart.

    Raises:
        RemoteFormatError: the board would read beyond its end.
    """
    if len(message) < _HEAD.size:
        raise RemoteFormatError(f"a buffer of {len(message)} bytes: the board reads {_HEAD.size} at least")
    id_, letter, count = _HEAD.unpack_from(message)
    try:
        type_ = VarType(letter.decode("latin-1"))
    except ValueError:
        raise RemoteFormatError(f"a buffer of type {letter!r}: the board has none") from None
    dtype = DTYPES[type_]
    if count * dtype.itemsize > len(message) - _HEAD.size:
        raise RemoteFormatError(
            f"a buffer that counts {count} values and has fewer: the board reads beyond it"
        )
    count = min(count, MAX_VALUES_BYTES // dtype.itemsize)
    return HostBuffer(id_, type_, np.frombuffer(message, dtype, count, _HEAD.size))
