"""OSC in: messages a second from the socket to the handler, beside a bare receive loop and python-osc.

Each round fills the socket's buffer, untimed, and then times how long it takes to empty it: what is
measured is the receiver, on one core, and not the sender. Medians of the rounds.
"""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import sys
import time

from pythonosc import osc_packet
from pythonosc.dispatcher import Dispatcher

from belabridge.osc.codec.writer import Template
from belabridge.osc.server import OscServer
from belabridge.tally import Tally

BURST = 100  # small datagrams that fit the default buffer of any kernel
ROUNDS = 300
WARM_UP = 20


def addresses(count):
    return [f"/synth/voice{i}/gain" for i in range(count)]


def bursts(count):
    """Rounds of datagrams that walk through all addresses."""
    templates = [Template(address) for address in addresses(count)]
    walk = [template.one(i / count) for i, template in enumerate(templates)]
    for round_ in range(ROUNDS + WARM_UP):
        start = round_ * BURST
        yield [walk[(start + i) % count] for i in range(BURST)]


def timed(count, port, drain):
    """Median seconds a message; ``drain()`` returns when the burst has been dealt with."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        seconds = []
        for burst in bursts(count):
            for data in burst:
                sender.send(data)
            start = time.perf_counter()
            drain()
            seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[WARM_UP:]) / BURST


def check(seen):
    """A way that loses messages would look fast."""
    if seen != (ROUNDS + WARM_UP) * BURST:
        raise SystemExit(f"{seen} messages arrived of {(ROUNDS + WARM_UP) * BURST}: measure again")


def receiver():
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)  # noqa: FBT003  # the socket module's own signature
    return bound


def floor(count):
    with receiver() as bound:

        def drain():
            for _ in range(BURST):
                bound.recvfrom(65536)

        return timed(count, bound.getsockname()[1], drain)


def belabridge(count):
    loop = asyncio.new_event_loop()
    seen = 0

    def handler(_args, _tags, _address, _source):
        nonlocal seen
        seen += 1
        if seen % BURST == 0:
            loop.stop()

    async def opened():
        server = OscServer("127.0.0.1", 0, Tally())
        server.open()
        for address in addresses(count):
            server.space.add(address, handler)
        return server

    server = loop.run_until_complete(opened())
    result = timed(count, server.port, loop.run_forever)  # with everything that the loop costs
    check(seen)
    server.close()
    loop.close()
    return result


def python_osc(count):
    dispatcher = Dispatcher()
    seen = 0

    def handler(_address, *_args):
        nonlocal seen
        seen += 1

    for address in addresses(count):
        dispatcher.map(address, handler)
    with receiver() as bound:

        def drain():
            for _ in range(BURST):
                data, _ = bound.recvfrom(65536)
                for timed_message in osc_packet.OscPacket(data).messages:
                    message = timed_message.message
                    for one in dispatcher.handlers_for_address(message.address):
                        one.invoke(("127.0.0.1", 0), message)

        result = timed(count, bound.getsockname()[1], drain)
    check(seen)
    return result


def measure():
    return {
        name: {str(count): 1 / way(count) for count in (10, 1000)}
        for name, way in (("floor", floor), ("belabridge", belabridge), ("python_osc", python_osc))
    }


def main():
    result = measure()
    if "--json" in sys.argv:
        print(json.dumps(result))
        return
    print("OSC in, messages a second    10 addresses  1000 addresses")
    for name, label in (
        ("floor", "bare recvfrom loop"),
        ("belabridge", "socket to handler"),
        ("python_osc", "recvfrom and python-osc"),
    ):
        print(f"  {label:<26} {result[name]['10']:12,.0f}  {result[name]['1000']:14,.0f}")


if __name__ == "__main__":
    main()
