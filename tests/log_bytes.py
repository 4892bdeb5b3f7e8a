"""Log files made byte by byte, as the protocol's document has them: what the readers are held to."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np

LETTERS = {"c": "u1", "i": "i4", "j": "u4", "f": "f4", "d": "f8"}
SPARSE = {"c": (816, 824), "i": (512, 2056), "j": (512, 2056), "f": (512, 2056), "d": (341, 2736)}


@dataclass
class Written:
    """A log file and what was put into it.

    Attributes:
        data: the file.
        head: bytes of its header.
        begins: byte of each block.
        values: (n,).
        frames: (n,).
    """

    data: bytes
    head: int
    begins: list[int] = field(default_factory=list)
    values: np.ndarray = field(default_factory=lambda: np.empty(0))
    frames: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64))


def original_head(name, letter, pointer_bytes, pointer=0x55B8_0B8C_C960, pid=23102):
    raw = b"watcher\0" + name.encode() + b"\0" + letter.encode() + b"\0" + struct.pack("<I", pid)
    raw += pointer.to_bytes(8, "little")[:pointer_bytes]
    return raw + bytes(-len(raw) % 4)


def original(name, letter, values, frames, *, sparse=False, pointer_bytes=8, head=None, cuts=()):
    """A file of the original.

    ``cuts`` are places of values before which a block goes out half full.
    """
    dtype = np.dtype("<" + LETTERS[letter])
    values = np.asarray(values, dtype)
    frames = np.asarray(frames, np.uint64)
    count, times_at = SPARSE[letter] if sparse else (4096 // dtype.itemsize, 4104)
    head = original_head(name, letter, pointer_bytes) if head is None else head
    data, begins = head, []
    start = 0
    while start < len(values):
        stop = min([start + count, len(values), *(cut for cut in cuts if cut > start)])
        body = struct.pack("<Q", int(frames[start])) + values[start:stop].tobytes()
        if sparse:
            body = body.ljust(times_at, b"\0")
            body += (frames[start:stop] - frames[start]).astype("<u4").tobytes()
        begins.append(len(data))
        data += body.ljust(4104, b"\0")
        start = stop
    return Written(data, len(head), begins, values, frames)


def exact_head(name, letter, *, sparse=False, order="<", rate=44100.0, begin=0, signed=False, capacity=None):
    size = np.dtype(LETTERS[letter]).itemsize
    full = SPARSE[letter][0] if sparse else 4096 // size
    fields = struct.pack(
        f"{order}dQcBBBI", rate, begin, letter.encode(), sparse, signed, size, capacity or full
    )
    raw = name.encode() + b"\0"
    bytes_ = 40 + len(raw) + -len(raw) % 8
    return (b"WATCHER2" + struct.pack(f"{order}II", 0x01020304, bytes_) + fields + raw).ljust(bytes_, b"\0")


def exact(name, letter, values, frames, *, sparse=False, order="<", capacity=None, lost=None, **head):
    """A file of protocol 2; ``lost`` are values that are missing, by the place before which."""
    dtype = np.dtype(order + LETTERS[letter])
    if head.get("signed") and letter == "c":
        dtype = np.dtype("i1")
    values = np.asarray(values, dtype)
    frames = np.asarray(frames, np.uint64)
    lost = lost or {}
    most = capacity or (SPARSE[letter][0] if sparse else 4096 // dtype.itemsize)
    data = exact_head(name, letter, sparse=sparse, order=order, capacity=capacity, **head)
    size, begins, start = len(data), [], 0
    while start < len(values):
        stop = min(start + most, len(values))
        body = struct.pack(f"{order}QII", int(frames[start]), stop - start, lost.get(start, 0))
        body += values[start:stop].tobytes()
        if sparse:
            body += bytes(-len(body) % 4)
            body += (frames[start:stop] - frames[start]).astype(order + "u4").tobytes()
        begins.append(len(data))
        data += body + bytes(-len(body) % 8)
        start = stop
    return Written(data, size, begins, values, frames)


def as_bytes(written):
    """What a reader takes: the file as numpy's bytes, which nobody may write to."""
    return np.frombuffer(written.data if isinstance(written, Written) else written, np.uint8)


def counting(letter, count):
    """Values of a type that are never 0."""
    return (np.arange(count) % 100 + 1).astype(LETTERS[letter])


def everything(log):
    """Values and frames of a log or its like, read whole."""
    return log.values(0, len(log)), log.frames(0, len(log))


def check(log, written, count=None):
    """A reader has what was written, or the first so many values of it."""
    values, frames = everything(log)
    assert len(log) == (len(written.values) if count is None else count)
    assert values.dtype == log.dtype
    assert np.array_equal(values, written.values[:count])
    assert np.array_equal(frames, written.frames[:count])


def check_bela_types(log, protocol, *, char_signed):
    """A log of frames 1000 to 10 000 of the program ``bela-types`` has what it assigned, and nothing else."""
    name = log.header.name
    values, frames = everything(log)
    step = 3 if name.endswith("_s") else 1
    assert (log.mode, log.mode_is_sure) == (step == 3, True), name
    # the original's last value is the first at the end of the log or behind it
    last = {1: 10_000, 3: 10_002 if protocol == 1 else 9_999}[step]
    assert np.array_equal(frames, np.arange(1002 if step == 3 else 1000, last + 1, step)), name
    number = frames.astype(np.int64)
    expected = {
        "c": number.astype(np.int8 if char_signed else np.uint8),
        "i": -number,
        "j": number | 0x8000_0000,
    }.get(name[0], number)
    assert np.array_equal(values, expected), name
    assert (log.index.jumps, log.index.damages, log.index.padding) == ((), (), 0), name
