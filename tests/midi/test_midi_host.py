"""The ports' process on a real JACK server: both ways, ports that come and go, and all that can die."""

import asyncio
import logging
import os
import signal
import time
from contextlib import asynccontextmanager

import pytest

from belabridge.errors import MidiUnavailable
from belabridge.midi.host import SILENT_S, PortHost, State, list_ports
from belabridge.rules import MidiPort
from belabridge.tally import Tally
from jackd import Peer
from processes import wait_for
from waiting import until

LATE_S = 20.0


class Hosted:
    def __init__(self):
        self.tally = Tally()
        self.got = []
        self.changes = 0
        self.host = PortHost(self.tally, self._heard, self._changed)

    def _heard(self, port, message, at):
        self.got.append((port, message, at))

    def _changed(self):
        self.changes += 1

    @property
    def messages(self):
        return [message for _, message, _ in self.got]

    async def opened(self, ins=1, outs=1):
        host = self.host
        await until(lambda: (len(host.open_ins), len(host.open_outs)) == (ins, outs), LATE_S)


@asynccontextmanager
async def hosted(ins=(), outs=()):
    one = Hosted()
    one.host.want(ins, outs)
    one.host.start()
    try:
        yield one
    finally:
        await one.host.stop()


def numbered(count):
    return [bytes((0xB0 | i >> 14, i >> 7 & 0x7F, i & 0x7F)) for i in range(count)]


PEER_IN, PEER_OUT = MidiPort("peer:out"), MidiPort("peer:in")  # what a port is called is seen from outside


async def test_messages_pass_both_ways(peer):
    async with hosted([PEER_IN], [PEER_OUT]) as one:
        await one.opened()
        peer.send(b"\x90\x40\x64")
        assert one.host.send("peer:in", b"\x80\x40\x00")
        await until(lambda: one.got and peer.got)
    (port, message, at) = one.got[0]
    assert (port.wish, port.name, port.virtual, message) == ("peer:out", "peer:out", False, b"\x90\x40\x64")
    assert abs(at - time.monotonic()) < LATE_S
    assert peer.messages == [b"\x80\x40\x00"]


@pytest.mark.parametrize("size", [6, 2000, 16000])
async def test_sysex_passes_whole_both_ways(peer, size):
    message = b"\xf0" + bytes(i % 128 for i in range(size - 2)) + b"\xf7"
    async with hosted([PEER_IN], [PEER_OUT]) as one:
        await one.opened()
        peer.send(message)
        one.host.send("peer:in", message)
        await until(lambda: one.got and peer.got)
    assert one.messages == peer.messages == [message]


async def test_a_message_that_never_fits_is_no_plug(peer):
    async with hosted([], [PEER_OUT]) as one:
        await one.opened(0, 1)
        one.host.send("peer:in", b"\xf0" + bytes(200_000) + b"\xf7")
        one.host.send("peer:in", b"\xf8")
        await until(lambda: b"\xf8" in peer.messages)
    assert peer.messages == [b"\xf8"]


async def test_virtual_ports_are_there_for_others_to_connect_to(synchronous_jack_server, peer):
    ours = MidiPort("my bridge", virtual=True)
    async with hosted([ours], [ours]) as one:
        await one.opened()
        names = synchronous_jack_server.ports()
        assert {"belabridge:my bridge in", "belabridge:my bridge out"} <= set(names)
        synchronous_jack_server.connect("peer:out", "belabridge:my bridge in")
        synchronous_jack_server.connect("belabridge:my bridge out", "peer:in")
        peer.send(b"\xb0\x01\x02")
        one.host.send("my bridge", b"\xb0\x03\x04")
        await until(lambda: one.got and peer.got)
        assert one.messages == [b"\xb0\x01\x02"]
        assert peer.messages == [b"\xb0\x03\x04"]
        assert [port.name for port in one.host.ports.ins] == ["peer:out"]  # without our own
    assert not [name for name in synchronous_jack_server.ports() if name.startswith("belabridge")]


async def test_a_port_that_comes_later_and_comes_back_works_by_itself(synchronous_jack_server):
    async with hosted([PEER_IN], [PEER_OUT]) as one:
        await until(lambda: one.host.state is State.RUNNING, LATE_S)
        for turn in range(2):
            device = Peer(synchronous_jack_server)
            await one.opened()
            device.send(bytes((0xB0, 1, turn)))
            one.host.send("peer:in", bytes((0xB0, 2, turn)))
            await until(lambda: len(one.got) > turn and device.got)  # noqa: B023  # it is awaited here
            assert device.messages == [bytes((0xB0, 2, turn))]
            device.close()
            await one.opened(0, 0)
    assert one.messages == [b"\xb0\x01\x00", b"\xb0\x01\x01"]
    assert one.host.restarts == 0


