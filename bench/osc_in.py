"""OSC in: messages a second from the socket to the handler, beside a bare receive loop and python-osc.

Each round fills the socket's buffer, untimed, and then times how long it takes to empty it: what is
measured is the receiver, on one core, and not the sender. Medians of the rounds.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import time

from pythonosc import osc_packet
from pythonosc.dispatcher import Dispatcher

from belabridge.osc.codec.writer import Template
from belabridge.osc.server import OscServer
from belabridge.tally import Tally
from bench.figure import Figure

BURST = 100  # small datagrams that fit the default buffer of any kernel
ROUNDS = 300
WARM_UP = 20
LEAST_A_S = 100_000
NO_MORE = 1.15  # what two measurements of the same may differ by


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

    def number(_value, _source):
        nonlocal seen
        seen += 1
        if seen % BURST == 0:
            loop.stop()

    def handler(args, _tags, _address, source):
        number(args[0], source)

    async def opened():
        server = OscServer("127.0.0.1", 0, Tally())
        server.open()
        for address in addresses(count):
            server.space.add(address, handler, number)
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


def measure(*, quick=False):
    del quick  # it takes a second or two
    ways = (("bare recvfrom", floor), ("ours", belabridge), ("python-osc", python_osc))
    rates = {name: {count: 1 / way(count) for count in (10, 1000)} for name, way in ways}

    def figure(name, way, count, **more):
        rate, bare = rates[way][count], rates["bare recvfrom"][count]
        return Figure(name, f"{rate:,.0f}/s", f"{bare:,.0f}/s", f"{bare / rate:.2f}", **more)

    few, many = rates["ours"][10], rates["ours"][1000]
    return [
        figure("OSC in, socket to handler, 10 addresses", "ours", 10),
        figure(
            "  1000 addresses",
            "ours",
            1000,
            target=f"at least {LEAST_A_S:,}/s, as with 10",
            met=many >= LEAST_A_S and many > few / NO_MORE,
        ),
        figure("  1000 addresses, python-osc", "python-osc", 1000),
    ]
