"""Decoding: microseconds per header-body pair, against the parts that no decoder can do without."""

from __future__ import annotations

import struct
import time
from statistics import median

import numpy as np

from belabridge.values import Block, Exact, TimestampMode, Variable, VarType
from belabridge.wire.session import Session
from bench.figure import Figure

PAIRS = 20_000
ROUNDS = 9
FRAMES = [struct.pack("<Q", n * 1024) for n in range(PAIRS)]


def per_pair(work) -> float:
    """Median over rounds, in µs."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) / PAIRS * 1e6)
    return median(times)


def bodies(rest: bytes) -> list[bytes]:
    return [frame + rest for frame in FRAMES]


def through_session(mode: TimestampMode, messages: list[bytes], exact: Exact | None = None):
    """A fresh session, fed with fresh header objects as a socket gives them."""
    variable = Variable("v", 0, VarType.FLOAT, mode, 0.0, 0.0, exact=exact)

    def work():
        session = Session()
        session.reader.know([variable])
        receive = session.data_received
        for body in messages:
            receive(bytes((48, 47, 102)))
            if receive(body) is None:
                raise SystemExit("a block was lost: the bench measures nothing")

    return work


def parts(messages: list[bytes]):
    """Frame, view and block for each body: what is left when all bookkeeping is taken away."""
    frame_of, view, dtype, type_ = (
        struct.Struct("<Q").unpack_from,
        np.frombuffer,
        np.dtype("<f4"),
        VarType.FLOAT,
    )
    streamed = False

    def work():
        for body in messages:
            bytes((48, 47, 102))
            Block(0, type_, frame_of(body)[0], view(body, dtype, 1024, 8), None, streamed)

    return work


def to_lists(messages: list[bytes]):
    """The way of a plain client: every value becomes a Python object."""

    def work():
        for body in messages:
            bytes((48, 47, 102)).decode().split("/")
            struct.unpack("<Q1024f", body)

    return work


def measure(*, quick=False):
    del quick  # it takes a few seconds
    dense = bodies(np.arange(1024, dtype="<f4").tobytes())
    sparse = bodies(bytes(2048) + (np.arange(512, dtype="<u4") * 12).tobytes())
    monitor = bodies(bytes(4))
    short = bodies(np.array([*range(512), 511], "<f4").tobytes())
    floor = per_pair(parts(dense))
    rows = [
        ("decoding a buffer and its header", through_session(TimestampMode.DENSE, dense)),
        ("  of protocol 2, 512 values", through_session(TimestampMode.DENSE, short, Exact())),
        ("  sparse", through_session(TimestampMode.SPARSE, sparse)),
        ("  monitored value", through_session(TimestampMode.DENSE, monitor)),
        ("  struct to a list", to_lists(dense)),
    ]
    costs = [(name, per_pair(way)) for name, way in rows]
    return [Figure(name, f"{us:.2f} µs", f"{floor:.2f} µs", f"{us / floor:.2f}") for name, us in costs]
