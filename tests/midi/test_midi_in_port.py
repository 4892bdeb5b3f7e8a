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
    ends = pressed(*events).lifted()
    assert [(end.channel, end.number, end.on) for end in ends] == [(*key, False) for key in lifted]


@pytest.mark.parametrize(
    ("event", "lifted"),
    [
        (b"\xb0\x7b\x00", [60, 64]),  # all notes off
        (b"\xb0\x78\x00", [60, 64]),  # all sound off
        (b"\xb0\x7c\x00", [60, 64]),  # omni off, which ends notes too
        (b"\xb0\x7f\x00", [60, 64]),  # poly
        (b"\xb0\x79\x00", []),  # reset all controllers
        (b"\xb0\x7a\x00", []),  # local control
        (b"\xb1\x7b\x00", [62]),  # of its own channel
        (b"\xb2\x7b\x00", []),
    ],
)
def test_all_notes_off_lifts_the_keys_of_its_channel(event, lifted):
    port = pressed(b"\x90\x3c\x40", b"\x90\x40\x40", b"\x91\x3e\x40")
    heard = port.hear(event, 1.0, 1.0)
    assert heard[0].kind is Kind.CC
    assert [(end.number, end.on) for end in heard[1:]] == [(note, False) for note in lifted]
    assert port.hear(event, 2.0, 2.0) == heard[:1]


def test_all_notes_off_leaves_running_status_alone():
    port = pressed(b"\x90\x3c\x40")
    port.hear(b"\xb0\x7b\x00", 1.0, 1.0)
    (heard,) = port.hear(b"\x07\x40", 1.0, 1.0)
    assert (heard.kind, heard.number) == (Kind.CC, 7)
