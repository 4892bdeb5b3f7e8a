"""How the board lays out its buffers: sizes and places by C type and timestamp mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from belabridge.values import TimestampMode, VarType

STREAM_BODY: Final = 4104  # bytes: a frame (uint64) and 4096 bytes of values, the same for every type
VALUES_AT: Final = 8  # bytes: where the values start, after the frame
LATEST_FRAME: Final = (1 << 53) - 1
"""A larger frame is damage: 2^53 frames are 6000 years, and JSON carries integers only up to there."""

LONGEST_NAME: Final = 1000
"""Characters of a variable's name. Twelve bytes of JSON each, at most, still fit into one message."""

LONGEST_HEADER: Final = 8
"""Bytes of ``<id>/<type>`` with six digits.

The shortest body has 9 bytes, so the length alone tells a header from a body, whatever their bytes are. A
board that had a seventh digit would need 4 GB for its buffers alone.
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of body.

    Attributes:
        dtype: of the values, little endian.
        count: values in a full stream buffer.
        relative_at: byte where the uint32 relative times start; 0 in dense buffers, which have none.
        monitor_body: bytes of a monitor's body: the frame and one value.
    """

    dtype: np.dtype[Any]
    count: int
    relative_at: int
    monitor_body: int


_RELATIVE_BYTES = 4
_BUFFER_BYTES = STREAM_BODY - VALUES_AT
_DTYPES: dict[VarType, str] = {
    VarType.CHAR: "<u1",
    VarType.INT: "<i4",
    VarType.UINT: "<u4",
    VarType.FLOAT: "<f4",
    VarType.DOUBLE: "<f8",
}


def _sparse_count(size: int) -> int:
    """Values that a sparse buffer holds.

    Values and times share the buffer, and the times stay aligned to 4 bytes: that leaves 816 chars, not 819.
    """
    count = _BUFFER_BYTES // (size + _RELATIVE_BYTES)
    return count - count * size % _RELATIVE_BYTES // size


def _layout(type_: VarType, mode: TimestampMode, *, char_signed: bool) -> Layout:
    signed_char = type_ is VarType.CHAR and char_signed
    dtype = np.dtype("<i1" if signed_char else _DTYPES[type_])
    size = dtype.itemsize
    if mode is TimestampMode.DENSE:
        return Layout(dtype, _BUFFER_BYTES // size, 0, VALUES_AT + size)
    count = _sparse_count(size)
    return Layout(dtype, count, VALUES_AT + count * size, VALUES_AT + size)


_LAYOUTS = {
    (type_, mode, char_signed): _layout(type_, mode, char_signed=char_signed)
    for type_ in VarType
    for mode in TimestampMode
    for char_signed in (False, True)
}


def layout(type_: VarType, mode: TimestampMode, *, char_signed: bool = False) -> Layout:
    """How bodies of this type and mode are laid out; ``char_signed`` as on x86 boards, not on ARM."""
    return _LAYOUTS[type_, mode, char_signed]


def can_be_said(name: str) -> bool:
    """Whether a variable of this name can be commanded: a board's reader chokes on some characters."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable()  # which lone surrogates are not either


def read_header(message: bytes) -> tuple[int, VarType] | None:
    """Parse ``<id>/<type>``; None when it is not exactly what a board writes (no sign, no leading zero)."""
    digits, slash, letter = message[:-2], message[-2:-1], message[-1:]
    if not 3 <= len(message) <= LONGEST_HEADER or slash != b"/":
        return None
    if not digits.isdigit() or (digits[0] == ord("0") and len(digits) > 1):
        return None
    try:
        return int(digits), VarType(letter.decode("ascii"))
    except ValueError:  # a letter that is no type, or no ASCII: UnicodeDecodeError is one too
        return None


def header(id_: int, type_: VarType) -> bytes:
    """The header that a board sends before the bodies of a variable."""
    return f"{id_}/{type_}".encode("ascii")
