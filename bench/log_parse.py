"""Reading log files: from a file to values in memory, every block looked at, against numpy's own reading."""

from __future__ import annotations

import struct
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from belabridge.recording.log_file import open_log
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
    """Median over rounds, the first one aside: that one finds the file in no cache."""
    times = []
    work()
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return size / median(times) / 1e9


def looked_through(path: Path):
    def work():
        log = open_log(path)
        index = log.file.scan()
        if index.damages or not len(log.track):
            raise SystemExit("the log is damaged: the bench measures nothing")

    return work


def in_memory(path: Path):
    def work():
        log = open_log(path)
        log.file.scan()
        return log.track.values

    return work


def with_frames(path: Path):
    def work():
        log = open_log(path)
        log.file.scan()
        total = 0
        for piece in log.track.pieces():
            total += len(piece.values) + len(piece.frames)
        return total

    return work


def measure(*, quick=False):
    blocks = (QUICK_MEGABYTES if quick else MEGABYTES) * 1_000_000 // BODY
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("dense", dense), ("sparse", sparse), ("of protocol 2", exact)):
            path = Path(folder) / "mic.bin"
            path.write_bytes(make(blocks))
            size = path.stat().st_size
            floor = gb_per_s(lambda path=path: np.fromfile(path, np.uint8), size)
            for what, work in (
                (f"a {name} log looked through", looked_through(path)),
                ("  and its values in memory", in_memory(path)),
                ("  and each value with its frame", with_frames(path)),
            ):
                ours = gb_per_s(work, size)
                is_promised = what.startswith("  and its values")
                figures.append(
                    Figure(
                        what,
                        f"{ours:.2f} GB/s",
                        f"{floor:.2f} GB/s",
                        f"{ours / floor:.2f}",
                        f">= {TARGET_GB_S:g} GB/s" if is_promised else "",
                        ours >= TARGET_GB_S if is_promised else None,
                    )
                )
    return figures
