import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from belabridge.controls import Control, Kind, MidiOrigin, Relative, Touch, Zone
from belabridge.midi.codec.decoder import Decoder
from belabridge.midi.codec.heard import Heard
from belabridge.midi.codec.relative import MOST_STEPS, relative_raw, relative_steps
from belabridge.midi.codec.routes import Routes
from belabridge.rules import InRule, MidiIn

STEPS = {
    Relative.TWOS: {1: 1, 127: -1, 0: 0, 63: 63, 64: -64, 3: 3, 125: -3},
    Relative.OFFSET: {65: 1, 63: -1, 64: 0, 127: 63, 0: -64, 67: 3, 61: -3},
    Relative.SIGN: {1: 1, 65: -1, 0: 0, 64: 0, 63: 63, 127: -63, 3: 3, 67: -3},
}


def rule(kind, number=None, relative=None, **more):
    return InRule(var="x", midi=MidiIn(Control(Kind(kind), number, **more), relative))


def said(rules, *messages, port="desk"):
    """What the rules are told, as (index, touch); all messages at once, then a long wait."""
    routes = Routes(rules, port)
    decoder = Decoder(routes.needs)
    heard = [one for message in messages for one in decoder.feed(message, 0.0)] + decoder.tick(1e9)
    return [(index, touch) for one in heard for index, touch, _ in routes.touches(one)]


def cc(number, value, channel=1):
    return Message("control_change", channel=channel - 1, control=number, value=value)


@pytest.mark.parametrize(
    ("one", "raw", "steps"),
    [(one, raw, steps) for one, table in STEPS.items() for raw, steps in table.items()],
)
def test_relative_steps(one, raw, steps):
    assert relative_steps(raw, 7, one) == steps


@given(st.integers(-MOST_STEPS, MOST_STEPS), st.sampled_from(Relative))
def test_steps_are_heard_as_they_were_said(steps, relative):
    assert 0 <= relative_raw(steps, relative) <= 127
    assert relative_steps(relative_raw(steps, relative), 7, relative) == steps


@given(st.integers(-8191, 8191).filter(bool))
def test_relative_steps_of_14_bits(steps):
    assert relative_steps(steps % 16384, 14, Relative.TWOS) == steps
    assert relative_steps(8192 + steps, 14, Relative.OFFSET) == steps
    assert relative_steps(steps if steps > 0 else 8192 - steps, 14, Relative.SIGN) == steps


@pytest.mark.parametrize(
    ("one", "messages", "touches"),
    [
        (rule("cc", 7), [cc(7, 0), cc(7, 64), cc(7, 127)],
         [Touch(0.0, channel=1), Touch(0.5, channel=1), Touch(1.0, channel=1)]),
        (rule("cc", 7), [cc(7, 64, 5)], [Touch(0.5, channel=5)]),
        (rule("cc", 7, channel=5), [cc(7, 64, 5), cc(7, 64, 6), cc(8, 64, 5)], [Touch(0.5, channel=5)]),
        (rule("cc14", 1), [cc(1, 64), cc(33, 0)], [Touch(0.5, channel=1)]),
        (rule("cc14", 1), [cc(1, 127), cc(33, 127)], [Touch(1.0, channel=1)]),
        (rule("cc14", 1), [cc(1, 64)], [Touch(0.5, channel=1)]),
        (rule("nrpn", 1024), [cc(99, 8), cc(98, 0), cc(6, 127), cc(38, 1)], [Touch(1.0, channel=1)]),
        (rule("nrpn", 1024, bits=14), [cc(99, 8), cc(98, 0), cc(6, 64), cc(38, 0)], [Touch(0.5, channel=1)]),
        (rule("nrpn", 1024, bits=14), [cc(99, 8), cc(98, 0), cc(96, 0)], [Touch(1.0, steps=True, channel=1)]),
        (rule("nrpn", 1024), [cc(99, 8), cc(98, 0), cc(97, 0)], [Touch(-1.0, steps=True, channel=1)]),
        (rule("rpn", 1024), [cc(99, 8), cc(98, 0), cc(6, 127)], []),
        (rule("rpn", 0), [cc(101, 0), cc(100, 0), cc(6, 127)], [Touch(1.0, channel=1)]),
        (rule("bend"), [Message("pitchwheel", channel=2)], [Touch(0.5, channel=3)]),
        (rule("bend"), [Message("pitchwheel", pitch=8191)], [Touch(1.0, channel=1)]),
        (rule("pressure"), [Message("aftertouch", value=127)], [Touch(1.0, channel=1)]),
        (rule("poly_pressure"), [Message("polytouch", note=60, value=64)], [Touch(0.5, note=60, channel=1)]),
        (rule("poly_pressure", 61), [Message("polytouch", note=60, value=64)], []),
        (rule("note"), [Message("note_on", note=60, velocity=127)],
         [Touch(1.0, note=60, on=True, channel=1)]),
        (rule("note"), [Message("note_off", note=60, velocity=127)], [Touch(0.0, note=60, channel=1)]),
        (rule("note"), [Message("note_on", note=60, velocity=0)], [Touch(0.0, note=60, channel=1)]),
        (rule("note", 61), [Message("note_on", note=60, velocity=9)], []),
        (rule("program"), [Message("program_change", program=100)], [Touch(100.0, channel=1)]),
        (rule("clock"), [Message("clock")], [Touch(1.0)]),
        (rule("start"), [Message("start"), Message("stop")], [Touch(1.0), Touch(0.0)]),
        (rule("stop"), [Message("start"), Message("stop")], [Touch(0.0), Touch(1.0)]),
        (rule("continue"), [Message("continue")], [Touch(1.0)]),
        (rule("clock", channel=3), [Message("clock")], [Touch(1.0)]),
        (rule("sysex", template=(0xF0, 0x7D, -1, 0xF7)), [Message("sysex", data=(0x7D, 64))], [Touch(0.5)]),
        (rule("sysex", template=(0xF0, 0x7D, -1, 0xF7)), [Message("sysex", data=(0x7E, 64))], []),
        (rule("cc", 16, Relative.TWOS), [cc(16, 1), cc(16, 127), cc(16, 0)],
         [Touch(1.0, steps=True, channel=1), Touch(-1.0, steps=True, channel=1)]),
        (rule("cc14", 16, Relative.OFFSET), [cc(16, 64), cc(48, 3)], [Touch(3.0, steps=True, channel=1)]),
    ],
)  # fmt: skip
def test_what_a_rule_is_told(one, messages, touches):
    assert said([one], *messages) == [(0, touch) for touch in touches]


