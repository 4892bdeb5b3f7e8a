"""pybela's form: what 12 floats at 44.1 kHz cost, beside a loop that throws them away; memory and import.

Each round runs, one after the other at the same board: the floor, a streamer, one that saves, and one with a
callback that looks at every value. Medians of the rounds' ratios.
"""

from __future__ import annotations

import sys
import tempfile
import time
from statistics import median

from bench.figure import Figure
from bench.processes import BareLoop, Board, Program

VARIABLES = 12
SETTLE_S = 1.0
MOST_RATIO, MOST_SAVING_RATIO = 1.25, 1.6
MOST_IMPORT_S = 0.25
MOST_MB = 90
GROWTH_MIB = 1.0  # an allocator's own unrest
SPEED = 4  # the queues are full after 6 s
IMPORT = """
import time
before = time.process_time()
from belabridge import Controller, Logger, Monitor, Streamer, Watcher
print(time.process_time() - before)
"""


def streamer(board, *how):
    program = Program(sys.executable, "-m", "bench.programs.known_streamer", board.port, board.count, *how)
    program.line()
    return program


def load_of(program, for_s):
    with program as running:
        time.sleep(SETTLE_S)
        return running.load(for_s)


def import_s(folder):
    """As where the compiled files may be kept, which is where anybody works."""
    env = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
    with Program(sys.executable, "-c", IMPORT, env=env) as program:
        return float(program.line())


def memory(*, quick):
    """Its size after 10 s of a board's time, and then over some minutes with all queues full."""
    with Board(VARIABLES, SPEED) as board, streamer(board) as running:
        time.sleep(10 / SPEED)
        first = running.rss_mib()
        time.sleep(30 / SPEED)
        sizes = [running.rss_mib()]
        for _ in range(2 if quick else 4):
            time.sleep(30 / SPEED)
            sizes.append(running.rss_mib())
    return first, sizes


def measure(*, quick=False):
    for_s, rounds = (2.0, 1) if quick else (10.0, 3)
    loads = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Board(VARIABLES) as board,
        Board(VARIABLES, original=False) as second,
    ):
        ways = (
            lambda: BareLoop(board),
            lambda: streamer(board),
            lambda: streamer(board, "save", folder),
            lambda: streamer(board, "callback"),
            lambda: streamer(second),
        )
        loads += [[load_of(way(), for_s) for way in ways] for _ in range(rounds)]
    floor = median(load[0] for load in loads)

    def figure(name, place, most=None):
        ratio = median(load[place] / load[0] for load in loads)
        return Figure(
            name,
            f"{median(load[place] for load in loads):.1%} of a core",
            f"{floor:.1%}",
            f"{ratio:.2f}",
            f"at most {most}" if most else "",
            ratio <= most if most else None,
        )

    with tempfile.TemporaryDirectory() as folder:
        import_s(folder)
        imports = min(import_s(folder) for _ in range(5))
    first, sizes = memory(quick=quick)
    return [
        figure(f"known form, {VARIABLES} floats at 44.1 kHz", 1, MOST_RATIO),
        figure("  saving them as pybela's lines", 2, MOST_SAVING_RATIO),
        figure("  with a callback that adds all values", 3),
        figure("  from a board of protocol 2", 4),
        Figure(
            "  import of its five classes",
            f"{imports * 1000:.0f} ms",
            target=f"below {MOST_IMPORT_S * 1000:.0f} ms",
            met=imports < MOST_IMPORT_S,
        ),
        Figure(
            "  memory after 10 s",
            f"{first:.1f} MiB",
            target=f"below {MOST_MB} MB",
            met=first * 2**20 < MOST_MB * 10**6,
        ),
        Figure("  memory with 1000 buffers of each, which are 47 MiB", f"{max(sizes):.1f} MiB"),
        Figure(
            "  of it since they are there",
            f"{sizes[-1] - sizes[0]:+.1f} MiB",
            target=f"flat (below {GROWTH_MIB:g} MiB)",
            met=sizes[-1] - sizes[0] < GROWTH_MIB,
        ),
    ]
