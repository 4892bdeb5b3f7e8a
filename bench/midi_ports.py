"""Added latency of the MIDI ports' process, both ways, beside a bare client of the same JACK server.

A peer sends a message a while after the last; the bare client and belabridge hear the same cycle of the
server, so the difference is belabridge's own: from JACK's thread through the process and its socket to the
loop. Out, the bare client sends at the same moment as the daemon, and the peer notes when each came: both
wait for the next cycle, and what is left is a cycle that was missed on the way through the process.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import time
from pathlib import Path
from statistics import median, quantiles

from bench.figure import Figure

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

PERIOD_FRAMES = 1024
CYCLE_S = PERIOD_FRAMES / 48000


async def rounds(server, count):
    """Delays in s over the bare client: of messages in, and of messages out."""
    from belabridge.midi.host import PortHost
    from belabridge.rules import MidiPort
    from belabridge.tally import Tally
    from jackd import Peer

    came, bare, peer = {}, Peer(server, "bare"), Peer(server, "peer")
    server.connect("peer:out", "bare:in")
    server.connect("bare:out", "peer:in")
    host = PortHost(Tally(), lambda _port, message, _at: came.setdefault(message, time.monotonic()))
    host.want([MidiPort("peer:out")], [MidiPort("peer:in")])
    host.start()
    while not (host.open_ins and host.open_outs):  # noqa: ASYNC110  # two things, once
        await asyncio.sleep(0.01)
    ins, outs = [], []
    for i in range(count):
        mark = bytes((0xB0, i >> 7, i & 127))
        peer.send(mark)
        host.send("peer:in", mark)
        bare.send(bytes((0xB1, *mark[1:])))
        other = bytes((0xB1, *mark[1:]))
        await asyncio.sleep((4 + random.random()) * CYCLE_S)
        while not (mark in came and mark in peer.messages and other in peer.messages):  # noqa: ASYNC110  # JACK's threads tell no loop
            await asyncio.sleep(CYCLE_S)  # a busy machine has missed some cycles
        heard = {message: at for at, message in bare.got}
        got = {message: at for at, message in peer.got}
        ins.append(came[mark] - heard[mark])
        outs.append(got[mark] - got[other])
    await host.stop()
    for each in (bare, peer):
        each.close()
    return ins, outs


def measure(*, quick=False):
    from jackd import JackServer

    if shutil.which("jackd") is None:
        return [Figure("MIDI ports over a bare client", "no jackd here")]
    server = JackServer(PERIOD_FRAMES)
    os.environ.update(server.environ)
    server.start()
    try:
        ins, outs = asyncio.run(rounds(server, 20 if quick else 500))
    finally:
        server.stop()

    def figure(name, delays):
        p99 = quantiles(delays, n=100)[98]
        return Figure(name, f"{1e3 * median(delays):+.2f} ms", "", "", f"p99 {1e3 * p99:+.2f} ms")

    return [
        figure("MIDI port to daemon, over a bare client", ins),
        figure("daemon to MIDI port, over a bare client", outs),
    ]
