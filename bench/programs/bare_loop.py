"""The floor: receives what a board streams, and throws it away; with STAMPS it notes when each buffer came.

Arguments: PORT COUNT [STAMPS]. STAMPS is a file of int64 pairs: 1000 * frame + variable, and the wall clock
in ns.
"""

from __future__ import annotations

import array
import asyncio
import signal
import sys
import time

from bench.programs.board import watching


async def throw_away(data):
    recv = data.recv
    await recv(decode=False)
    print("receiving", flush=True)
    while True:
        await recv(decode=False)


async def note(data, index_of, stamps):
    recv, clock = data.recv, time.time_ns
    print("receiving", flush=True)
    variable = 0
    while True:
        message = await recv(decode=False)
        if len(message) < 9:
            variable = index_of[int(message[:-2])]
        else:
            now = clock()
            stamps.extend((int.from_bytes(message[:8], "little") * 1000 + variable, now))


async def main(port, count, path=None):
    stamps = array.array("q")
    async with watching(int(port), int(count)) as (data, index_of):
        work = asyncio.create_task(throw_away(data) if path is None else note(data, index_of, stamps))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
        await asyncio.gather(work, return_exceptions=True)
    if path is not None:
        with open(path, "wb") as file:  # noqa: ASYNC230, PTH123  # nothing else is left to do
            stamps.tofile(file)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
