"""What is learned from the messages of one control, as tables of recorded-like gestures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from belabridge.controls import Control, Kind, Relative
from belabridge.midi.codec.detect import QUIET_S, Detector
from belabridge.midi.codec.parser import Parser


def cc(number, *values, channel=1):
    return [Message("control_change", channel=channel - 1, control=number, value=value) for value in values]


def pairs(number, *raws, channel=1):
    return [
        m
        for raw in raws
        for m in cc(number, raw >> 7, channel=channel) + cc(number + 32, raw & 127, channel=channel)
    ]


def nrpn(number, *raws, select=(99, 98), bits=14, each=False):
    chosen = [*cc(select[0], number >> 7), *cc(select[1], number & 127)]
    out = []
    for i, raw in enumerate(raws):
        out += chosen if each or not i else []
        out += [*cc(6, raw >> 7), *cc(38, raw & 127)] if bits == 14 else cc(6, raw)
    return out


def bend(*values, channel=1):
    return [Message("pitchwheel", channel=channel - 1, pitch=value) for value in values]


def keys(*notes, channel=1):
    return [
        m
        for note in notes
        for m in (
            Message("note_on", channel=channel - 1, note=note, velocity=90),
            Message("note_off", channel=channel - 1, note=note),
        )
    ]


def detect(messages, gap_s=0.01):
    detector = Detector()
    now = 0.0
    for message in messages:
        now += gap_s
        detector.take(message, now)
    return detector.found(now + QUIET_S)


CC7 = Control(Kind.CC, 7, 1)
CC16 = Control(Kind.CC, 16, 1)
DEPTH = Control(Kind.NRPN, 1024, 1, bits=14)
SWEEP = range(0, 128, 3)

GESTURES = {
    "a knob": (cc(7, *SWEEP), CC7, None),
    "a knob, slowly from below": (cc(7, *range(12)), CC7, None),
    "a knob, slowly from above": (cc(7, *range(127, 110, -1)), CC7, None),
    "a knob around its middle": (cc(7, 62, 63, 64, 65, 66, 65, 64, 63), CC7, None),
    "a knob that trembles": (cc(7, 20, 21, 20, 21, 22, 21), CC7, None),
    "a fader thrown": (cc(7, 3, 40, 90, 127), CC7, None),
    "a knob on another channel": (cc(9, *SWEEP, channel=12), Control(Kind.CC, 9, 12), None),
    "a button": (cc(64, 127, 0, 127, 0), Control(Kind.CC, 64, 1), None),
    "a button once": (cc(64, 127), Control(Kind.CC, 64, 1), None),
    "a pair": (pairs(1, 100, 300, 900, 4000), Control(Kind.CC14, 1, 1), None),
    "a pair, slowly": (cc(1, 5) + cc(33, *range(20)), Control(Kind.CC14, 1, 1), None),
    "an encoder up and down, twos": (cc(16, 1, 1, 1, 2, 1, 127, 127, 126, 127), CC16, Relative.TWOS),
    "an encoder down, twos": (cc(16, 127, 127, 126, 127), CC16, Relative.TWOS),
    "an encoder to and fro, twos": (cc(16, 1, 127, 1, 127), CC16, Relative.TWOS),
    "an encoder up and down, offset": (cc(16, 65, 65, 66, 65, 63, 63, 62), CC16, Relative.OFFSET),
    "an encoder down, offset": (cc(16, 63, 63, 63, 62), CC16, Relative.OFFSET),
    "an encoder up and down, sign": (cc(16, 1, 1, 2, 1, 65, 65, 66), CC16, Relative.SIGN),
    "a parameter of 14 bits": (nrpn(1024, 1, 300, 9000, each=True), DEPTH, None),
    "the same, selected once": (nrpn(1024, 1, 300, 9000), DEPTH, None),
    "a parameter of 7 bits": (nrpn(5, 1, 3, 9, bits=7), Control(Kind.NRPN, 5, 1), None),
    "a registered one": (nrpn(0, 1, 3, 9, bits=7, select=(101, 100)), Control(Kind.RPN, 0, 1), None),
    "increments": (nrpn(5) + cc(99, 0) + cc(98, 5) + cc(96, 0, 0, 0), Control(Kind.NRPN, 5, 1), None),
    "data entry as a plain control": (cc(6, *SWEEP), Control(Kind.CC, 6, 1), None),
    "a wheel": (bend(0, 100, 900, 8191, 0), Control(Kind.BEND, None, 1), None),
    "a pad": (keys(36, channel=10), Control(Kind.NOTE, 36, 10), None),
    "a keyboard": (keys(60, 62, 64), Control(Kind.NOTE, None, 1), None),
    "a key with pressure": (
        [keys(60)[0], *[Message("aftertouch", value=v) for v in range(40)], keys(60)[1]],
        Control(Kind.NOTE, 60, 1),
        None,
    ),
    "a key with its own pressure": (
        [keys(60)[0], *[Message("polytouch", note=60, value=v) for v in range(40)]],
        Control(Kind.NOTE, 60, 1),
        None,
    ),
    "a motor fader that tells of the finger": (
        [keys(104)[0], *bend(*range(0, 8000, 400)), keys(104)[1]],
        Control(Kind.BEND, None, 1),
        None,
    ),
    "pressure": ([Message("aftertouch", value=v) for v in range(9)], Control(Kind.PRESSURE, None, 1), None),
    "a program": ([Message("program_change", program=4)], Control(Kind.PROGRAM, None, 1), None),
    "start": ([Message("start")], Control(Kind.START), None),
    "another one that was touched by chance": (cc(8, 5) + cc(7, *SWEEP), CC7, None),
    "with a clock": ([m for one in cc(7, *SWEEP) for m in (Message("clock"), one)], CC7, None),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "control", "relative"), GESTURES.values(), ids=GESTURES)
def test_a_gesture_is_recognised(messages, control, relative):
    found = detect(messages)
    assert (found.control, found.relative) == (control, relative)
    assert found.sure
    assert found.says


@pytest.mark.parametrize(
    ("messages", "relative"),
    [(cc(16, 1, 1, 1, 1, 2, 1), Relative.TWOS), (cc(16, 65, 65, 65, 65), Relative.OFFSET)],
)
def test_one_direction_may_not_be_enough(messages, relative):
    found = detect(messages)
    assert (found.relative, found.sure) == (relative, False)
    assert "turn it the other way too" in found.says


def test_turning_back_makes_it_sure():
    detector = Detector()
    for i, message in enumerate(cc(16, 1, 1, 1, 1)):
        detector.take(message, i / 100)
    assert not detector.found(1.0).sure
    for i, message in enumerate(cc(16, 65, 65, 65)):
        detector.take(message, 2.0 + i / 100)
    found = detector.found(3.0)
    assert (found.relative, found.sure) == (Relative.SIGN, True)


def test_a_button_that_says_nothing_when_it_is_let_go():
    assert detect(cc(20, 127, 127, 127), gap_s=0.4).relative is None
    assert detect(cc(20, 127, 127, 127), gap_s=0.03).relative is Relative.TWOS


@pytest.mark.parametrize(
    ("messages", "moves"),
    [
        (cc(64, 127, 0), False),
        (cc(64, 100, 0, 100), False),
        (keys(36), False),
        (keys(1, 2, 3), False),
        ([Message("start")], False),
        (cc(16, 1, 1, 127, 127), False),
        (cc(7, *SWEEP), True),
        (cc(7, 55), True),
        (pairs(1, 1, 2, 3), True),
        (nrpn(1024, 1, 2, 3), True),
        (nrpn(5, 1, 2, 3, bits=7), True),
        (bend(1, 2, 3), True),
    ],
)
def test_what_goes_through_its_positions(messages, moves):
    assert detect(messages).moves is moves


def test_one_value_is_too_little_to_be_sure():
    found = detect(cc(7, 55))
    assert (found.control, found.sure) == (CC7, False)
    assert "move it more" in found.says


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        (cc(7, *SWEEP), "cc 7 on channel 1: a knob or fader of 7 bits"),
        (pairs(1, 1, 2, 3), "cc14 1 on channel 1: a knob or fader of 14 bits"),
        (cc(16, 65, 65, 63),
         "cc 16 on channel 1: an encoder that says 65 for a step up and 63 for a step down (offset)"),
        (keys(36, channel=10), "note C2 on channel 10: a pad or key"),
        (keys(1, 2, 3), "notes on channel 1: a keyboard"),
    ],
)  # fmt: skip
def test_it_says_what_it_saw(messages, sentence):
    found = detect(messages)
    assert found.says == sentence


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1, 1, 127), "1 for a step up and 127 for a step down (twos)"),
        ((65, 65, 63), "65 for a step up and 63 for a step down (offset)"),
        ((1, 1, 65), "1 for a step up and 65 for a step down (sign)"),
    ],
)
def test_it_says_how_an_encoder_speaks(values, words):
    assert words in detect(cc(16, *values)).says


def test_it_says_that_an_encoder_sends_increments():
    chosen = cc(99, 0) + cc(98, 5)
    found = detect(chosen + cc(96, 0, 0) + cc(97, 0))
    assert found.says == "nrpn 5 on channel 1: an encoder that sends increments and decrements"
    assert not found.moves


def test_selecting_a_parameter_moves_none():
    # on the way from 1024 to 5 the selection is 0 for a moment
    script = nrpn(1024, 1, bits=7) + cc(99, 0) + cc(98, 5) + cc(121, 0)
    detector = Detector()
    for i, message in enumerate(script):
        detector.take(message, i / 100)
    assert [control.number for control in detector._moves] == [1024]


def test_it_waits_until_the_hand_rests_or_plenty_was_heard():
    detector = Detector()
    assert detector.due() is None
    assert detector.found(9.0) is None
    detector.take(Message("clock"), 9.0)
    assert detector.due() is None
    detector.take(cc(7, 1)[0], 10.0)
    assert detector.due() == 10.0 + QUIET_S
    assert detector.found(10.1) is None
    for value in range(100):
        detector.take(cc(7, value)[0], 10.2)
    assert detector.found(10.2).control == CC7


@given(st.lists(st.binary(max_size=30), max_size=30))
def test_no_bytes_make_it_raise(pieces):
    parser, detector = Parser(), Detector()
    for i, data in enumerate(pieces):
        for message in parser.feed(data):
            detector.take(message, i / 100)
        detector.found(i / 100)
    is_due = detector.due() is not None
    found = detector.found(1e9)
    assert found is not None or not is_due
    assert detector.due() is None  # nothing more to ask for