async def test_a_port_that_is_back_before_anybody_looked_is_connected_anew(jack_server):
    device = Peer(jack_server)
    async with hosted([PEER_IN], [PEER_OUT]) as one:
        await one.opened()
        before = set(one.host.open_ins)
        os.kill(one.host.pid, signal.SIGSTOP)
        device.close()
        device = Peer(jack_server)
        os.kill(one.host.pid, signal.SIGCONT)
        await until(lambda: one.host.open_ins and not before & set(one.host.open_ins), LATE_S)
        await until(lambda: device.send(b"\xb0\x01\x02") or one.got, LATE_S)  # this server may lose one
        device.close()
    assert one.host.restarts == 0


async def test_a_pattern_opens_all_that_match_and_says_which_one_spoke(synchronous_jack_server):
    two = [Peer(synchronous_jack_server, "knob a"), Peer(synchronous_jack_server, "knob b")]
    try:
        async with hosted([MidiPort("knobs", "^KNOB .:out$")], [MidiPort("rings", "^knob .:in$")]) as one:
            await one.opened(2, 2)
            for number, each in enumerate(two):
                each.send(bytes((0xB0, 1, number)))
            one.host.send("rings", b"\xb0\x02\x03")
            await until(lambda: len(one.got) == 2 and all(each.got for each in two))
            heard = {(port.wish, port.name, message[2]) for port, message, _ in one.got}
            assert heard == {("knobs", "knob a:out", 0), ("knobs", "knob b:out", 1)}
    finally:
        for each in two:
            each.close()


async def test_one_port_of_several_is_sent_to(synchronous_jack_server):
    two = [Peer(synchronous_jack_server, "knob a"), Peer(synchronous_jack_server, "knob b")]
    try:
        async with hosted([], [MidiPort("rings", "^knob .:in$")]) as one:
            await one.opened(0, 2)
            ids = {port.name: port.id for port in one.host.open_outs.values()}
            assert one.host.send_to(ids["knob a:in"], b"\x90\x01\x40")
            assert one.host.send_to(ids["knob b:in"], b"\x90\x02\x40")
            assert not one.host.send_to(max(ids.values()) + 1, b"\xf8")
            await until(lambda: [each.messages for each in two] == [[b"\x90\x01\x40"], [b"\x90\x02\x40"]])
        # the process itself ends what sounds, each note where it does
        await until(lambda: [each.messages[1:] for each in two] == [[b"\x80\x01\x40"], [b"\x80\x02\x40"]])
    finally:
        for each in two:
            each.close()


async def test_other_wishes_touch_only_what_differs(synchronous_jack_server):
    peer = Peer(synchronous_jack_server)
    async with hosted([PEER_IN], [PEER_OUT]) as one:
        await one.opened()
        before = dict(one.host.open_ins)
        one.host.send("peer:in", b"\x80\x01\x00")  # a note-off on the way out of an old config
        one.host.want([MidiPort("peer:out", limit_bytes_s=3.0)], [MidiPort("other", virtual=True)])
        await until(lambda: [port.wish for port in one.host.open_outs.values()] == ["other"])
        assert one.host.open_ins == before
        await until(lambda: peer.messages == [b"\x80\x01\x00"])
        assert not one.host.send("peer:in", b"\x80\x01\x00")
    peer.close()


@pytest.mark.parametrize("rate_hz", [1000])
async def test_ten_seconds_of_a_thousand_messages_a_second_arrive_whole_and_in_order(
    synchronous_jack_server, rate_hz
):
    """Both ways at the same time, at period 1024."""
    peer = Peer(synchronous_jack_server)
    messages = numbered(10 * rate_hz)
    async with hosted([PEER_IN], [PEER_OUT]) as one:
        await one.opened()
        loop = asyncio.get_running_loop()
        begin, sent = loop.time(), 0
        while sent < len(messages):
            due = min(len(messages), int((loop.time() - begin) * rate_hz))
            for message in messages[sent:due]:
                peer.send(message)
                assert one.host.send("peer:in", message)
            sent = due
            await asyncio.sleep(0.001)
        await until(lambda: len(one.got) >= len(messages) and len(peer.got) >= len(messages))
    peer.close()
    assert one.messages == messages
    assert peer.messages == messages
    assert not one.tally.counts
    times = [at for _, _, at in one.got]
    assert times == sorted(times)


