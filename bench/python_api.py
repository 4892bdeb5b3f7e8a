"""The Python API: processor time of 12 dense floats at 44.1 kHz, keeping up at 16 x real time, and memory.

Each round runs, one after the other at the same board: a bare ``websockets`` loop that throws everything
away, and a program for each way of the API that looks at every block. Medians of the rounds' ratios.
"""

from __future__ import annotations

import json
import sys
import time
from statistics import median

from bench.figure import Figure
from bench.processes import BareLoop, Board, Program

VARIABLES = 12
SPEED = 16
RATE_HZ = 44_100
SETTLE_S = 1.0
MOST_RATIO = 1.25
MOST_MIB = 90e6 / 2**20
IMPORT_S = 0.25
WAYS = {
    "async": "12 floats, async",
    "frames": "  the same with the frames of each block",
    "aligned": "  the same as rows of all",
    "blocking": "  the same without async",
}


class Stream(Program):
    """A program of the API in a process of its own."""

    def __init__(self, board: Board, way: str) -> None:
        super().__init__(sys.executable, "-m", "bench.programs.python_stream", board.port, board.count, way)
        self.line()

    def told(self) -> dict:
        """End it; what it has to say."""
        self.process.terminate()
        return json.loads(self.line())


def load_of(program, for_s):
    with program as running:
        time.sleep(SETTLE_S)
        return running.load(for_s)


def loads(*, quick):
    for_s, rounds = (1.0, 1) if quick else (10.0, 3)
    with Board(VARIABLES) as board, Board(VARIABLES, original=False) as second:
        found = []
        for _ in range(rounds):
            row = [load_of(BareLoop(board), for_s)]
            row += [load_of(Stream(board, way), for_s) for way in WAYS]
            found.append([*row, load_of(Stream(second, "async"), for_s)])
    return found


def keeping_up(*, quick):
    """The part of all values that came at speed, what was missing, and the sizes early and late."""
    for_s = 2.0 if quick else 15.0
    with Board(VARIABLES, SPEED) as board, Stream(board, "async") as stream:
        start = time.monotonic()
        time.sleep(for_s / 4)
        early = stream.rss_mib()
        time.sleep(for_s * 3 / 4)
        late, took_s = stream.rss_mib(), time.monotonic() - start
        told = stream.told()
    return told["values"] / (took_s * RATE_HZ * SPEED * VARIABLES), told["missing"], early, late


def import_s(what, rounds):
    """Processor time of an import."""
    code = f"import time; a = time.process_time(); import {what}; print(time.process_time() - a)"
    return median(float(_said(code)) for _ in range(rounds))


def _said(code):
    with Program(sys.executable, "-c", code) as program:
        return program.line()


def measure(*, quick=False):
    found = loads(quick=quick)
    floor = median(row[0] for row in found)
    figures = []
    for place, name in enumerate([*WAYS.values(), "  async, from a board of protocol 2"], 1):
        ratio = median(row[place] / row[0] for row in found)
        judged = place in {1, 4}
        figures.append(
            Figure(
                name,
                f"{median(row[place] for row in found):.2%} of a core",
                f"{floor:.2%}",
                f"{ratio:.2f}",
                f"at most {MOST_RATIO}" if judged else "",
                ratio <= MOST_RATIO if judged else None,
            )
        )
    part, missing, early, late = keeping_up(quick=quick)
    rounds = 1 if quick else 5
    took_s = import_s("belabridge", rounds)
    return [
        *figures,
        Figure(
            f"12 floats at {SPEED} x real time, async",
            f"{missing} frames lost",
            f"{part:.1%} came",
            target="no loss",
            met=not missing and part > 0.97,
        ),
        Figure(
            "  its size",
            f"{late:.1f} MiB",
            f"{early:.1f} early",
            target="flat, below 90 MB",
            met=late < MOST_MIB and late - early < 1.0,
        ),
        Figure(
            "import belabridge",
            f"{took_s:.3f} s",
            target=f"below {IMPORT_S} s",
            met=took_s < IMPORT_S,
        ),
        Figure(
            "  with all that connect needs, over numpy",
            f"{import_s('belabridge.client.bela', rounds):.3f} s",
            f"{import_s('numpy', rounds):.3f} s",
        ),
    ]
