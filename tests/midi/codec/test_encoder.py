import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mido import Message

from belabridge.controls import Control, Kind
from belabridge.errors import UsageError
from belabridge.midi.codec.decoder import Decoder
from belabridge.midi.codec.encoder import IDLE_S, Encoder, level, note_off, note_on, pulse
from belabridge.midi.codec.parser import Parser
from belabridge.midi.codec.routes import Routes
from belabridge.rules import InRule, MidiIn

TEMPLATE = (0xF0, 0x7D, -1, -2, 0xF7)


def written(encoder, control, value, now=0.0):
    raw = level(control, value)
    messages = encoder.messages(control, control.channel or 1, control.number or 0, raw, now)
    return " ".join(message.hex(" ") for message in messages).upper()


@pytest.mark.parametrize(
    ("control", "value", "text"),
    [
        (Control(Kind.CC, 7), 0.0, "B0 07 00"),
        (Control(Kind.CC, 7), 0.5, "B0 07 40"),
        (Control(Kind.CC, 7, 16), 1.0, "BF 07 7F"),
        (Control(Kind.CC14, 1, 2), 0.0, "B1 01 00 B1 21 00"),
        (Control(Kind.CC14, 1, 2), 0.5, "B1 01 40 B1 21 00"),
        (Control(Kind.CC14, 1, 2), 1.0, "B1 01 7F B1 21 7F"),
        (Control(Kind.BEND, None, 3), 0.0, "E2 00 00"),
        (Control(Kind.BEND, None, 3), 0.5, "E2 00 40"),
        (Control(Kind.BEND, None, 3), 1.0, "E2 7F 7F"),
        (Control(Kind.PRESSURE, None, 3), 0.5, "D2 40"),
        (Control(Kind.POLY_PRESSURE, 60, 3), 0.5, "A2 3C 40"),
        (Control(Kind.PROGRAM, None, 3), 12.0, "C2 0C"),
        (Control(Kind.PROGRAM, None, 3), 500.0, "C2 7F"),
        (Control(Kind.PROGRAM, None, 3), -3.0, "C2 00"),
        (Control(Kind.PROGRAM, None, 3), math.nan, "C2 00"),
        (Control(Kind.NRPN, 1024, 1), 0.5, "B0 63 08 B0 62 00 B0 06 40"),
        (Control(Kind.NRPN, 1024, 1, bits=14), 1.0, "B0 63 08 B0 62 00 B0 06 7F B0 26 7F"),
        (Control(Kind.RPN, 1, 1, bits=14), 0.5, "B0 65 00 B0 64 01 B0 06 40 B0 26 00"),
        (Control(Kind.SYSEX, template=TEMPLATE), 0.5, "F0 7D 00 40 F7"),
    ],
)
def test_golden_bytes(control, value, text):
    assert written(Encoder(), control, value) == text


def test_notes_and_pulses():
    assert note_on(10, 36, 100) == bytes.fromhex("99 24 64")
    assert note_off(10, 36) == bytes.fromhex("89 24 40")
    texts = [pulse(kind).hex() for kind in (Kind.CLOCK, Kind.START, Kind.CONTINUE, Kind.STOP)]
    assert texts == ["f8", "fa", "fb", "fc"]


@pytest.mark.parametrize("kind", [Kind.BEAT, Kind.TEMPO, Kind.CLOCK, Kind.START])
def test_what_has_no_level_says_so(kind):
    with pytest.raises(UsageError, match="cannot be sent with a value"):
        level(Control(kind), 0.5)


def test_selectors_are_written_only_when_needed():
    encoder = Encoder()
    one, other = Control(Kind.NRPN, 1), Control(Kind.NRPN, 2)
    assert written(encoder, one, 0.0) == "B0 63 00 B0 62 01 B0 06 00"
    assert written(encoder, one, 1.0) == "B0 06 7F"
    assert written(encoder, other, 0.0) == "B0 63 00 B0 62 02 B0 06 00"
    assert written(encoder, one, 0.0) == "B0 63 00 B0 62 01 B0 06 00"
    # RPN 1 is not NRPN 1, and each channel has its own selection
    assert written(encoder, Control(Kind.RPN, 1), 0.0) == "B0 65 00 B0 64 01 B0 06 00"
    assert written(encoder, Control(Kind.NRPN, 1, 2), 0.0) == "B1 63 00 B1 62 01 B1 06 00"
    assert written(encoder, Control(Kind.RPN, 1), 1.0) == "B0 06 7F"
    encoder.forget()
    assert written(encoder, Control(Kind.RPN, 1), 1.0) == "B0 65 00 B0 64 01 B0 06 7F"