async def test_a_flood_is_bounded_counted_and_said_once(peer, caplog):
    async with hosted([], [PEER_OUT]) as one:
        await one.opened(0, 1)
        os.kill(one.host.pid, signal.SIGSTOP)
        sent = sum(one.host.send("peer:in", b"\xf0" + bytes(1000) + b"\xf7") for _ in range(5000))
        assert sent < 5000
        assert one.tally.counts["midi.overrun"] == 5000 - sent
        os.kill(one.host.pid, signal.SIGCONT)
        await until(lambda: len(peer.got) == sent, LATE_S)
    assert [r.levelno for r in caplog.records if "thrown away" in r.message] == [logging.WARNING]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
async def test_a_process_that_dies_or_hangs_is_replaced(free_peer, number, caplog):
    async with hosted([PEER_IN], [PEER_OUT]) as one:
        await one.opened()
        pid = one.host.pid
        os.kill(pid, number)
        await until(lambda: one.host.pid not in {None, pid}, SILENT_S + LATE_S)
        await one.opened()

        def passes():  # again and again: this server may lose a message of a busy machine
            free_peer.send(b"\xb0\x01\x02")
            return one.host.send("peer:in", b"\xb0\x03\x04") and one.got and free_peer.got

        await until(passes, LATE_S)
        wait_for(lambda: not alive(pid))
        assert one.host.restarts == 1
        assert one.host.state is State.RUNNING
    assert [r.levelno for r in caplog.records if "lost" in r.message] == [logging.WARNING]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Pauses:
    """The longest time that the loop did not turn."""

    def __init__(self):
        self.longest_s = 0.0

    async def __aenter__(self):
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()

    async def _watch(self):
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(0.001)
            self.longest_s, last = max(self.longest_s, loop.time() - last), loop.time()


async def test_a_jack_server_that_is_killed_under_load_and_comes_back_stops_nobody(jack_server):
    device = Peer(jack_server)
    async with hosted([PEER_IN], [PEER_OUT]) as one, Pauses() as pauses:
        await one.opened()

        async def load():
            while True:
                for i in range(20):
                    one.host.send("peer:in", bytes((0xB0, 1, i)))
                await asyncio.sleep(0.01)

        load = asyncio.create_task(load())
        for _ in range(2):
            got = device.got
            await until(lambda: len(got) > 100, LATE_S)  # noqa: B023  # it is awaited here
            await asyncio.to_thread(jack_server.kill)
            await one.opened(0, 0)
            await asyncio.to_thread(device.client.close)
            await asyncio.to_thread(jack_server.start)
            device = await asyncio.to_thread(Peer, jack_server)
            await one.opened()
            one.got.clear()

            def heard():
                device.send(b"\xb0\x05\x06")  # noqa: B023  # it is awaited here
                return b"\xb0\x05\x06" in one.messages

            await until(heard, LATE_S)
        load.cancel()
    device.close()
    assert pauses.longest_s < 0.1


async def test_a_jack_server_that_is_frozen_stops_nobody(jack_server):
    device = Peer(jack_server)
    async with hosted([PEER_IN], [PEER_OUT]) as one, Pauses() as pauses:
        await one.opened()
        jack_server._running.send(signal.SIGSTOP)
        for i in range(20_000):  # far more than any queue of a library takes
            one.host.send("peer:in", bytes((0xB0, i >> 7 & 0x7F, i & 0x7F)))
            if not i % 100:
                await asyncio.sleep(0.001)
        jack_server._running.send(signal.SIGCONT)
        await asyncio.to_thread(device.close)  # a server may have parted from it meanwhile, and from us
        device = await asyncio.to_thread(Peer, jack_server)

        def heard():
            device.send(b"\xb0\x05\x06")  # again and again: nobody says when the new port is connected
            return b"\xb0\x05\x06" in one.messages

        await until(heard, LATE_S)
    device.close()
    assert pauses.longest_s < 0.1


async def test_no_backend_is_one_clear_warning_and_a_server_that_comes_is_found(jack_server, caplog):
    jack_server.kill()
    caplog.set_level(logging.INFO, "belabridge")
    ours = MidiPort("b", virtual=True)
    async with hosted([ours], [ours]) as one:
        await until(lambda: one.host.state is State.NO_BACKEND, LATE_S)
        assert [r.levelname for r in caplog.records] == ["WARNING"]
        assert "no JACK server runs" in caplog.text
        with pytest.raises(MidiUnavailable, match="start a JACK server"):
            await list_ports()
        await asyncio.to_thread(jack_server.start)
        await one.opened()
        assert one.host.state is State.RUNNING
    assert [r.levelname for r in caplog.records].count("WARNING") == 1


