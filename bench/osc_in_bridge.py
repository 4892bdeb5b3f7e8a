"""OSC in through the whole bridge: what a message to a mapped address costs the real ``belabridge run``.

Each message is read, dispatched, scaled, clipped and set aside for the board; the bridge sends what is latest
of each variable 500 times a second, and asks the board for what its program reads. The processor time of all
that, over the messages that arrived, is what one core could do. A second round has 1000 variables on the
board, whose list of 100 kB is asked for ten times a second while values come.
"""

from __future__ import annotations

import socket
import time

from belabridge.osc.codec.writer import Template
from bench.figure import Figure
from bench.osc_in import LEAST_A_S, NO_MORE
from bench.processes import Board, Daemon, free_port

BURST = 100  # small datagrams that fit the default buffer of any kernel
BURST_EVERY_S = 0.0015  # 60 000 a second: near the limit, the fixed pace of what the board gets counts little
ENOUGH = 0.5  # of what was sent; what the system drops costs the daemon nothing, and is not counted
FEW, MANY = 10, 1000
RULE = "  - {{osc: /synth/voice{0}/gain, var: v{1}, scale: {{from: [0, 127], to: [0, 1]}}, clip: true}}"


def messages_a_s(addresses, variables, for_s):
    listen = free_port()
    text = f"osc:\n  listen: {listen}\nout: []\nin:\n"
    text += "\n".join(RULE.format(i, i % variables) for i in range(addresses))
    walk = [Template(f"/synth/voice{i}/gain").one(i % 128) for i in range(addresses)]
    walk *= MANY // addresses
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as player,
        Board(variables) as board,
        Daemon(board, text) as daemon,
    ):
        daemon.wait()
        player.connect(("127.0.0.1", listen))
        before, cpu_s, sent = received(daemon), daemon.cpu_s(), 0
        end = time.monotonic() + for_s
        while time.monotonic() < end:
            start = sent % len(walk)
            for data in walk[start : start + BURST]:
                player.send(data)
            sent += BURST
            time.sleep(BURST_EVERY_S)
        cpu_s = daemon.cpu_s() - cpu_s
        time.sleep(0.2)
        arrived = received(daemon) - before
    if arrived < ENOUGH * sent:  # the system drops some while the board's process has the processor
        raise SystemExit(f"{arrived} messages arrived of {sent}: measure again")
    return arrived / cpu_s


def received(daemon):
    return sum(rule["received"] for rule in daemon.status()["in"])


def measure(*, quick=False):
    for_s = 1.0 if quick else 8.0
    few, many, wide = (
        messages_a_s(addresses, variables, for_s)
        for addresses, variables in ((FEW, FEW), (MANY, FEW), (MANY, MANY))
    )
    return [
        Figure(f"OSC in through the bridge, {FEW} addresses", f"{few:,.0f}/s"),
        Figure(
            f"  {MANY} addresses",
            f"{many:,.0f}/s",
            ratio=f"{few / many:.2f}",
            target=f"at least {LEAST_A_S:,}/s, as with {FEW}",
            met=many >= LEAST_A_S and many > few / NO_MORE,
        ),
        Figure(f"  {MANY} addresses of {MANY} variables", f"{wide:,.0f}/s", ratio=f"{few / wide:.2f}"),
    ]
