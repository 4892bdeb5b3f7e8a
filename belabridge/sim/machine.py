"""The machine under a program: its pointer, its char, and what it makes of a number that does not fit."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from belabridge.values import VarType

_U8, _U32, _U64 = 1 << 8, 1 << 32, 1 << 64
_INT_BITS = {VarType.CHAR: 8, VarType.INT: 32, VarType.UINT: 32}


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
        byte %= _U8
        return byte - _U8 if self.char_signed and byte >= _U8 // 2 else byte

    def to_unsigned(self, value: float, bits: int) -> int:
        """A double as unsigned integer."""
        limit = 1 << bits
        if self.saturates:
            if math.isnan(value):
                return 0
            return max(
                0, min(limit - 1, math.trunc(value) if math.isfinite(value) else int(value > 0) * limit)
            )
        if bits == 64 and 2.0**63 <= value < 2.0**64:
            return math.trunc(value)
        return self._to_signed(value, 64) % limit

    def _to_signed(self, value: float, bits: int) -> int:
        low, high = -(1 << bits - 1), (1 << bits - 1) - 1
        if self.saturates:
            if math.isnan(value):
                return 0
            return max(
                low, min(high, math.trunc(value) if math.isfinite(value) else int(math.copysign(high, value)))
            )
        if not math.isfinite(value) or not low <= math.trunc(value) <= high:
            return low  # the processor's "does not fit"
        return math.trunc(value)


X86_64 = Machine()
ARM32 = Machine(pointer_bytes=4, char_signed=False, saturates=True)
