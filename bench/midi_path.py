"""Added latency of MIDI through the whole daemon: board to port and port to board, over the bare ports.

Out, the board's process has a JACK client of its own, which sends at the moment when the board has a sample;
the daemon's message of the same sample comes later at the same port by what belabridge takes: the board's
stream, the daemon, the ports' process. Both wait for a cycle of the server, so that a difference is a number
of whole cycles: a short period makes it exact. In, a bare client hears the same message; the difference is to
the moment when the board is set. At so short a period a busy machine without real-time priority misses
cycles, and JACK throws away what a client should have heard in them: the bare client's, too.
"""

from __future__ import annotations

import array
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from bench.figure import Figure
from bench.processes import Daemon, Program
from bench.programs.midi_board import bend, position

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

PERIOD_FRAMES = 128  # 2.7 ms at 48 kHz
WRAPS = 16384
CONFIG = """
midi: {in: "peer:out", out: "peer:in"}
out: [{var: at, take: last, rate: 1000, midi: bend}]
in: [{var: gain, midi: bend}]
"""


class MidiBoard(Program):
    """The board with its bare client."""

    def __init__(self, server, sets):
        super().__init__(
            sys.executable, "-m", "bench.programs.midi_board", server.name, sets, env=server.environ
        )
        self.port = int(self.line())


def raw(number):
    """Another bend each time."""
    return 7 * (number + 1) % WRAPS


def raw_of(message):
    return message[1] | message[2] << 7


def outward(got):
    """Delays in s of the daemon's bends, on channel 1, over the bare ones, on 2, which come more often."""
    bare = [(at, raw_of(m)) for at, m in got if m[0] == 0xE1]
    delays, first = [], 0
    for at, message in got:
        if message[0] != 0xE0:
            continue
        frame = raw_of(message)
        # the first piece of time that has this frame, of the last 100 ms: frames come again after 371 ms
        while first < len(bare) and bare[first][0] < at - 0.1:
            first += 1
        later = [(here - frame) % WRAPS for _, here in bare[first : first + 60]]
        if later:
            delays.append(at - bare[first + later.index(min(later))][0])
    return delays


def inward(peer, bare, count):
    """Sends bends a while after each other; when the bare client heard each, by its position."""
    for i in range(count):
        peer.send(bend(1, raw(i)))
        time.sleep(random.uniform(0.02, 0.06))
    return {round(float(position(raw_of(m))), 6): at for at, m in bare.got if m[0] == 0xE0}


def rounds(server, folder, count):
    from jackd import Peer

    peer, listener = Peer(server, "peer"), Peer(server, "listener")
    server.connect("peer:out", "listener:in")
    with MidiBoard(server, folder / "sets") as board:
        server.connect("bare:out", "peer:in")
        with Daemon(board, CONFIG) as daemon:
            daemon.wait()
            while not any(m[0] == 0xE0 for _, m in peer.got):
                time.sleep(0.1)
            time.sleep(1.0)
            del peer.got[:]
            heard = inward(peer, listener, count)
            time.sleep(0.5)
            outs = outward(list(peer.got))
        board.end()
    for each in (peer, listener):
        each.close()
    sets = array.array("d", (folder / "sets").read_bytes())
    came = dict(zip((round(value, 6) for value in sets[1::2]), sets[::2], strict=True))
    ins = [came[value] - at for value, at in heard.items() if value in came]
    sent = {round(float(position(raw(i))), 6) for i in range(count)}
    return outs, ins, len(sent & came.keys()), len(heard)


def measure(*, quick=False):
    from jackd import JackServer

    if shutil.which("jackd") is None:
        return [Figure("MIDI through the daemon, over bare ports", "no jackd here")]
    count = 30 if quick else 600
    server = JackServer(PERIOD_FRAMES)
    os.environ.update(server.environ)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            outs, ins, ours, bare = rounds(server, Path(folder), count)
    finally:
        server.stop()

    def figure(name, delays):
        p99 = quantiles(delays, n=100)[98]
        return Figure(name, f"{1e3 * median(delays):+.2f} ms", "", "", f"p99 {1e3 * p99:+.2f} ms")

    return [
        figure("board to MIDI port, over a bare client", outs),
        figure("MIDI port to board, over a bare client", ins),
        Figure(f"  of {count} messages", f"{ours} set", f"{bare} heard"),
    ]