def test_a_selection_that_is_not_used_is_closed_once():
    encoder = Encoder()
    assert encoder.due() is None
    written(encoder, Control(Kind.NRPN, 1), 0.0, now=0.0)
    written(encoder, Control(Kind.RPN, 1, 2), 0.0, now=0.2)
    written(encoder, Control(Kind.NRPN, 1), 1.0, now=0.5)
    assert encoder.due() == 0.2 + IDLE_S
    assert encoder.close(0.2 + IDLE_S - 1e-6) == []
    assert b"".join(encoder.close(0.2 + IDLE_S)) == bytes.fromhex("B1 65 7F B1 64 7F")
    assert b"".join(encoder.close(9.0)) == bytes.fromhex("B0 63 7F B0 62 7F")
    assert encoder.due() is None
    assert written(encoder, Control(Kind.NRPN, 1), 1.0, now=10.0) == "B0 63 00 B0 62 01 B0 06 7F"


channels = st.integers(1, 16)
controls = st.one_of(
    st.builds(lambda n, c: Control(Kind.CC, n, c), st.integers(0, 127), channels),
    st.builds(lambda n, c: Control(Kind.CC14, n, c), st.integers(0, 31), channels),
    st.builds(
        Control,
        st.sampled_from([Kind.RPN, Kind.NRPN]),
        st.integers(0, 16382),
        channels,
        st.sampled_from([7, 14]),
    ),
    st.builds(lambda c: Control(Kind.BEND, None, c), channels),
    st.builds(lambda c: Control(Kind.PRESSURE, None, c), channels),
    st.builds(lambda n, c: Control(Kind.POLY_PRESSURE, n, c), st.integers(0, 127), channels),
    st.just(Control(Kind.SYSEX, template=TEMPLATE)),
)


@given(st.lists(st.tuples(controls, st.floats(0, 1)), max_size=30))
@example([(Control(Kind.CC, 0, 1), 0.0), (Control(Kind.CC14, 0, 1), 0.0)])
def test_any_value_comes_back_within_a_step_once(values):
    encoder, parser = Encoder(), Parser()
    routes = Routes([InRule(var="x", midi=MidiIn(control)) for control, _ in values], "p")
    decoder = Decoder(routes.needs)
    for i, (control, value) in enumerate(values):
        messages = encoder.messages(
            control, control.channel or 1, control.number or 0, level(control, value), float(i)
        )
        told = []
        decoder.tick(float(i))  # a plain cc before was an upper half alone to a rule of its pair
        for message in parser.feed(b"".join(messages)):
            for heard in decoder.feed(message, float(i)):
                told += [t.value for index, t, _ in routes.touches(heard) if values[index][0] == control]
        assert told
        fine = control.kind in {Kind.CC14, Kind.BEND, Kind.SYSEX} or control.bits == 14
        step = 1 / 16382 if fine else 1 / 126
        same = [other for other, _ in values].count(control)
        assert len(told) == same  # each rule of this control once
        assert all(abs(one - value) <= step for one in told)


@pytest.mark.parametrize("number", [98, 99, 100, 101, 121])
def test_a_controller_that_selects_something_else_is_known_to(number):
    encoder, parameter = Encoder(), Control(Kind.NRPN, 5, 1)
    first = written(encoder, parameter, 0.5, now=0.0)
    assert written(encoder, parameter, 0.5, now=0.1) == "B0 06 40"
    written(encoder, Control(Kind.CC, number, 1), 1.0, now=0.2)
    assert encoder.due() is None
    assert written(encoder, parameter, 0.5, now=0.3) == first


def test_messages_are_whole_and_what_mido_builds():
    encoder = Encoder()
    for message in (
        Message("control_change", channel=3, control=9, value=64),
        Message("pitchwheel", channel=3, pitch=0),
        Message("aftertouch", channel=3, value=64),
        Message("polytouch", channel=3, note=5, value=64),
    ):
        kinds = {
            "control_change": Control(Kind.CC, 9, 4),
            "pitchwheel": Control(Kind.BEND, None, 4),
            "aftertouch": Control(Kind.PRESSURE, None, 4),
            "polytouch": Control(Kind.POLY_PRESSURE, 5, 4),
        }
        assert written(encoder, kinds[message.type], 0.5) == message.hex()
