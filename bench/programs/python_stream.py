"""Streams all variables by the Python API, and looks at each block; says at its end what it missed.

Arguments: PORT COUNT WAY. WAY is async, blocking, aligned, or frames: async, with each block's frames.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

import belabridge


def names(count):
    return [f"v{index}" for index in range(count)]


def ended(values, missing):
    print(json.dumps({"values": values, "missing": missing}), flush=True)


async def stream(port, count, way):
    values = missing = 0
    with_frames = way == "frames"
    async with belabridge.connect(f"127.0.0.1:{port}") as bela:
        make = bela.aligned if way == "aligned" else bela.stream
        async with make(*names(count)) as blocks:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, blocks.close)
            async for block in blocks:
                if not values:
                    print("receiving", flush=True)
                values += block.values.size
                missing += block.missing_frames
                if with_frames and len(block.frames):
                    float(block.values[0])
    ended(values, missing)


def stream_blocking(port, count):
    values = missing = 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        belabridge.connect(f"127.0.0.1:{port}") as bela,
        contextlib.suppress(KeyboardInterrupt),
        bela.stream(*names(count)) as blocks,
    ):
        for block in blocks:
            if not values:
                print("receiving", flush=True)
            values += block.values.size
            missing += block.missing_frames
    ended(values, missing)


if __name__ == "__main__":
    port, count, way = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if way == "blocking":
        stream_blocking(port, count)
    else:
        asyncio.run(stream(port, count, way))
