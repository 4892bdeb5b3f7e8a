"""The whole job as a plain client does it: struct to lists, a sum over each list, python-osc.

Arguments: PORT COUNT OSC_PORT. It does what ``bench.whole_path`` asks of belabridge, and nothing more: no
rate that is kept to the last value, no reconnecting, no check of what comes.
"""

from __future__ import annotations

import asyncio
import math
import struct
import sys
import time

from pythonosc.udp_client import SimpleUDPClient

from bench.programs.board import watching

PERIOD_S = 1 / 30


async def main(port, count, osc_port):
    client = SimpleUDPClient("127.0.0.1", int(osc_port))
    values = {f"v{i}": [] for i in range(int(count))}
    sent = dict.fromkeys(values, 0.0)
    async with watching(int(port), int(count)) as (data, index_of):
        name = ""
        while True:
            message = await data.recv(decode=False)
            if len(message) < 9:
                id_, _type = message.decode().split("/")
                name = f"v{index_of[int(id_)]}"
                continue
            _frame, *samples = struct.unpack("<Q1024f", message)
            values[name] += samples
            now = time.monotonic()
            if now - sent[name] >= PERIOD_S:
                squares = sum([x * x for x in values[name]])
                rms = math.sqrt(squares / len(values[name]))
                client.send_message(f"/bela/{name}", rms / 8388608.0)
                values[name], sent[name] = [], now


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
