"""What stands at the beginning of a board's log file: the header of the original, or that of protocol 2."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from belabridge.errors import LogFormatError
from belabridge.values import TimestampMode, VarType
from belabridge.wire.formats import LATEST_FRAME, STREAM_BODY

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORIGINAL: Final = b"watcher\0"
EXACT: Final = b"WATCHER2"
LONGEST_START: Final = 1 << 16
"""Bytes from the beginning with which `read_header` knows all that it can: the longest name and 14 blocks."""

_LONGEST_NAME: Final = 4000  # bytes: what `formats.LONGEST_NAME` characters take at most
_PID_BYTES: Final = 4
_POINTERS: Final = (4, 8)  # bytes of a pointer: 32-bit boards, 64-bit ones
_LONGEST_STEP: Final = 1 << 32  # frames: no block takes 27 hours
_MARK: Final = b"\1\2\3\4"  # as a big-endian board writes it
_NAME_AT: Final = 40
_MOST_VALUES: Final = 1 << 24
"""A block of more values is no block: the library's have 4096 at most, and 16 million take minutes."""


@dataclass(frozen=True, slots=True)
class LogHeader:
    """What a log file says of itself.

    Attributes:
        protocol: 1, the original's format, or 2.
        name: of the variable.
        type: its C type.
        bytes: of the header: the first block begins there.
        byte_order: ``<`` or ``>``, as numpy has it.
        pointer_bytes: 4 or 8, of the board that wrote it; None in protocol 2, where nothing depends on it.
        mode: dense or sparse; None in protocol 1, which does not say it.
        char_signed: a char is -128…127; None in protocol 1.
        sample_rate_hz: of the board's audio; None in protocol 1.
        begin_frame: at which the log was to begin; None in protocol 1.
        capacity: most values in a block; None in protocol 1, where type and mode tell it.
    """

    protocol: int
    name: str
    type: VarType
    bytes: int
    byte_order: Literal["<", ">"] = "<"
    pointer_bytes: int | None = None
    mode: TimestampMode | None = None
    char_signed: bool | None = None
    sample_rate_hz: float | None = None
    begin_frame: int | None = None
    capacity: int | None = None


def read_header(
    start: bytes | NDArray[np.uint8], size: int, *, pointer_bytes: int | None = None
) -> LogHeader:
    """Read the header of a log file.

    An original file does not say how large a pointer is. Its blocks do: read at the wrong place, their frames
    are no times. Where that says nothing, what is behind the header must be whole blocks.

    Args:
        start: the first bytes of the file: all of it, or at least ``LONGEST_START`` of them.
        size: of the whole file, in bytes.
        pointer_bytes: 4 or 8 when it is known; None = find out.

    Raises:
        LogFormatError: this is no log file, or not even its header is whole.
    """
    data = np.frombuffer(start, np.uint8)
    magic = data[:8].tobytes()
    if magic == ORIGINAL:
        return _original(data, size, pointer_bytes)
    if magic == EXACT:
        return _exact(data, size)
    if not size:
        raise LogFormatError("it is empty: the board has written nothing into it yet")
    if ORIGINAL.startswith(magic) or EXACT.startswith(magic):
        raise _torn()
    raise LogFormatError("it begins neither with 'watcher' nor with 'WATCHER2'")


def _original(data: NDArray[np.uint8], size: int, pointer_bytes: int | None) -> LogHeader:
    name, end = _text(data, len(ORIGINAL), "name")
    letter, private = _text(data, end, "type")
    type_ = _type(letter.encode())
    given = _POINTERS if pointer_bytes is None else (pointer_bytes,)
    starts = {pointer: _fours(private + _PID_BYTES + pointer) for pointer in given}
    possible = [pointer for pointer in given if starts[pointer] <= size]
    if not possible:
        raise _torn()
    best = max(
        possible,
        key=lambda pointer: (
            *_evidence(data, size, private + _PID_BYTES + pointer, starts[pointer]),
            pointer,
        ),
    )
    return LogHeader(1, name, type_, starts[best], pointer_bytes=best)


def _evidence(data: NDArray[np.uint8], size: int, pad_at: int, at: int) -> tuple[bool, ...]:
    """What speaks for blocks that begin at a byte, the strongest first."""
    frames = [
        int.from_bytes(data[place : place + 8].tobytes(), "little")
        for place in range(at, min(len(data), LONGEST_START) - 7, STREAM_BODY)
    ]
    steps = [after - before for before, after in pairwise(frames)]
    return (
        not data[pad_at:at].any(),
        max(frames, default=0) <= LATEST_FRAME and all(0 <= step < _LONGEST_STEP for step in steps),
        any(steps),
        (size - at) % STREAM_BODY == 0,
        bool(frames) and frames[0] < _LONGEST_STEP,
    )


def _exact(data: NDArray[np.uint8], size: int) -> LogHeader:
    if len(data) < _NAME_AT:
        raise _torn()
    mark = data[8:12].tobytes()
    if mark not in {_MARK, _MARK[::-1]}:
        raise LogFormatError("its byte order mark is damaged")
    order: Literal["<", ">"] = ">" if mark == _MARK else "<"
    bytes_, rate, begin, letter, mode, signed, value_bytes, capacity = struct.unpack_from(
        f"{order}IdQcBBBI", data[:_NAME_AT].tobytes(), 12
    )
    type_ = _type(letter)
    name, end = _text(data, _NAME_AT, "name")
    if bytes_ % 8 or bytes_ < end:
        raise LogFormatError(f"its header claims to have {bytes_} bytes")
    if bytes_ > size:
        raise _torn()
    if mode > 1 or value_bytes != _BYTES[type_] or not 0 < capacity <= _MOST_VALUES:
        raise LogFormatError(
            f"its header claims values of {value_bytes} bytes, {capacity} a block, and mode {mode}"
        )
    return LogHeader(
        protocol=2,
        name=name,
        type=type_,
        bytes=bytes_,
        byte_order=order,
        mode=TimestampMode(mode),
        char_signed=bool(signed),
        sample_rate_hz=rate if math.isfinite(rate) and rate > 0 else None,
        begin_frame=begin if begin <= LATEST_FRAME else None,
        capacity=capacity,
    )


_BYTES: Final = {VarType.CHAR: 1, VarType.INT: 4, VarType.UINT: 4, VarType.FLOAT: 4, VarType.DOUBLE: 8}


def _text(data: NDArray[np.uint8], at: int, what: str) -> tuple[str, int]:
    """The text up to the next NUL, and the place behind that."""
    raw = data[at : at + _LONGEST_NAME + 1].tobytes()
    text, nul, _ = raw.partition(b"\0")
    if not nul and len(raw) <= _LONGEST_NAME:
        raise _torn()
    if not nul:
        raise LogFormatError(f"its {what} has no end")
    return text.decode("utf-8", "replace"), at + len(text) + 1


def _type(letter: bytes) -> VarType:
    try:
        return VarType(letter.decode("ascii"))
    except ValueError:  # UnicodeDecodeError is one too
        raise LogFormatError("its type is none of c, i, j, f, d") from None


def _fours(count: int) -> int:
    return -(-count // 4) * 4


def _torn() -> LogFormatError:
    return LogFormatError("it ends within its header: fetch it again, or the board wrote no more of it")
