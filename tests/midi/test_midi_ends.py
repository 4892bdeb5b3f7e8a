"""MIDI rules on real ports: touches in, values and notes out, hands, ledgers, reloads."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from belabridge.controls import Control, Kind, MidiOrigin
from belabridge.midi.ends import MidiEnds
from belabridge.rules import InRule, MidiIn, MidiOut, MidiPort, MidiSettings, OutRule, Shape
from belabridge.tally import Tally
from jackd import Peer
from processes import Running, wait_for
from waiting import until

LATE_S = 20.0
PAD = MidiPort("peer:", None)  # a part of both directions' names: the device's own name in a config
SETTINGS = MidiSettings(ins=(PAD,), outs=(PAD,), feedback_after_s=0.3)

CUTOFF = InRule(var="cutoff", midi=MidiIn(Control(Kind.CC, 1)))
FINE = InRule(var="fine", midi=MidiIn(Control(Kind.CC14, 2, channel=1)))
KEYS = InRule(midi=MidiIn(Control(Kind.NOTE), pitch_var="note"))
FADER = OutRule("gain", shape=Shape(on_change=True), midi=MidiOut(Control(Kind.CC, 7, channel=1)))
GATE = OutRule("gate", midi=MidiOut(Control(Kind.NOTE, 36, channel=10)))


# What a test sends once must not be lost, also on a busy machine: most tests have a server that waits for its
# clients, and those that stop or kill one have a server that does not.


@pytest.fixture
def steady(synchronous_jack_server):
    return synchronous_jack_server


@pytest.fixture
def peer(steady):
    peer = Peer(steady)
    yield peer
    peer.close()


@pytest.fixture
def free_peer(jack_server):
    peer = Peer(jack_server)
    yield peer
    peer.close()


class Bridged:
    def __init__(self):
        self.tally = Tally()
        self.touches, self.lost = [], []
        self.ended = []
        self.ends = MidiEnds(self.tally, self._heard, self.lost.append, self.ended.append)
        self._tests_see = []

    def _heard(self, index, touch, origin, now):
        assert abs(now - asyncio.get_running_loop().time()) < 1.0
        self.touches.append((index, touch, origin))

    def send(self, rule_index, rule, value, skip=None):
        self.ends.send(rule_index, rule.midi, value, skip, self.now)

    def note(self, rule_index, rule, on, note=36, velocity=100):
        self.ends.note(rule_index, rule.midi, on, note, velocity, None, self.now)

    @property
    def now(self):
        return asyncio.get_running_loop().time()

    async def opened(self, ins=1, outs=1):
        def all_open():
            status = self.ends.status()
            return [sum(len(port["ports"]) for port in status[way]) for way in ("in", "out")] == [ins, outs]

        await until(all_open, LATE_S)


@asynccontextmanager
async def bridged(ins=(), outs=(), settings=SETTINGS):
    one = Bridged()
    one.ends.configure(settings, ins, outs)
    one.ends.start()
    try:
        yield one
    finally:
        await one.ends.stop()


async def test_a_control_touches_the_rules_that_it_concerns(peer):
    async with bridged([CUTOFF, FINE, KEYS]) as one:
        await one.opened()
        peer.send(b"\xb3\x01\x40", b"\x91\x3c\x7f")
        await until(lambda: len(one.touches) == 2)
    (cutoff, keys) = one.touches
    assert (cutoff[0], cutoff[1].value, cutoff[1].channel) == (0, 0.5, 4)
    assert cutoff[2] == MidiOrigin("peer:", Kind.CC, 4, 1, device=1)
    assert (keys[0], keys[1].note, keys[1].on, keys[1].value) == (2, 60, True, 1.0)


async def test_a_lone_half_of_14_bits_is_heard_after_a_wait(peer):
    async with bridged([FINE]) as one:
        await one.opened()
        peer.send(b"\xb0\x02\x40")
        await until(lambda: one.touches)
        assert one.touches[0][1].value == 0.5


async def test_a_value_and_a_note_go_out(peer):
    async with bridged([], [FADER, GATE]) as one:
        await one.opened()
        one.send(0, FADER, 0.5)
        one.note(1, GATE, on=True)
        one.note(1, GATE, on=False)
        await until(lambda: len(peer.got) == 3)
        assert peer.messages == [b"\xb0\x07\x40", b"\x99\x24\x64", b"\x89\x24\x40"]  # in that order


async def test_a_motor_waits_for_the_hand_and_is_told_the_truth_once(peer):
    volume = InRule(var="gain", midi=MidiIn(Control(Kind.CC, 7, channel=1)))
    motor = replace(FADER, feedback=True)
    async with bridged([volume], [motor]) as one:
        await one.opened()
        peer.send(b"\xb0\x07\x20")
        await until(lambda: one.touches)
        one.send(0, motor, 0.25, skip=one.touches[0][2])  # what the touch itself has set
        one.send(0, motor, 0.5)
        one.send(0, motor, 1.0)  # set elsewhere while the hand is there
        await until(lambda: peer.got)
        assert peer.messages == [b"\xb0\x07\x7f"]


async def test_a_motor_of_a_device_with_two_names_waits_too(peer):
    volume = InRule(var="gain", midi=MidiIn(Control(Kind.CC, 7, channel=1)))
    motor = replace(FADER, feedback=True)
    settings = replace(SETTINGS, ins=(MidiPort("peer:out"),), outs=(MidiPort("peer:in"),))
    async with bridged([volume], [motor], settings) as one:
        await one.opened()
        peer.send(b"\xb0\x07\x20")
        await until(lambda: one.touches)
        one.send(0, motor, 0.25, skip=one.touches[0][2])
        one.send(0, motor, 1.0)
        await until(lambda: peer.got)
        assert peer.messages == [b"\xb0\x07\x7f"]


async def test_a_device_that_comes_back_is_told_everything(steady):
    device = Peer(steady)
    async with bridged([CUTOFF], [FADER, GATE]) as one:
        await one.opened()
        one.send(0, FADER, 0.5)
        one.note(1, GATE, on=True)
        await until(lambda: len(device.got) == 2)
        device.close()
        await one.opened(0, 0)
        await until(lambda: one.lost == ["peer:"])
        one.send(0, FADER, 1.0)  # while it was away
        device = Peer(steady)
        await until(lambda: b"\xb0\x07\x7f" in device.messages)
        assert b"\x89\x24\x40" in device.messages  # what was cut off may sound in it still
        device.close()


async def test_a_killed_process_is_one_gap_after_which_all_is_told_again(free_peer):
    async with bridged([], [FADER, GATE]) as one:
        await one.opened()
        one.send(0, FADER, 0.5)
        one.note(1, GATE, on=True)
        await until(lambda: len(free_peer.got) >= 2)
        os.kill(one.ends._host.pid, signal.SIGKILL)
        await one.opened(0, 0)
        await one.opened()
        # a server may play the last cycle of a killed client twice: what comes at the end counts
        await until(lambda: set(free_peer.messages[-2:]) == {b"\x89\x24\x40", b"\xb0\x07\x40"})


@pytest.mark.parametrize("end", ["stop", "silence", "board lost", "reload"])
async def test_whatever_sounds_is_ended(peer, end):
    async with bridged([], [GATE]) as one:
        await one.opened()
        one.note(0, GATE, on=True)
        await until(lambda: peer.got)
        if end == "silence":
            one.ends.silence(one.now)
        elif end == "board lost":
            one.ends.board_lost(one.now)
        elif end == "reload":
            one.ends.configure(SETTINGS, [], [])
        else:
            await one.ends.stop()
        await until(lambda: len(peer.got) == 3)
        assert peer.messages[1:] == [b"\x89\x24\x40", b"\xb9\x7b\x00"]


PLAYS_ON = """
import asyncio
from belabridge.midi.host import PortHost
from belabridge.rules import MidiPort
from belabridge.tally import Tally

