"""Reading log files: from a file to values in memory, against a plain copy of the same bytes.

Gigabytes of the file by a second of processor time; the file is in the system's cache.
"""

from __future__ import annotations

import struct
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from belabridge.recording.log_file import open_log
from belabridge.recording.track import PIECE_VALUES
from bench.figure import Figure

MEGABYTES, QUICK_MEGABYTES = 256, 16
ROUNDS = 5
TARGET_GB_S = 1.0
BODY = 4104
EXACT_BODY = 16 + 4096


def dense(blocks: int) -> bytes:
    """A log of the original, of floats at audio rate: nothing in it is constant."""
    body = np.zeros(blocks, [("frame", "<u8"), ("values", "<f4", 1024)])
    body["frame"] = np.arange(blocks) * 1024
    body["values"] = np.arange(1, 1025) + body["frame"][:, None] % 7919
    return b"watcher\0mic\0f\0" + bytes(14) + body.tobytes()  # pid, pointer and padding


def sparse(blocks: int) -> bytes:
    body = np.zeros(blocks, [("frame", "<u8"), ("values", "<f4", 512), ("times", "<u4", 512)])
    body["frame"] = np.arange(blocks) * 512 * 12
    body["values"] = np.arange(1, 513)
    body["times"] = np.arange(512) * 12
    return b"watcher\0mic\0f\0" + bytes(14) + body.tobytes()


def exact(blocks: int) -> bytes:
    head = struct.pack("<IIdQcBBBI", 0x01020304, 48, 44100.0, 0, b"f", 0, 0, 4, 1024)
    body = np.zeros(blocks, [("frame", "<u8"), ("count", "<u4"), ("lost", "<u4"), ("values", "<f4", 1024)])
    body["frame"] = np.arange(blocks) * 1024
    body["count"] = 1024
    body["values"] = np.arange(1, 1025)
    return b"WATCHER2" + head + b"mic".ljust(8, b"\0") + body.tobytes()


def gb_per_s(work, size: int) -> float:
    """Median over rounds, in processor time; the first one aside, which finds the file in no cache."""
    times = []
    work()
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return size / median(times) / 1e9


def looked_through(path: Path):
    log = open_log(path)
    index = log.file.scan()
    if index.damages or not len(log.track):
        raise SystemExit("the log is damaged: the bench measures nothing")
    return log


def every_value(path: Path):
    log = looked_through(path)
    values, count = log.track.samples.values, len(log.track)
    for start in range(0, count, PIECE_VALUES):
        values(start, min(count, start + PIECE_VALUES))


def with_frames(path: Path):
    for piece in looked_through(path).track.pieces():
        if len(piece.values) != len(piece.frames):
            raise SystemExit("values without frames: the bench measures nothing")


def in_one_array(path: Path):
    looked_through(path).track.values  # noqa: B018 - reading it is the work


def copied(path: Path):
    """What nobody can do without: each byte from the system's cache into a small buffer of ours."""
    buffer = bytearray(PIECE_VALUES * 4)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def from_file(path: Path):
    np.fromfile(path, np.uint8)


WAYS = (
    ("a {} log, every block looked at", looked_through, copied, False),
    ("  and every value, in pieces", every_value, copied, True),
    ("  and its frame", with_frames, copied, False),
    ("  all values in one array", in_one_array, from_file, False),
)


def measure(*, quick=False):
    blocks = (QUICK_MEGABYTES if quick else MEGABYTES) * 1_000_000 // BODY
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mic.bin"
        for name, make in (("dense", dense), ("sparse", sparse), ("protocol 2", exact)):
            path.write_bytes(make(blocks))
            size = path.stat().st_size
            floors = {floor: gb_per_s(lambda floor=floor: floor(path), size) for floor in (copied, from_file)}
            for what, way, floor, is_promised in WAYS:
                ours = gb_per_s(lambda way=way: way(path), size)
                figures.append(
                    Figure(
                        what.format(name),
                        f"{ours:.2f} GB/s",
                        f"{floors[floor]:.2f} GB/s",
                        f"{ours / floors[floor]:.2f}",
                        f"at least {TARGET_GB_S:g} GB/s" if is_promised else "",
                        ours >= TARGET_GB_S if is_promised else None,
                    )
                )
    return figures
