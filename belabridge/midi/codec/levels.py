"""Raw MIDI numbers and positions from 0 to 1, exact at both ends and in the middle.

An even number of steps has no middle: 64 of 0 to 127 is one nearer to the upper end than to the lower. So a
position is two linear pieces that meet at the centre, and a knob at its detent says exactly 0.5.

=====  ====  =======  =====
bits   0     0.5      1
=====  ====  =======  =====
7      0     64       127
14     0     8192     16383
=====  ====  =======  =====
"""

from __future__ import annotations

from belabridge.controls import raw7

__all__ = ["position", "position7", "position14", "raw", "raw7", "raw14"]

_POSITIONS_7 = tuple(raw / 128 if raw <= 64 else 0.5 + (raw - 64) / 126 for raw in range(128))


def position7(raw: int) -> float:
    """The position of a raw number 0 to 127."""
    return _POSITIONS_7[raw]


def position14(raw: int) -> float:
    """The position of a raw number 0 to 16383."""
    return raw / 16384 if raw <= 8192 else 0.5 + (raw - 8192) / 16382


def raw14(position: float) -> int:
    """The nearest raw number 0 to 16383; beyond the ends it is the end, and what is no number is 0."""
    if not position > 0.0:  # NaN too
        return 0
    if position <= 0.5:
        return int(position * 16384 + 0.5)
    return 16383 if position >= 1.0 else 8192 + int((position - 0.5) * 16382 + 0.5)


def position(raw: int, bits: int) -> float:
    """The position of a raw number of 7 or 14 bits."""
    return position14(raw) if bits == 14 else _POSITIONS_7[raw]


def raw(position: float, bits: int) -> int:
    """The nearest raw number of 7 or 14 bits."""
    return raw14(position) if bits == 14 else raw7(position)
