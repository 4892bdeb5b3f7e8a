"""Memory: 10 simulated minutes at speed, every kind of work at once; its size, and whether that grows."""

from __future__ import annotations

import socket
import time

from belabridge.osc.codec.writer import Template
from bench.figure import Figure
from bench.processes import Board, Daemon, Ear, free_port
from bench.whole_path import RMS

VARIABLES = 12
SPEED = 16
MINUTES = 10
LIMIT_MIB = 80
GROWTH_MIB = 1.0  # an allocator's own unrest; a leak of one block a second would be 2.4 MiB
RULES = """
  - {{var: v0, take: all, osc: {{address: /block, as: blob}}}}
  - {{var: v1, take: all, rate: 20, expr: x*2}}
  - {{var: v2, rate: 100, smooth: 0.1, on_change: true}}
in:
  - {{osc: /set, var: v11, clip: [0, 1]}}
  - {{osc: /play, buffer: 0, type: f}}
"""


def measure(*, quick=False):
    minutes = 0.5 if quick else MINUTES
    ear, listen = Ear(), free_port()
    text = f"osc:\n  listen: {listen}\n  send: 127.0.0.1:{ear.port}\nout:\n"
    text += "\n".join(RMS.format(i) for i in range(VARIABLES)) + RULES.format()
    settings = [Template("/set"), Template("/play"), Template("/nobody")]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as player,
        Board(VARIABLES, SPEED) as board,
        Daemon(board, text) as daemon,
    ):
        ear.wait()
        player.connect(("127.0.0.1", listen))
        start = time.monotonic()
        first_minute = start + 60 / SPEED * min(1, minutes / 2)
        sizes = []
        while time.monotonic() < start + minutes * 60 / SPEED:
            for n, template in enumerate(settings):
                player.send(template.one(n + time.monotonic() % 1))
            time.sleep(0.02)
            if time.monotonic() > first_minute:
                sizes.append(daemon.rss_mib())
    growth = sizes[-1] - sizes[0]
    return [
        Figure(
            f"memory after {minutes:g} simulated minutes",
            f"{max(sizes):.1f} MiB",
            target=f"below {LIMIT_MIB} MB",
            met=max(sizes) * 2**20 < LIMIT_MIB * 10**6,
        ),
        Figure(
            "  of it since the first minute",
            f"{growth:+.1f} MiB",
            target=f"flat (below {GROWTH_MIB:g} MiB)",
            met=growth < GROWTH_MIB,
        ),
    ]
