"""A simulated board beside a bare JACK client: both say the same frames, and sets are noted when they come.

Arguments: SERVER SETS. Its variable ``at`` says in each sample which frame that is, as a bend's position; at
each piece of time the bare client ``bare`` sends the last frame of that piece as a bend on channel 2, at the
moment when the board has it. SETS is a file of float64 pairs: monotonic time in s, and what ``gain`` was set
to then.
"""

from __future__ import annotations

import array
import asyncio
import signal
import sys
import time
from pathlib import Path

import numpy as np

from belabridge.sim.program import Program, ProgramVariable
from belabridge.sim.server import SimServer
from belabridge.sim.watcher import Watcher

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

MIDDLE, STEPS_ABOVE = 8192, 8191  # of a bend: 0 is 0, 8192 the half, 16383 the whole


def position(raw):
    """Of bends ``raw``: the two straight pieces that MIDI's numbers are on."""
    raw = np.asarray(raw, np.float64)
    return np.where(raw <= MIDDLE, raw / (2 * MIDDLE), 0.5 + (raw - MIDDLE) / (2 * STEPS_ABOVE))


def bend(channel, raw):
    return bytes((0xDF + channel, raw & 127, raw >> 7))


async def main(server, path):
    from jackd import Peer

    class Server:
        name = server

    bare, sets, set_before = Peer(Server, "bare"), array.array("d"), Watcher.set

    def noted(self, value):
        sets.extend((time.monotonic(), value))
        set_before(self, value)

    def at(frames):
        bare.send(bend(2, int(frames[-1]) % 16384))
        return position(frames % 16384)

    Watcher.set = noted
    program = Program("midi", (ProgramVariable("at", values=at), ProgramVariable("gain")))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with SimServer(program) as board:
        print(board.port, flush=True)
        await ended.wait()
    bare.close()
    with open(path, "wb") as file:  # noqa: ASYNC230, PTH123  # nothing else is left to do
        sets.tofile(file)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
