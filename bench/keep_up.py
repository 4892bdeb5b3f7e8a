"""Keeping up: 12 dense floats at 16 x real time, without a lost block."""

from __future__ import annotations

import time

from bench.figure import Figure
from bench.processes import Board, Daemon, Ear
from bench.whole_path import RMS, config

VARIABLES = 12
SPEED = 16
BLOCK_VALUES = 1024  # of a dense block of floats
BLOCKS_A_S = VARIABLES * SPEED * 44_100 / BLOCK_VALUES
LOSSES = ("board.gap_frames", "board.dropped_blocks", "board.lost_")
ALL_SAMPLES = "  - {{var: v{0}, take: all, osc: {{address: /block/v{0}, as: blob}}}}"


def losses(status):
    return {reason: n for reason, n in status["drops"].items() if reason.startswith(LOSSES)}


def run(rule, for_s):
    """What was lost, blocks sent a second by the daemon, its load of a core, and what the receiver heard."""
    ear = Ear()
    with Board(VARIABLES, SPEED) as board, Daemon(board, config(rule, ear, VARIABLES)) as daemon:
        ear.wait()
        time.sleep(1.0)
        before = daemon.status()
        load = daemon.load(for_s)
        after = daemon.status()
    sent = [a["sent"] - b["sent"] for a, b in zip(after["out"], before["out"], strict=True)]
    return losses(after), sum(sent) / (after["uptime_s"] - before["uptime_s"]), load


def measure(*, quick=False):
    for_s = 2.0 if quick else 15.0
    lost, blocks_a_s, load = run(ALL_SAMPLES, for_s)
    rms_lost, _, rms_load = run(RMS, for_s)
    # every block is one message here: so many came through, and none is missing between two
    arrived = blocks_a_s / BLOCKS_A_S
    return [
        Figure(
            f"{VARIABLES} floats at {SPEED} x real time, every sample out",
            f"{arrived:.1%} of blocks",
            f"{load:.0%} of a core",
            target="no block lost",
            met=not lost and arrived > 0.98,
        ),
        Figure(
            f"{VARIABLES} floats at {SPEED} x real time, rms",
            f"{sum(rms_lost.values())} frames lost",
            f"{rms_load:.0%} of a core",
            target="no block lost",
            met=not rms_lost,
        ),
    ]
