"""A simulated board that notes when it had the last sample of each buffer, just before it sends them all.

Arguments: COUNT STAMPS, a file of int64 pairs: frame, and the wall clock in ns.
"""

from __future__ import annotations

import array
import asyncio
import signal
import sys
import time
from functools import partial

from belabridge.sim.program import Program, ProgramVariable
from belabridge.sim.programs.many import expected
from belabridge.sim.server import SimServer


async def main(count, path):
    stamps = array.array("q")

    def last(frames):
        stamps.extend((int(frames[-1]), time.time_ns()))
        return expected(count - 1, frames)

    ways = [partial(expected, index) for index in range(count - 1)]
    variables = [ProgramVariable(f"v{i}", values=way) for i, way in enumerate([*ways, last])]
    program = Program("stamping", tuple(variables))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with SimServer(program, original=True) as board:
        print(board.port, flush=True)
        await ended.wait()
    with open(path, "wb") as file:  # noqa: ASYNC230, PTH123  # nothing else is left to do
        stamps.tofile(file)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
