import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from belabridge.midi.codec.parser import Parser
from belabridge.midi.codec.words import in_words


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (Message("control_change", channel=0, control=7, value=64), "channel 1   cc 7 (volume)  64"),
        (Message("control_change", channel=15, control=20, value=0), "channel 16  cc 20  0"),
        (Message("note_on", channel=9, note=36, velocity=100), "channel 10  note 36 (C2) on  velocity 100"),
        (Message("note_on", channel=9, note=36, velocity=0), "channel 10  note 36 (C2) off"),
        (Message("note_off", channel=9, note=61), "channel 10  note 61 (C#4) off"),
        (Message("pitchwheel", pitch=0), "channel 1   bend  8192"),
        (Message("aftertouch", value=3), "channel 1   pressure  3"),
        (Message("polytouch", note=60, value=3), "channel 1   poly_pressure 60 (C4)  3"),
        (Message("program_change", program=3), "channel 1   program  3"),
        (Message("clock"), "clock"),
        (Message("active_sensing"), "active sensing"),
        (Message("songpos", pos=3), "song position  3"),
        (Message("sysex", data=(0x7D, 1)), "sysex  F0 7D 01 F7"),
        (Message("sysex", data=(1,) * 20), f"sysex  F0 {'01 ' * 16}… (20 bytes) F7"),
    ],
)
def test_a_message_in_words(message, line):
    assert in_words(message) == line


@given(st.binary(max_size=60))
def test_every_message_has_its_line(data):
    for message in Parser().feed(data):
        line = in_words(message)
        assert line
        assert line.isprintable()
