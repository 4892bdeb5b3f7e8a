"""A JACK server that hangs and goes on: whatever sounded is ended, and what is open sounds again."""

import asyncio
import signal

from belabridge.controls import Control, Kind
from belabridge.midi.ends import MidiEnds
from belabridge.rules import MidiOut, MidiPort, MidiSettings, OutRule, Shape
from belabridge.tally import Tally
from jackd import Peer
from waiting import until

LATE_S = 20.0
FROZEN_S = 9.0  # with RATE_HZ more messages than any queue takes
RATE_HZ = 2000
FINE = OutRule("fine", shape=Shape(on_change=True), midi=MidiOut(Control(Kind.CC14, 2, channel=1)))
GATE = OutRule("gate", midi=MidiOut(Control(Kind.NOTE, 36, channel=10)))


async def test_no_note_hangs_after_a_server_that_hung(synchronous_jack_server):
    device = Peer(synchronous_jack_server)
    tally = Tally()
    ends = MidiEnds(tally, lambda *_: None)
    loop = asyncio.get_running_loop()
    ends.configure(MidiSettings(outs=(MidiPort("peer:in"),)), [], [FINE, GATE])
    ends.start()
    try:
        await until(lambda: ends.status()["out"][0]["ports"], LATE_S)
        ends.note(1, GATE.midi, on=True, note=36, velocity=100, skip=None, now=loop.time())
        await until(lambda: device.got)
        synchronous_jack_server._running.send(signal.SIGSTOP)
        until_s, sent = loop.time() + FROZEN_S, 0
        ended = False
        while loop.time() < until_s:
            for _ in range(RATE_HZ // 100):
                sent += 1
                ends.send(0, FINE.midi, sent % 16384 / 16383, None, loop.time())
            if not ended and loop.time() > until_s - FROZEN_S / 4:
                ended = True
                ends.note(1, GATE.midi, on=False, note=36, velocity=0, skip=None, now=loop.time())
            await asyncio.sleep(0.01)
        assert ended
        synchronous_jack_server._running.send(signal.SIGCONT)
        ends.send(0, FINE.midi, 0.5, None, loop.time())

        def over():
            last = {message[1]: message for message in device.messages}
            return last.get(36) == b"\x89\x24\x40" and last.get(2) == b"\xb0\x02\x40"

        await until(over, LATE_S)
    finally:
        await ends.stop()
        device.close()