async def play():
    host = PortHost(Tally(), print)
    host.want([], [MidiPort("peer:in")])
    host.start()
    while not host.send("peer:in", bytes((0x99, 36, 100))) or not host.open_outs:
        await asyncio.sleep(0.01)
    await asyncio.sleep(1000)

asyncio.run(play())
"""


def test_what_sounds_is_ended_even_when_the_daemon_is_killed(free_peer):
    daemon = Running(sys.executable, "-c", PLAYS_ON)
    try:
        wait_for(lambda: free_peer.got)
    finally:
        daemon.kill()
    wait_for(lambda: free_peer.messages[-1] == b"\x89\x24\x40")


async def test_a_lost_board_may_sound_on(peer):
    async with bridged([], [GATE, FADER], replace(SETTINGS, silence_on_board_loss=False)) as one:
        await one.opened()
        one.note(0, GATE, on=True)
        one.ends.board_lost(one.now)
        one.send(1, FADER, 0.5)
        await until(lambda: len(peer.got) == 2)
        assert peer.messages == [b"\x99\x24\x64", b"\xb0\x07\x40"]


async def test_panic_reaches_every_channel(peer):
    async with bridged([], [GATE]) as one:
        await one.opened()
        one.ends.panic(one.now)
        await until(lambda: {bytes((0xB0 | channel, 123, 0)) for channel in range(16)} <= set(peer.messages))


async def test_a_reload_with_the_same_rules_ends_nothing_and_tells_again(peer):
    async with bridged([CUTOFF], [FADER, GATE]) as one:
        await one.opened()
        one.note(1, GATE, on=True)
        one.send(0, FADER, 0.5)
        await until(lambda: len(peer.got) == 2)
        one.ends.configure(SETTINGS, [CUTOFF], [FADER, GATE])
        one.note(1, GATE, on=False)
        await until(lambda: len(peer.got) == 4)
        assert peer.messages[2:] == [b"\xb0\x07\x40", b"\x89\x24\x40"]
        assert one.lost == []


async def test_a_reload_with_other_rules_takes_them_and_tells_again(peer):
    async with bridged([CUTOFF], [FADER]) as one:
        await one.opened()
        one.send(0, FADER, 0.5)
        await until(lambda: peer.got)
        one.ends.configure(SETTINGS, [KEYS, CUTOFF, FINE], [FADER])
        await until(lambda: len(peer.got) == 2)
        assert peer.messages == [b"\xb0\x07\x40"] * 2
        peer.send(b"\xb0\x01\x00")
        await until(lambda: one.touches)
        assert one.touches[0][0] == 1


async def test_only_the_ports_that_a_rule_names_get_it(steady):
    a, b = Peer(steady, "a"), Peer(steady, "b")
    ports = (MidiPort("a:"), MidiPort("b:"))
    to_a = replace(FADER, midi=replace(FADER.midi, to=("a:",)))
    try:
        async with bridged([], [FADER, to_a], MidiSettings(outs=ports)) as one:
            await one.opened(0, 2)
            one.send(1, to_a, 1.0)
            one.send(0, FADER, 0.0)
            await until(lambda: a.got and b.got)
            await until(lambda: a.messages[-1] == b"\xb0\x07\x00")
            assert b.messages == [b"\xb0\x07\x00"]
    finally:
        a.close()
        b.close()


async def test_a_limited_port_gets_the_latest_value_and_every_note(peer):
    slow = MidiSettings(outs=(replace(PAD, limit_bytes_s=300.0),))
    async with bridged([], [FADER, GATE], slow) as one:
        await one.opened(0, 1)
        for i in range(1001):
            one.send(0, FADER, i / 1000)
            if i in {200, 800}:
                one.note(1, GATE, on=i == 200)
                await asyncio.sleep(0)
        await until(lambda: b"\xb0\x07\x7f" in peer.messages)
        assert {b"\x99\x24\x64", b"\x89\x24\x40"} <= set(peer.messages)
        assert len(peer.got) < 100
        assert one.ends.status()["out"][0]["superseded"] > 0


async def test_messages_that_were_thrown_away_are_told_again_later(free_peer):
    async with bridged([], [FADER]) as one:
        await one.opened()
        os.kill(one.ends._host.pid, signal.SIGSTOP)
        shout = OutRule("x", midi=MidiOut(Control(Kind.SYSEX, template=(0xF0, *[1] * 1000, 0xF7))))
        one.ends.configure(SETTINGS, [], [FADER, shout])
        for _ in range(1000):
            one.send(1, shout, 1.0)
        one.send(0, FADER, 0.5)  # among those that find no room
        assert one.tally.counts["midi.overrun"] > 0
        os.kill(one.ends._host.pid, signal.SIGCONT)
        await until(lambda: b"\xb0\x07\x40" in free_peer.messages, LATE_S)
        assert one.ends.status()["restarts"] == 0


async def test_the_status_is_plain(peer):
    async with bridged([CUTOFF], [FADER]) as one:
        await one.opened()
        one.send(0, FADER, 0.5)
        peer.send(b"\xb0\x01\x00")
        await until(lambda: one.touches and peer.got)
        status = one.ends.status()
    assert status["state"] == "running"
    assert status["backends"]["jack"] == "open"
    assert status["in"] == [{"name": "peer:", "ports": ["peer:out"], "messages": 1}]
    assert status["out"] == [
        {"name": "peer:", "ports": ["peer:in"], "virtual": False, "messages": 1, "superseded": 0}
    ]


async def test_without_ports_everything_may_be_called(peer):
    async with bridged([CUTOFF], [FADER, GATE], MidiSettings()) as one:
        one.send(0, FADER, 0.5)
        one.note(1, GATE, on=True)
        one.ends.silence(one.now)
        one.ends.panic(one.now)
        one.ends.refresh(one.now)
        assert one.ends.status()["state"] == "off"
        one.ends.configure(SETTINGS, [CUTOFF], [FADER, GATE])  # a reload brings the ports
        await one.opened()
        one.send(0, FADER, 1.0)
        await until(lambda: b"\xb0\x07\x7f" in peer.messages)
        one.ends.configure(MidiSettings(), [], [])
        await one.opened(0, 0)


async def test_keys_of_a_device_that_went_are_lifted_while_another_of_its_wish_stays(steady):
    two = [Peer(steady, "key a"), Peer(steady, "key b")]
    try:
        async with bridged([KEYS], [], MidiSettings(ins=(MidiPort("keys", "^key"),))) as one:
            await one.opened(2, 0)
            two[0].send(b"\x90\x3c\x7f", b"\x90\x3e\x7f", b"\x90\x40\x7f", b"\x80\x40\x00")
            two[1].send(b"\x90\x3e\x7f")
            await until(lambda: len(one.touches) == 5)
            two.pop(0).close()
            await until(lambda: len(one.touches) == 7)
            first, *_ = [origin.device for _, touch, origin in one.touches if touch.note == 60]
            lifted = [(touch.note, touch.on, origin.device) for _, touch, origin in one.touches[5:]]
            assert lifted == [(60, False, first), (62, False, first)]  # and the other's 62 is another key
            assert one.lost == []
    finally:
        for each in two:
            each.close()


@pytest.mark.parametrize(
    "ports",
    [
        (MidiPort("peer:out"), MidiPort("peer:in")),
        (MidiPort("/peer/", "peer"), MidiPort("peer")),
    ],
)
async def test_a_value_does_not_go_back_to_the_hand_by_another_name_of_its_device(peer, ports):
    volume = InRule(var="gain", midi=MidiIn(Control(Kind.CC, 7, channel=1)))
    settings = replace(SETTINGS, ins=ports[:1], outs=ports[1:])
    async with bridged([volume], [FADER, GATE], settings) as one:
        await one.opened()
        peer.send(b"\xb0\x07\x20")
        await until(lambda: one.touches)
        one.send(0, FADER, 0.25, skip=one.touches[0][2])
        one.note(1, GATE, on=True)
        await until(lambda: peer.got)
        assert peer.messages == [b"\x99\x24\x64"]


async def test_one_of_several_devices_does_not_keep_a_value_from_another(steady):
    a, b = Peer(steady, "knob a"), Peer(steady, "knob b")
    volume = InRule(var="gain", midi=MidiIn(Control(Kind.CC, 7, channel=1)))
    settings = MidiSettings(ins=(MidiPort("/knob/", "knob"),), outs=(MidiPort("knob a"),))
    try:
        async with bridged([volume], [FADER], settings) as one:
            await one.opened(2, 1)
            b.send(b"\xb0\x07\x20")
            await until(lambda: one.touches)
            one.send(0, FADER, 0.25, skip=one.touches[0][2])
            await until(lambda: a.messages == [b"\xb0\x07\x20"])
    finally:
        a.close()
        b.close()


async def test_what_a_port_may_have_missed_is_ended_and_what_is_open_begins_anew(free_peer):
    """A note-off went to a process that died before JACK had it: nobody else knows of the note."""
    async with bridged([], [FADER, GATE]) as one:
        await one.opened()
        one.note(1, GATE, on=True)
        await until(lambda: free_peer.got)
        before = len(one.ended)
        os.kill(one.ends._host.pid, signal.SIGSTOP)
        one.note(1, GATE, on=False)
        await until(lambda: not one.ends._host._collected)
        os.kill(one.ends._host.pid, signal.SIGKILL)
        await one.opened(0, 0)
        await one.opened()
        await until(lambda: free_peer.messages[-1] == b"\x89\x24\x40")
        assert one.ended[before:] == [frozenset({0, 1})]


async def test_notes_are_kept_where_other_messages_are_thrown_away(free_peer):
    async with bridged([], [GATE]) as one:
        await one.opened()
        os.kill(one.ends._host.pid, signal.SIGSTOP)
        shout = OutRule("x", midi=MidiOut(Control(Kind.SYSEX, template=(0xF0, *[1] * 1000, 0xF7))))
        one.ends.configure(SETTINGS, [], [GATE, shout])
        for _ in range(1000):
            one.send(1, shout, 1.0)
        lost = one.tally.counts["midi.overrun"]
        one.note(0, GATE, on=True)
        one.note(0, GATE, on=False)
        assert lost == one.tally.counts["midi.overrun"] > 0
        assert one.ends.status()["out"][0]["messages"] == 1002 - lost
        os.kill(one.ends._host.pid, signal.SIGCONT)
        await until(
            lambda: [m for m in free_peer.messages if m[0] < 0xA0][:2] == [b"\x99\x24\x64", b"\x89\x24\x40"]
        )


async def test_a_reload_lets_go_of_the_keys_of_names_that_are_gone(peer):
    async with bridged([KEYS], [], MidiSettings(ins=(PAD, MidiPort("zzz")))) as one:
        await one.opened(1, 0)
        peer.send(b"\x90\x3c\x7f")
        await until(lambda: one.touches)
        one.ends.configure(MidiSettings(ins=(MidiPort("/peer/", "peer"), MidiPort("zzz"))), [KEYS], [])
        assert one.lost == ["peer:"]
        await one.opened(1, 0)  # by its new name
        peer.send(b"\x80\x3c\x40")
        await until(lambda: len(one.touches) == 2)
        assert one.touches[1][2].port == "/peer/"


async def test_all_notes_off_is_heard_as_keys_that_are_let_go(peer):
    async with bridged([KEYS]) as one:
        await one.opened()
        peer.send(b"\x90\x3c\x7f", b"\xb0\x7b\x00")
        await until(lambda: len(one.touches) == 2)
        assert (one.touches[1][1].note, one.touches[1][1].on) == (60, False)


KNOBS = MidiPort("/knob/", "knob")


async def test_another_device_of_a_pattern_is_told_everything_and_the_first_nothing(steady):
    lamp = replace(GATE, midi=MidiOut(Control(Kind.NOTE, 5, channel=1)), feedback=True)
    first = Peer(steady, "knob a")
    second = None
    try:
        async with bridged([], [FADER, GATE, lamp], MidiSettings(outs=(KNOBS,))) as one:
            await one.opened(0, 1)

            def play(indices):
                assert indices == {0, 1, 2}
                one.note(1, GATE, on=True)
                one.note(2, lamp, on=True, note=5, velocity=127)

            one.ends._ended = play  # what a plan does with gates that are open
            one.send(0, FADER, 0.5)
            play({0, 1, 2})
            await until(lambda: len(first.got) == 3)
            second = Peer(steady, "knob b")
            await one.opened(0, 2)
            await until(lambda: len(second.got) == 3)
            assert set(second.messages) == {b"\xb0\x07\x40", b"\x90\x05\x7f", b"\x99\x24\x64"}
            one.note(1, GATE, on=False)
            await until(lambda: first.messages[3:] == second.messages[3:] == [b"\x89\x24\x40"])
    finally:
        for peer in filter(None, (first, second)):
            peer.close()


async def test_what_a_hand_does_at_one_device_of_a_pattern_the_others_show_at_once(steady):
    two = [Peer(steady, "knob a"), Peer(steady, "knob b")]
    volume = InRule(var="gain", midi=MidiIn(Control(Kind.CC, 7, channel=1)))
    motor = replace(FADER, feedback=True)
    settings = MidiSettings(ins=(KNOBS,), outs=(KNOBS,), feedback_after_s=3.0)
    try:
        async with bridged([volume], [motor], settings) as one:
            await one.opened(2, 2)
            hand, other = two
            at = one.now
            hand.send(b"\xb0\x07\x20")
            await until(lambda: one.touches)
            one.send(0, motor, 0.25, skip=one.touches[0][2])
            await until(lambda: other.messages == [b"\xb0\x07\x20"])
            one.send(0, motor, 0.5)  # changed elsewhere
            await until(lambda: other.messages[1:] == [b"\xb0\x07\x40"])
            if one.now - at < settings.feedback_after_s:  # else the machine was very slow
                assert hand.got == []
            await until(lambda: hand.messages == [b"\xb0\x07\x40"])
    finally:
        for each in two:
            each.close()


async def test_a_port_that_two_names_mean_is_one(peer):
    names = (MidiPort("peer:"), MidiPort("peer"))
    second = InRule(var="only", midi=MidiIn(Control(Kind.CC, 2, port="peer")))
    async with bridged([CUTOFF, second], [GATE, FADER], MidiSettings(ins=names, outs=names)) as one:
        await one.opened(2, 2)
        peer.send(b"\xb0\x01\x40", b"\xb0\x02\x40", b"\xb0\x01\x41")
        await until(lambda: len(one.touches) >= 3)
        one.note(0, GATE, on=True)
        one.note(0, GATE, on=False)
        one.send(1, FADER, 0.5)
        await until(lambda: b"\xb0\x07\x40" in peer.messages)
        assert sorted(index for index, *_ in one.touches) == [0, 0, 1]
        assert peer.messages == [b"\x99\x24\x64", b"\x89\x24\x40", b"\xb0\x07\x40"]
        one.ends.configure(MidiSettings(ins=names[1:], outs=names[1:]), [CUTOFF, second], [GATE, FADER])
        await one.opened(1, 1)
        await until(lambda: peer.messages[3:][-1:] == [b"\xb0\x07\x40"])  # the second name has it
        peer.send(b"\xb0\x01\x42")
        await until(lambda: len(one.touches) == 4)


async def test_a_port_that_a_reload_names_is_told_what_the_others_were(steady):
    a, b = Peer(steady, "a"), Peer(steady, "b")
    try:
        async with bridged([], [FADER], MidiSettings(outs=(MidiPort("a:"),))) as one:
            await one.opened(0, 1)
            one.send(0, FADER, 0.5)
            await until(lambda: a.got)
            one.ends.configure(MidiSettings(outs=(MidiPort("a:"), MidiPort("b:"))), [], [FADER])
            await until(lambda: b.messages == [b"\xb0\x07\x40"], LATE_S)
    finally:
        a.close()
        b.close()


async def test_a_note_that_lost_its_end_is_ended_also_when_its_port_was_away_meanwhile(steady):
    device = Peer(steady)
    async with bridged([], [GATE]) as one:
        await one.opened()
        one.note(0, GATE, on=True)
        await until(lambda: device.got)
        one.ends._overran("peer:")  # its end is among what was thrown away
        device.close()
        await one.opened(0, 0)
        one.note(0, GATE, on=False)
        await until(lambda: not one.ends._again)
        device = Peer(steady)
        await until(lambda: b"\x89\x24\x40" in device.messages, LATE_S)
        device.close()
