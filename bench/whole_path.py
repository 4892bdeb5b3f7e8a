"""The whole path's processor time: 46 variables at 44.1 kHz in, a scaled rms of each out 30 times a second.

Each round runs, one after the other at the same board: the floor, the real ``belabridge run``, the same with
every sample as blobs, and a plain client. Medians of the rounds' ratios.
"""

from __future__ import annotations

import time
from statistics import median

from bench.figure import Figure
from bench.processes import BareLoop, Board, Daemon, Ear, PlainClient, free_port

VARIABLES = 46
SETTLE_S = 1.0
RMS = "  - {{var: v{0}, take: rms, scale: {{from: [0, 8388608], to: [0, 1]}}, rate: 30}}"
BLOBS = "  - {{var: v{0}, take: all, osc: {{address: /block/v{0}, as: blob}}}}"
MOST_RATIO = 1.35


def config(rule, ear, count=VARIABLES):
    head = f"osc:\n  listen: {free_port()}\n  send: 127.0.0.1:{ear.port}\nout:\n"
    return head + "\n".join(rule.format(i) for i in range(count))


def load_of(program, for_s):
    with program as running:
        time.sleep(SETTLE_S)
        return running.load(for_s)


def bridge(board, rule, *, woken=False):
    ear = Ear(woken=woken)
    daemon = Daemon(board, config(rule, ear))
    ear.wait()
    return daemon


def measure(*, quick=False):
    for_s, rounds = (1.0, 1) if quick else (4.0, 5)
    loads = []
    with Board(VARIABLES) as board, Board(VARIABLES, original=False) as second:
        ways = (
            lambda: BareLoop(board),
            lambda: bridge(board, RMS),
            lambda: bridge(board, RMS, woken=True),
            lambda: bridge(board, BLOBS),
            lambda: PlainClient(board, Ear()),
            lambda: bridge(second, RMS),
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

    return [
        figure(f"whole path, {VARIABLES} x rms", 1, MOST_RATIO),
        figure("  the same to a receiver that each datagram wakes", 2),
        figure("  all samples as blobs instead", 3),
        figure("  the same rms in a plain client: struct, lists, python-osc", 4),
        figure("  the same rms from a board of protocol 2", 5),
    ]
