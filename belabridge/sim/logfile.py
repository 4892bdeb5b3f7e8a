"""Log files: what stands at their beginning, and how they are named."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from belabridge.sim.layout import Layout
    from belabridge.sim.machine import Machine
    from belabridge.values import VarType

PROCESS_ID = 1042  # any; a reader must not care
POINTER = 0x1234_5678  # where the board's manager object lies; any, and fits 32 bits


def header(name: str, type_: VarType, machine: Machine) -> bytes:
    """The bytes before the first buffer; their length is a multiple of 4."""
    words = b"\0".join([b"watcher", name.encode(), type_.encode(), b""])
    raw = words + PROCESS_ID.to_bytes(4, "little") + POINTER.to_bytes(machine.pointer_bytes, "little")
    return raw + bytes(-len(raw) % 4)


def exact_header(
    name: str, type_: VarType, layout: Layout, machine: Machine, *, sample_rate_hz: float, begin: int
) -> bytes:
    """The bytes before the first block of a file of protocol 2; their length is a multiple of 8."""
    raw_name = name.encode() + b"\0"
    size = 40 + -(-len(raw_name) // 8) * 8
    sparse = layout.relative_at is not None
    head = b"WATCHER2" + struct.pack("<IIdQ", 0x01020304, size, sample_rate_hz, begin)
    head += struct.pack(
        "<cBBBI", type_.encode(), sparse, machine.char_signed, layout.dtype.itemsize, layout.capacity
    )
    return (head + raw_name).ljust(size, b"\0")


def free_name(name: str, taken: Container[str]) -> str:
    """``name.bin``, or the first of ``name+0.bin``, ``name+1.bin``… that is not taken."""
    candidate, count = f"{name}.bin", 0
    while candidate in taken:
        candidate, count = f"{name}+{count}.bin", count + 1
    return candidate
