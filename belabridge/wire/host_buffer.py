"""Numbers made fit for a board's C types: one value that is set, or a buffer that is sent to the program."""

from __future__ import annotations

import math
import operator
import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from belabridge.errors import UsageError
from belabridge.stored import INTEGERS, LARGEST_FLOAT32, SIGNED_CHAR, UNSIGNED_CHAR, as_stored
from belabridge.values import TimestampMode, VarType
from belabridge.wire.formats import layout

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LONGEST_BUFFER: Final = 30_000  # bytes of the whole message: proven to pass; 32 768 close the connection
_HEAD: Final = struct.Struct("<I4sII")  # id, type padded with NUL, count, zero
_LARGEST_ID: Final = 0xFFFF_FFFF


def coerce(type_: VarType, value: float, *, char_signed: bool = False) -> float:
    """The value of C type ``type_`` that is nearest to ``value``, to be set on a board.

    Args:
        type_: of the variable.
        value: finite.
        char_signed: a char is -128..127 (x86 boards) instead of 0..255 (ARM boards).

    Returns:
        An int for integer types, rounded to nearest (a half to the even side) and saturated. For ``f`` what
        a float32 makes of the value, for ``d`` the value.

    Raises:
        UsageError: NaN, infinity, or beyond the range of a float32.
    """
    if not math.isfinite(value):
        raise UsageError(f"{value} is no finite number; a board cannot take it")
    if type_ is VarType.FLOAT and abs(value) > LARGEST_FLOAT32:
        raise UsageError(f"{value} is beyond a float32 (±{LARGEST_FLOAT32:.8g})")
    return as_stored(type_, value, char_signed=char_signed)


def encode_buffer(buffer_id: int, type_: VarType, values: ArrayLike) -> bytes:
    """The binary message that fills a buffer of the program.

    Args:
        buffer_id: the number that the program got when it registered the buffer, 0 to 2^32-1.
        type_: C type of the buffer.
        values: numbers of shape (n,), n > 0. For integer types they are rounded to nearest; a char may be
            -128 to 255, the two views of a byte.

    Raises:
        UsageError: no values, more than fit one message, more than one dimension, NaN, infinity, or a value
            that the type cannot hold. Nothing may be sent then: a wrong message makes a board read memory
            that is not its own.
    """
    try:
        id_ = operator.index(buffer_id)
        given = np.asarray(values)
    except (TypeError, ValueError):
        raise UsageError("a buffer takes a whole number as its id, and a list of numbers") from None
    if given.size and given.dtype.kind not in "biuf":  # what numpy calls bool, signed, unsigned and floating
        raise UsageError("a buffer takes nothing but numbers")
    array = given.astype(np.float64)
    if not 0 <= id_ <= _LARGEST_ID:
        raise UsageError(f"buffer {id_} is not within 0 to {_LARGEST_ID}")
    if array.ndim != 1:
        raise UsageError(f"a buffer takes one list of numbers, not {array.ndim} dimensions")
    dtype = layout(type_, TimestampMode.DENSE).dtype
    limit = (LONGEST_BUFFER - _HEAD.size) // dtype.itemsize
    if not 0 < len(array) <= limit:
        raise UsageError(f"{len(array)} values: a buffer of type {type_} takes 1 to {limit} in one message")
    if not np.isfinite(array).all():
        raise UsageError("a buffer cannot have NaN or infinity")
    head = _HEAD.pack(id_, type_.encode("ascii"), len(array), 0)
    return head + _fit(type_, array).astype(dtype).tobytes()


def _fit(
    type_: VarType, array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """Check the range and round; a char's negative values become their unsigned twins."""
    if type_ is VarType.DOUBLE:
        return array
    if type_ is VarType.FLOAT:
        low, high = -LARGEST_FLOAT32, LARGEST_FLOAT32
    elif type_ is VarType.CHAR:
        array, low, high = np.rint(array), SIGNED_CHAR[0], UNSIGNED_CHAR[1]
    else:
        array, (low, high) = np.rint(array), INTEGERS[type_]
    if array.min() < low or array.max() > high:
        raise UsageError(f"{type_} values must be within {low:.8g} to {high:.8g}")
    return array.astype(np.int64) & 0xFF if type_ is VarType.CHAR else array