async def test_the_systems_ports_can_be_listed(peer):
    ports = await list_ports()
    assert [[port.name for port in way] for way in (ports.ins, ports.outs)] == [["peer:out"], ["peer:in"]]


async def test_without_a_wish_there_is_no_process():
    async with hosted() as one:
        assert one.host.pid is None
        assert one.host.state is State.OFF
        assert not one.host.send("x", b"\xf8")
        assert one.host.restarts == 0


async def test_other_belabridge_processes_are_meant_only_by_their_whole_names(synchronous_jack_server):
    ours = MidiPort("belabridge", virtual=True)
    async with hosted([ours], [ours]) as one:
        await one.opened()
        both = MidiPort("all", "")
        async with hosted([both, MidiPort("belabridge:belabridge out")], [ours, both]) as other:
            await other.opened(1, 1)
            assert [port.name for port in other.host.open_ins.values()] == ["belabridge:belabridge out"]
            assert [port.virtual for port in other.host.open_outs.values()] == [True]
            assert (other.host.ports.ins, other.host.ports.outs) == ((), ())
            assert {port.name for port in other.host.ports.own_ins} == {"belabridge:belabridge out"}
            assert {port.name for port in other.host.ports.own_outs} == {"belabridge:belabridge in"}
            assert one.host.send("belabridge", b"\xf8")
            await until(lambda: other.got)


async def test_the_port_that_is_called_so_takes_the_place_of_one_that_has_it_as_a_part(
    synchronous_jack_server,
):
    """A device that was away comes back beside another whose name has its own as a part."""
    wishes = [MidiPort("korg:out")], [MidiPort("korg:in")]
    part = Peer(synchronous_jack_server, "my korg")
    try:
        async with hosted(*wishes) as one:
            await one.opened()
            assert one.host.send("korg:in", b"\x90\x40\x64")
            await until(lambda: part.got)
            device = Peer(synchronous_jack_server, "korg")
            await until(lambda: {port.name for port in one.host.open_ins.values()} == {"korg:out"}, LATE_S)
            await until(lambda: {port.name for port in one.host.open_outs.values()} == {"korg:in"}, LATE_S)
            await until(lambda: part.messages == [b"\x90\x40\x64", b"\x80\x40\x40"])  # no note stays behind
            device.send(b"\xb0\x01\x02")
            await until(lambda: one.messages == [b"\xb0\x01\x02"])
            device.close()
            await until(lambda: {port.name for port in one.host.open_ins.values()} == {"my korg:out"}, LATE_S)
    finally:
        part.close()


async def test_a_port_is_found_and_listed_by_its_alias(peer):
    peer.alias("out", "nanoKONTROL2-24:midi/capture_1")
    async with hosted([MidiPort("nanokontrol2")]) as one:
        await one.opened(1, 0)
        (port,) = one.host.open_ins.values()
        assert (port.name, port.also) == ("peer:out", ("nanoKONTROL2-24:midi/capture_1",))
    (listed,) = (await list_ports()).ins
    assert listed.names == ("peer:out", "nanoKONTROL2-24:midi/capture_1")


async def test_a_port_that_is_missing_or_goes_is_said_once_and_when_it_is_there_again(jack_server, caplog):
    caplog.set_level(logging.INFO, "belabridge.midi")
    korg = Peer(jack_server, "nanoKONTROL2")

    def said(level):
        return [record.message for record in caplog.records if record.levelname == level]

    async with hosted([MidiPort("nanoKONTRL2"), MidiPort("pads")], [MidiPort("nanoKONTROL2")]) as one:
        await one.opened(0, 1)
        await until(lambda: len(said("WARNING")) == 2)
        assert said("WARNING") == [
            f"no MIDI in port has {name} in its name, which is opened when it comes: {what}"
            for name, what in (
                ("nanoKONTRL2", "is nanoKONTROL2:out meant?"),
                ("pads", "there are nanoKONTROL2:out"),
            )
        ]
        korg.close()
        await until(lambda: len(said("WARNING")) == 3)
        assert (
            said("WARNING")[2] == "MIDI out port nanoKONTROL2:in is gone: it is opened again when it is back"
        )
        korg = Peer(jack_server, "nanoKONTROL2")
        await one.opened(0, 1)
        pads = Peer(jack_server, "pads")
        await one.opened(1, 1)
        assert len(said("WARNING")) == 3
        assert said("INFO").count("MIDI port nanoKONTROL2:in is open") == 2
        assert said("INFO").count("MIDI port pads:out is open") == 1
    pads.close()
    korg.close()