def test_beats_and_tempo_are_in_their_units():
    clock = [Message("start"), *[Message("clock")] * 2]
    assert said([rule("beat")], *clock) == [(0, Touch(0.0)), (0, Touch(1 / 24))]
    routes = Routes([rule("tempo")], "desk")
    decoder = Decoder(routes.needs)
    touches = [
        t for i in range(30) for h in decoder.feed(Message("clock"), i / 48) for t in routes.touches(h)
    ]
    assert [(index, pytest.approx(touch.value)) for index, touch, _ in touches] == [(0, 120.0)]


def test_all_rules_of_a_control_are_told_each_with_its_place():
    rules = [
        InRule("/a", var="a"),
        rule("cc", 7),
        rule("cc", 7, channel=2),
        rule("cc", 7, port="desk"),
        rule("cc", 7, port="other"),
        rule("cc", 7, Relative.TWOS),
    ]
    assert [index for index, _ in said(rules, cc(7, 1))] == [1, 3, 5]
    assert [index for index, _ in said(rules, cc(7, 1), port="other")] == [1, 4, 5]


def test_both_widths_of_a_parameter_are_told_once_each():
    rules = [rule("nrpn", 1024), rule("nrpn", 1024, bits=14)]
    data = (cc(99, 8), cc(98, 0), cc(6, 64), cc(38, 0))
    assert said(rules, *data) == [(0, Touch(0.5, channel=1)), (1, Touch(0.5, channel=1))]
    assert said(rules, cc(99, 8), cc(98, 0), cc(96, 1)) == [
        (0, Touch(1.0, steps=True, channel=1)),
        (1, Touch(1.0, steps=True, channel=1)),
    ]


def test_the_origin_is_the_control_on_its_own_channel():
    routes = Routes([rule("cc", 7), rule("cc", 16, Relative.SIGN), rule("nrpn", 3)], "desk")
    ((_, _, origin),) = routes.touches(Heard(Kind.CC, 4, 7, 1))
    assert origin == MidiOrigin("desk", Kind.CC, 4, 7)
    assert routes.origin(Heard(Kind.CC, 4, 16, 1)).relative
    assert routes.origin(Heard(Kind.NRPN, 4, 3, -1, 0)) == MidiOrigin("desk", Kind.NRPN, 4, 3, relative=True)
    assert not routes.origin(Heard(Kind.NRPN, 4, 3, 1, 7)).relative
    # a control without a rule has one too: a hand is a hand
    assert routes.origin(Heard(Kind.CC, 4, 99, 1)) == MidiOrigin("desk", Kind.CC, 4, 99)
    assert routes.touches(Heard(Kind.CC, 4, 99, 1)) == []


def test_a_decoder_works_for_nothing_that_no_rule_asks_for():
    assert Routes([rule("cc", 7)], "desk").needs == Routes([], "desk").needs
    needs = Routes([rule("cc14", 3, channel=2), rule("rpn", 1, channel=4, bits=14)], "desk").needs
    assert needs.pairs == {(2, 3)}
    assert needs.fine == {(Kind.RPN, 4, 1)}
    assert needs.parameters
    assert len(Routes([rule("cc14", 3)], "desk").needs.pairs) == 16
    assert Routes([rule("cc14", 3, port="other")], "desk").needs.pairs == frozenset()


def test_a_zone_is_heard_by_its_rules_and_others_hear_channels():
    rules = [rule("bend", zone=Zone.LOWER), rule("bend", channel=3), rule("bend", zone=Zone.UPPER)]
    bend = Message("pitchwheel", channel=2, pitch=8191)
    assert said(rules, bend) == [(1, Touch(1.0, channel=3)), (0, Touch(1.0, channel=3))]
    assert [index for index, _ in said(rules, bend.copy(channel=15))] == [2]


@given(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127), st.integers(1, 16)), max_size=50))
def test_what_is_remembered_of_a_control_is_what_it_says(controls):
    rules = [rule("cc", 7), rule("cc", 7, Relative.TWOS), rule("cc", 3, channel=3)]
    routes = Routes(rules, "desk")
    for number, value, channel in controls * 2:
        heard = Heard(Kind.CC, channel, number, value)
        assert routes.touches(heard) == Routes(rules, "desk").touches(heard)


def test_random_controls_do_not_fill_the_memory():
    routes = Routes([rule("cc", 7)], "desk")
    for number in range(16384):
        routes.touches(Heard(Kind.NRPN, 1, number, 5, 14))
        routes.touches(Heard(Kind.NRPN, 1, number, 5, 7))
    assert len(routes._found) <= 4096
    assert len(routes._touches) <= 4096
