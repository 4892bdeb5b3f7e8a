"""The daemon's side of the ports' process: a flood is heard whole, and in turns that let others work too."""

import asyncio
import time

from belabridge.midi.host import PortHost
from belabridge.rules import MidiPort
from belabridge.tally import Tally
from jackd import Peer
from waiting import until

COUNT = 1500
EACH_S = 0.001  # that our work with a message takes: all of them are far more than a turn


async def test_a_flood_is_heard_in_turns(synchronous_jack_server):
    peer = Peer(synchronous_jack_server)
    got = []

    def heard(_port, message, _at):
        got.append(message)
        time.sleep(EACH_S)

    host = PortHost(Tally(), heard)
    host.want([MidiPort("peer:out")], [])
    host.start()
    try:
        await until(lambda: host.open_ins, 20.0)
        messages = [bytes((0xB0, number >> 7, number & 127)) for number in range(COUNT)]
        peer.send(*messages)
        time.sleep(1.0)  # noqa: ASYNC251  # it is we who are busy meanwhile: all waits to be read
        longest_s, last = 0.0, time.monotonic()
        async with asyncio.timeout(60.0):
            while len(got) < COUNT:
                await asyncio.sleep(0)
                longest_s, last = max(longest_s, time.monotonic() - last), time.monotonic()
    finally:
        await host.stop()
        peer.close()
    assert got == messages
    assert longest_s < COUNT * EACH_S / 5
    assert host.restarts == 0
