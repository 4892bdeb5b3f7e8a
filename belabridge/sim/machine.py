"""The machine under a program: its pointer, its char, and what it makes of a number that does not fit."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from belabridge.values import VarType


@dataclass(frozen=True, slots=True)
class Machine:
    """What differs between the boards.

    Attributes:
        pointer_bytes: 8 on 64-bit machines, 4 on 32-bit ones; it shows in log files.
        char_signed: a ``char`` of 200 is -56.
        saturates: a number too large for an integer becomes the nearest one (ARM), else its bits wrap (x86).
    """

    pointer_bytes: int = 8
    char_signed: bool = True
    saturates: bool = False

    def to_c(self, value: float, type_: VarType) -> float:
        """What is left of a double that a program keeps in a variable of this type.

        Integers lose the fraction; a float is rounded to 24 bits, and too large becomes infinite.
        """
        if type_ is VarType.DOUBLE:
            return value
        if type_ is VarType.FLOAT:
            try:
                rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
            except OverflowError:
                return math.copysign(math.inf, value)
            return rounded
        if type_ is VarType.UINT:
            return self.to_unsigned(value, 32)
        whole = self._to_signed(value, 32)
        if type_ is VarType.INT:
            return whole
        return self.char(int(self.to_unsigned(value, 32) if not self.char_signed else whole))

    def char(self, byte: int) -> int:
        """The number that eight bits mean here."""
        byte &= 0xFF
        return byte - 0x100 if self.char_signed and byte >= 0x80 else byte

    def to_unsigned(self, value: float, bits: int) -> int:
        """A double as unsigned integer."""
        limit = 1 << bits
        if self.saturates:
            return _nearest(value, 0, limit - 1)
        if 2.0**63 <= value < limit:  # only 64 bits are wide enough
            return math.trunc(value)
        return self._to_signed(value, 64) % limit

    def _to_signed(self, value: float, bits: int) -> int:
        low, high = -(1 << bits - 1), (1 << bits - 1) - 1
        if self.saturates:
            return _nearest(value, low, high)
        fits = math.isfinite(value) and low <= math.trunc(value) <= high
        return math.trunc(value) if fits else low  # the processor's word for what does not fit


def _nearest(value: float, low: int, high: int) -> int:
    if math.isnan(value):
        return 0
    if value <= low:
        return low
    return high if value >= high else math.trunc(value)


X86_64 = Machine()
ARM32 = Machine(pointer_bytes=4, char_signed=False, saturates=True)
