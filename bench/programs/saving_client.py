"""A program with belabridge's own client that streams ``v0`` to ``v<COUNT - 1>`` and reads every block.

Arguments: PORT COUNT [TAKE]; with TAKE it is recorded.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import belabridge


async def read(blocks):
    async for block in blocks:
        if block.is_gap:
            print("a gap: the bench measures nothing", flush=True)


async def main(port, count, take=None):
    names = [f"v{i}" for i in range(int(count))]
    async with (
        belabridge.connect(f"127.0.0.1:{port}") as bela,
        bela.stream(*names, save=take) as blocks,
    ):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, blocks.stop)
        print("receiving", flush=True)
        await read(blocks)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
