"""Keys that are down at a port that goes: all of them are lifted, however they were sent."""

import pytest

from belabridge.controls import Control, Kind
from belabridge.midi.codec.reader import Reader
from belabridge.midi.codec.routes import Routes
from belabridge.midi.in_port import InPort
from belabridge.midi.ports import OpenPort
from belabridge.rules import InRule, MidiIn

KEYS = [InRule(midi=MidiIn(Control(Kind.NOTE), pitch_var="note"))]


def opened(id_=1):
    return InPort(OpenPort(id_, "keys", f"keys {id_}", virtual=False), Reader(Routes(KEYS, "keys")))


def pressed(*events, port=None):
    port = port or opened()
    for event in events:
        port.hear(event, 0.0, 0.0)
    return port


@pytest.mark.parametrize(
    ("events", "lifted"),
    [
        ([b"\x90\x3c\x40"], [(1, 60)]),
        ([b"\x90\xf8\x3c\x40"], [(1, 60)]),  # a clock in the middle of it
        ([b"\x90\x3c\x40\x3e\x40"], [(1, 60), (1, 62)]),  # running status
        ([b"\x93", b"\x3c", b"\x40", b"\x3e\xfe\x40"], [(4, 60), (4, 62)]),
        ([b"\x90\x3c\x40\x3c\x00"], []),
        ([b"\x90\x3c\x40", b"\x80\x3c\xf8\x40"], []),
        ([b"\xf0\x90\x3c\x40"], [(1, 60)]),  # a SysEx that was cut off
        ([b"\x90\x3c"], []),
        ([b"\xa0\x3c\x40", b"\xb0\x3c\x40"], []),
    ],
)
def test_keys_are_lifted_when_their_port_goes(events, lifted):
    ends = pressed(*events).lifted([], 1.0)
    assert [(end.channel, end.number, end.on) for end in ends] == [(*key, False) for key in lifted]


def test_a_key_that_another_port_of_the_wish_holds_stays():
    other = pressed(b"\x90\x3c\x40", port=opened(2))
    ends = pressed(b"\x90\x3c\x40\x3e\x40").lifted([other], 1.0)
    assert [end.number for end in ends] == [62]
