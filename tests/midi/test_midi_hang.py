"""A JACK server that hangs: it is noticed, nobody waits for it, and what went on meanwhile is told later."""

import asyncio
import logging
import os
import signal
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from belabridge.controls import Control, Kind
from belabridge.errors import MidiUnavailable
from belabridge.midi.ends import MidiEnds
from belabridge.midi.host import PortHost, State, list_ports
from belabridge.rules import MidiOut, MidiPort, MidiSettings, OutRule, Shape
from belabridge.tally import Tally
from jackd import Peer
from waiting import until

LATE_S = 30.0
PEER_IN, PEER_OUT = MidiPort("peer:out"), MidiPort("peer:in")


@contextmanager
def hanging(server):
    server._running.send(signal.SIGSTOP)
    try:
        yield
    finally:
        server._running.send(signal.SIGCONT)


@asynccontextmanager
async def hosted(ins, outs, heard=lambda *_: None, tally=None):
    host = PortHost(tally or Tally(), heard)
    host.want(ins, outs)
    host.start()
    try:
        yield host
    finally:
        await host.stop()


@pytest.fixture
def counted(synchronous_jack_server):
    """A server that loses and repeats nothing, and a program on it."""
    peer = Peer(synchronous_jack_server)
    yield synchronous_jack_server, peer
    peer.close()


def cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ids(host):
    return {*host.open_ins, *host.open_outs}


async def test_a_server_that_hangs_is_said_and_its_ports_are_closed_until_it_goes_on(counted, caplog):
    server, peer = counted
    caplog.set_level(logging.INFO, "belabridge.midi")
    got, tally = [], Tally()
    async with hosted([PEER_IN], [PEER_OUT], lambda _port, message, _at: got.append(message), tally) as host:
        await until(lambda: len(ids(host)) == 2, LATE_S)
        before = ids(host)
        with hanging(server):
            await asyncio.sleep(0.5)  # what a cycle that had begun may still take
            for number in range(50):
                host.send("peer:in", bytes((0xB0, 1, number)))
            await until(lambda: host.state is State.HANGS, LATE_S)
            assert ids(host) == set()
            assert host.backends["jack"] == "JACK hangs"
        await until(lambda: len(ids(host)) == 2, LATE_S)
        assert not before & ids(host)
        assert host.state is State.RUNNING
        assert host.send("peer:in", b"\xb0\x02\x03")
        peer.send(b"\xb0\x04\x05")
        await until(lambda: peer.got and got, LATE_S)
        assert (peer.messages, got) == ([b"\xb0\x02\x03"], [b"\xb0\x04\x05"])
        assert host.restarts == 0
    said = [(r.levelname, r.message) for r in caplog.records if "hang" in r.message]
    assert said == [
        ("WARNING", "JACK hangs: its MIDI ports are closed until it goes on, or is restarted"),
        ("INFO", "JACK does not hang any more"),
    ]
    assert len([r for r in caplog.records if r.levelname == "WARNING"]) == 1
    assert tally.counts == {"midi.late": 50}


async def test_other_wishes_wait_for_no_server_that_hangs(jack_server, free_peer):
    ours = MidiPort("bb", virtual=True)
    async with hosted([PEER_IN], [PEER_OUT]) as host:
        await until(lambda: len(ids(host)) == 2, LATE_S)
        pid = host.pid
        with hanging(jack_server):
            await until(lambda: host.state is State.HANGS, LATE_S)
            host.want([], [ours])
            await asyncio.sleep(3.0)  # longer than a process that waited for it would be let live
        await until(lambda: [port.wish for port in host.open_outs.values()] == ["bb"], LATE_S)
        assert (host.pid, host.restarts, host.open_ins) == (pid, 0, {})
        await until(
            lambda: (
                [name for name in jack_server.ports() if name.startswith("belabridge")] == ["belabridge:bb"]
            ),
            LATE_S,
        )


async def test_a_server_that_hangs_from_the_start_is_waited_for_by_nobody(jack_server):
    with hanging(jack_server):
        began = time.monotonic()
        with pytest.raises(MidiUnavailable, match=r"JACK hangs\): restart the JACK server"):
            await list_ports()
        assert time.monotonic() - began < LATE_S
        async with hosted([MidiPort("bb", virtual=True)], []) as host:
            started = host._process.heard_at
            await until(lambda: host._process.heard_at > started, LATE_S)
            pid, spent_s = host.pid, cpu_s(host.pid)
            await until(lambda: host.state is State.HANGS, LATE_S)
            assert cpu_s(pid) - spent_s < 0.5  # it waited, and did not look again and again
            jack_server._running.send(signal.SIGCONT)
            await until(lambda: host.open_ins, LATE_S)
            assert (host.pid, host.restarts) == (pid, 0)


async def test_of_values_that_changed_while_it_hung_the_latest_is_told(counted):
    server, peer = counted
    fader = OutRule("gain", shape=Shape(on_change=True), midi=MidiOut(Control(Kind.CC, 7, channel=1)))
    loop = asyncio.get_running_loop()
    ends = MidiEnds(Tally(), lambda *_: None)
    ends.configure(MidiSettings(outs=(PEER_OUT,)), [], [fader])
    ends.start()
    try:
        await until(lambda: ends.status()["out"][0]["ports"], LATE_S)
        with hanging(server):
            await asyncio.sleep(0.5)
            for number in range(100):
                ends.send(0, fader.midi, number / 127, None, loop.time())
                await asyncio.sleep(0.03)
            await until(lambda: ends.status()["state"] == "the sound server hangs", LATE_S)
        await until(lambda: peer.got, LATE_S)
        assert peer.messages == [b"\xb0\x07\x63"]
    finally:
        await ends.stop()
