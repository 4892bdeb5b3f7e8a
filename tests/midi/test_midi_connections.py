"""Connections that others make and cut, odd names, and what our own ports are called, on a JACK server."""

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest

from belabridge.midi.host import PortHost, list_ports
from belabridge.rules import MidiPort
from belabridge.tally import Tally
from jackd import Peer
from waiting import until

LATE_S = 20.0
OURS = MidiPort("bb", virtual=True)


class Hosted:
    def __init__(self):
        self.got = []
        self.host = PortHost(Tally(), lambda _port, message, _at: self.got.append(message))

    async def opened(self, ins, outs):
        host = self.host
        await until(lambda: (len(host.open_ins), len(host.open_outs)) == (ins, outs), LATE_S)

    @property
    def ids(self):
        return {*self.host.open_ins, *self.host.open_outs}


@asynccontextmanager
async def hosted(ins=(), outs=()):
    one = Hosted()
    one.host.want(ins, outs)
    one.host.start()
    try:
        await one.opened(len(ins), len(outs))
        yield one
    finally:
        await one.host.stop()


def own(server):
    return sorted(name for name in server.ports() if name.startswith("belabridge"))


async def test_who_connects_to_a_port_of_ours_finds_it_opened_anew(synchronous_jack_server, peer):
    async with hosted([], [OURS]) as one:
        for _ in range(2):
            before = one.ids
            synchronous_jack_server.connect("belabridge:bb", "peer:in")
            await until(lambda: one.ids and not before & one.ids, LATE_S)  # noqa: B023  # it is awaited here
            now = one.ids
            synchronous_jack_server.disconnect("belabridge:bb", "peer:in")
            assert one.host.send("bb", b"\xf8")
        assert now == one.ids  # nobody listens more than before
        assert one.host.restarts == 0


async def test_a_keyboard_that_parts_from_a_port_of_ours_takes_its_keys_along(synchronous_jack_server):
    async with hosted([OURS], []) as one:
        keys = Peer(synchronous_jack_server, "keys")
        before = one.ids
        synchronous_jack_server.connect("keys:out", "belabridge:bb")
        keys.send(b"\x90\x3c\x40")
        await until(lambda: one.got)
        assert one.ids == before
        keys.close()
        await until(lambda: one.ids and not before & one.ids, LATE_S)
        keys = Peer(synchronous_jack_server, "keys")
        synchronous_jack_server.connect("keys:out", "belabridge:bb")
        keys.send(b"\xb0\x01\x02")
        await until(lambda: one.got[1:] == [b"\xb0\x01\x02"])
        keys.close()


@pytest.mark.parametrize("way", ["in", "out"])
async def test_a_cable_of_ours_that_is_cut_is_connected_again_and_said(
    synchronous_jack_server, peer, caplog, way
):
    caplog.set_level(logging.INFO, "belabridge.midi")
    wishes = ([MidiPort("peer:out")], []) if way == "in" else ([], [MidiPort("peer:in")])
    ends = ("peer:out", "belabridge:peer_out in") if way == "in" else ("belabridge:peer_in out", "peer:in")
    async with hosted(*wishes) as one:
        before = one.ids
        synchronous_jack_server.disconnect(*ends)
        await until(lambda: not one.ids, LATE_S)  # its keys are let go
        await until(lambda: one.ids, LATE_S)
        assert not before & one.ids
        peer.send(b"\xb0\x01\x02")
        assert way == "in" or one.host.send("peer:in", b"\xb0\x01\x02")
        await until(lambda: one.got or peer.got)
    name = ends[0] if way == "in" else ends[1]
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        f"MIDI {way} port {name} is parted from us: it is opened again when it is back",
        f"MIDI: another program parted belabridge from {name}: it is connected again",
    ]


async def test_what_came_before_a_connection_ended_is_heard(synchronous_jack_server):
    """A port that is another one from now on is not closed: no message of the others falls through."""
    two = [Peer(synchronous_jack_server, "one"), Peer(synchronous_jack_server, "two")]
    async with hosted([OURS], []) as one:
        for each in two:
            synchronous_jack_server.connect(f"{each.name}:out", "belabridge:bb")
        sent = []
        for number in range(200):
            message = bytes((0xB0, number >> 7, number & 127))
            two[0].send(message)
            sent.append(message)
            if number == 100:
                synchronous_jack_server.disconnect("two:out", "belabridge:bb")
            await asyncio.sleep(0.001)
        await until(lambda: len(one.got) >= len(sent), LATE_S)
        assert one.got == sent
    for each in two:
        each.close()


ODD = b"Clavier \xe9tude"


async def test_a_port_with_a_name_in_another_encoding_is_one_like_the_others(synchronous_jack_server, peer):
    async with hosted([MidiPort("peer:out")]) as one:
        gone = [
            peer.register(ODD),
            peer.register(ODD + b" 2", is_source=False),
            peer.register(b"sound " + ODD, b"32 bit float mono audio"),
            peer.register(b"plain", alias=b"alsa:" + ODD),
        ]
        host = one.host
        await until(
            lambda: [p.name for p in host.ports.ins if "tude" in p.name] == ["peer:Clavier étude"], LATE_S
        )
        await until(lambda: {p.name for p in host.ports.outs} == {"peer:in", "peer:Clavier étude 2"}, LATE_S)
        await until(lambda: any(p.also == ("alsa:Clavier étude",) for p in host.ports.ins), LATE_S)
        host.want([MidiPort("peer:out"), MidiPort("clavier étude")], [MidiPort("étude 2")])
        await one.opened(2, 1)
        peer.send(b"\xb0\x01\x02")
        await until(lambda: one.got)
        ports = await list_ports()
        assert "peer:Clavier étude" in [port.name for port in ports.ins]
        for back in gone:
            back()
        await one.opened(1, 0)
        assert one.host.restarts == 0


async def test_what_our_ports_are_called_depends_only_on_the_config(synchronous_jack_server, peer):
    both = ["belabridge:bb in", "belabridge:bb out"]
    async with hosted([OURS], [OURS]) as one:
        assert own(synchronous_jack_server) == both
        one.host.want([], [OURS])
        await until(lambda: own(synchronous_jack_server) == ["belabridge:bb"], LATE_S)
        synchronous_jack_server.connect("belabridge:bb", "peer:in")
        one.host.want([OURS], [OURS])
        await until(lambda: own(synchronous_jack_server) == both, LATE_S)
        await one.opened(1, 1)
        assert one.host.send("bb", b"\xf8")
        await until(lambda: peer.got)  # the connection has stayed
        one.host.want([OURS], [])
        await until(lambda: own(synchronous_jack_server) == ["belabridge:bb"], LATE_S)
