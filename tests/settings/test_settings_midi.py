"""Good configs with MIDI: what each spelling becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.controls import Control, Kind, Relative, Zone
from belabridge.errors import ConfigError
from belabridge.mapping.problems import rule_problem
from belabridge.mapping.scale import compile_scale
from belabridge.midi.codec.clock import ClockOut
from belabridge.rules import (
    FASTEST_BPM,
    SLOWEST_BPM,
    InRule,
    MidiIn,
    MidiOut,
    MidiPort,
    MidiSettings,
    Mode,
    OscOut,
    OutRule,
    Scale,
    Shape,
    Takeover,
)
from belabridge.settings.files import load
from belabridge.settings.load import parse
from belabridge.settings.profiles import Profiles, shipped

if TYPE_CHECKING:
    from pathlib import Path

ISSUE = """\
midi:
  in: nanoKONTROL2             # part of a port's name, or a regex /…/; a list; virtual: true
  out: {name: belabridge, virtual: true, limit: din}     # din = 3125 bytes/s, or bytes/s, or none
out:
  - {var: pot1, midi: {cc: 20, channel: 1}}
  - {var: pot2, midi: {cc14: 21}, scale: {from: [0, 1]}}
  - {var: bend, midi: bend}
  - {var: gate, midi: {note: 36, channel: 10, on: 0.5, off: 0.4, velocity: level}}
in:
  - {midi: {cc: 1}, var: cutoff, scale: {to: [20, 20000], curve: exp}, takeover: pickup}
  - {midi: {nrpn: 1024}, var: depth}
  - {midi: {note: any, channel: any}, var: {pitch: note, velocity: amp, gate: gate}}
  - {midi: {cc: 16, relative: twos}, var: freq, step: 1.0}
  - {midi: {cc: 64}, var: hold, mode: toggle}
links:                                                   # both ways in one line
  - {var: gain, midi: {cc: 7}, osc: /gain, takeover: pickup, feedback: true}
"""
CHANGE = Shape(on_change=True)


def test_a_whole_config():
    config = parse(ISSUE, "f", check_rule=rule_problem)
    assert config.midi == MidiSettings(
        ins=(MidiPort("nanoKONTROL2"),),
        outs=(MidiPort("belabridge", virtual=True, limit_bytes_s=3125.0),),
    )
    assert config.out == (
        OutRule("pot1", shape=CHANGE, midi=MidiOut(Control(Kind.CC, 20, 1))),
        OutRule("pot2", shape=Shape(scale=Scale(), on_change=True), midi=MidiOut(Control(Kind.CC14, 21, 1))),
        OutRule("bend", shape=CHANGE, midi=MidiOut(Control(Kind.BEND, None, 1))),
        OutRule(
            "gate",
            rate_hz=200.0,
            shape=CHANGE,
            midi=MidiOut(Control(Kind.NOTE, 36, 10), on=0.5, off=0.4, velocity_var="level"),
        ),
        OutRule("gain", osc=OscOut("/gain")),
        OutRule("gain", shape=CHANGE, midi=MidiOut(Control(Kind.CC, 7, 1)), feedback=True),
    )
    assert config.in_ == (
        InRule(
            var="cutoff",
            shape=Shape(scale=Scale(end=(20.0, 20000.0), curve="exp")),
            midi=MidiIn(Control(Kind.CC, 1), takeover=Takeover.PICKUP),
        ),
        InRule(var="depth", midi=MidiIn(Control(Kind.NRPN, 1024))),
        InRule(
            midi=MidiIn(Control(Kind.NOTE), pitch_var="note", velocity_var="amp", gate_var="gate"),
        ),
        InRule(var="freq", midi=MidiIn(Control(Kind.CC, 16), Relative.TWOS, 1.0)),
        InRule(var="hold", midi=MidiIn(Control(Kind.CC, 64), mode=Mode.TOGGLE)),
        InRule(var="gain", midi=MidiIn(Control(Kind.CC, 7), takeover=Takeover.PICKUP)),
        InRule("/gain", "gain"),
    )
    assert [rule.place for rule in config.out[-2:]] == [(16, 5), (16, 5)]


PORTS = {
    "nano": [MidiPort("nano")],
    "none": [],
    "[]": [],
    "[nano, keys]": [MidiPort("nano"), MidiPort("keys")],
    "/nano.*|LPD8/": [MidiPort("/nano.*|LPD8/", "nano.*|LPD8")],
    "{name: belabridge, virtual: true}": [MidiPort("belabridge", virtual=True)],
    "[{name: a}, b]": [MidiPort("a"), MidiPort("b")],
}


@pytest.mark.parametrize("text", PORTS)
def test_spellings_of_ports(text):
    assert list(parse(f"midi: {{in: {text}}}", "f").midi.ins) == PORTS[text]
    assert list(parse(f"midi: {{out: {text}}}", "f").midi.outs) == PORTS[text]


@pytest.mark.parametrize(("text", "bytes_s"), [("din", 3125.0), ("none", None), ("1000", 1000.0)])
def test_limits(text, bytes_s):
    (port,) = parse(f"midi: {{out: {{name: a, limit: {text}}}}}", "f").midi.outs
    assert port.limit_bytes_s == bytes_s


def test_the_other_words_of_the_section():
    midi = parse("midi: {feedback_after: 500ms, silence_on_board_loss: false, clock: 120}", "f").midi
    assert midi == MidiSettings(feedback_after_s=0.5, silence_on_board_loss=False, clock_bpm=120.0)
    assert parse("midi: {clock: none}\n", "f").midi == parse("midi:\n", "f").midi == MidiSettings()


HEARD = {
    "{cc: 7}": Control(Kind.CC, 7),
    "{cc: 7, channel: any}": Control(Kind.CC, 7),
    "{cc: 7, channel: 16}": Control(Kind.CC, 7, 16),
    "{cc: 7, port: nano}": Control(Kind.CC, 7, port="nano"),
    "{cc14: 31}": Control(Kind.CC14, 31),
    "{rpn: 0}": Control(Kind.RPN, 0),
    "{nrpn: 16383, bits: 14}": Control(Kind.NRPN, 16383, bits=14),
    "bend": Control(Kind.BEND),
    "{bend: true, channel: 2}": Control(Kind.BEND, channel=2),
    "{bend: true, mpe: lower}": Control(Kind.BEND, zone=Zone.LOWER),
    "pressure": Control(Kind.PRESSURE),
    "{poly_pressure: any}": Control(Kind.POLY_PRESSURE),
    "{poly_pressure: C4}": Control(Kind.POLY_PRESSURE, 60),
    "{note: any, mpe: upper}": Control(Kind.NOTE, zone=Zone.UPPER),
    "{note: 36}": Control(Kind.NOTE, 36),
    "{note: C2}": Control(Kind.NOTE, 36),
    "{note: F#3}": Control(Kind.NOTE, 54),
    "{note: bb3}": Control(Kind.NOTE, 58),
    "program": Control(Kind.PROGRAM),
    "{sysex: F0 43 10 4C value F7}": Control(Kind.SYSEX, template=(0xF0, 0x43, 0x10, 0x4C, -1, 0xF7)),
    "{sysex: F0 7F 7F 04 01 low high F7}": Control(
        Kind.SYSEX, template=(0xF0, 0x7F, 0x7F, 0x04, 0x01, -1, -2, 0xF7)
    ),
    "{sysex: 'f0,0x7e,value,f7'}": Control(Kind.SYSEX, template=(0xF0, 0x7E, -1, 0xF7)),
    "clock": Control(Kind.CLOCK),
    "start": Control(Kind.START),
    "stop": Control(Kind.STOP),
    "continue": Control(Kind.CONTINUE),
    "{continue: true}": Control(Kind.CONTINUE),
    "tempo": Control(Kind.TEMPO),
    "beat": Control(Kind.BEAT),
}


@pytest.mark.parametrize("text", HEARD)
def test_spellings_of_what_is_heard(text):
    config = parse(f"midi: {{in: nano}}\nin: [{{var: a, midi: {text}}}]", "f", check_rule=rule_problem)
    assert config.in_ == (InRule(var="a", midi=MidiIn(HEARD[text])),)


def test_every_kind_can_be_heard():
    assert {control.kind for control in HEARD.values()} == set(Kind)


NOTE = Control(Kind.NOTE, 60, 1)
SENT = {
    "{cc: 7}": MidiOut(Control(Kind.CC, 7, 1)),
    "{cc: 7, channel: 5, to: desk}": MidiOut(Control(Kind.CC, 7, 5), ("desk",)),
    "{cc: 7, to: [desk, nano]}": MidiOut(Control(Kind.CC, 7, 1), ("desk", "nano")),
    "{cc: 74, mpe: lower}": MidiOut(Control(Kind.CC, 74, zone=Zone.LOWER)),
    "{nrpn: 7, bits: 14}": MidiOut(Control(Kind.NRPN, 7, 1, bits=14)),
    "program": MidiOut(Control(Kind.PROGRAM, None, 1)),
    "tempo": MidiOut(Control(Kind.TEMPO)),
    "{start: true, on: 0.9}": MidiOut(Control(Kind.START), on=0.9, off=0.9),
    "{note: C4}": MidiOut(NOTE),
    "{note: 60, on: 0.75, off: 0.25, velocity: 1}": MidiOut(NOTE, on=0.75, off=0.25, velocity=1),
    "{note: C4, velocity: level}": MidiOut(NOTE, velocity_var="level"),
    "{note: pitch}": MidiOut(Control(Kind.NOTE, None, 1), note_var="pitch"),
    "{note: {var: C4}}": MidiOut(Control(Kind.NOTE, None, 1), note_var="C4"),
    "{note: {hz: freq}, mpe: lower}": MidiOut(
        Control(Kind.NOTE, zone=Zone.LOWER), note_var="freq", note_is_hz=True
    ),
    "{cc: 16, relative: twos}": MidiOut(Control(Kind.CC, 16, 1), step=0.01, relative=Relative.TWOS),
    "{nrpn: 5, relative: true, to: desk}": MidiOut(Control(Kind.NRPN, 5, 1), ("desk",), step=1 / 127),
    "{rpn: 5, bits: 14, relative: true}": MidiOut(Control(Kind.RPN, 5, 1, bits=14), step=1 / 16383),
    "{cc: 1, relative: sign}, step: -2": MidiOut(Control(Kind.CC, 1, 1), step=-2.0, relative=Relative.SIGN),
    "{nrpn: 5, relative: true}, step: 0.5": MidiOut(Control(Kind.NRPN, 5, 1), step=0.5),
    "{sysex: F0 7E 7F 06 01 F7}": MidiOut(Control(Kind.SYSEX, template=(0xF0, 0x7E, 0x7F, 6, 1, 0xF7))),
}


@pytest.mark.parametrize("text", SENT)
def test_spellings_of_what_is_sent(text):
    config = parse(
        f"midi: {{out: [nano, desk]}}\nout: [{{var: a, midi: {text}}}]", "f", check_rule=rule_problem
    )
    assert config.out is not None
    (rule,) = config.out
    assert rule.midi == SENT[text]
    assert rule.shape == CHANGE
    assert rule.rate_hz == (200.0 if SENT[text].control.kind in {Kind.NOTE, Kind.START} else 50.0)


def test_on_change_and_rate_may_be_said():
    text = "midi: {out: a}\nout: [{var: a, midi: {note: 5}, on_change: false, rate: 30}]"
    (rule,) = parse(text, "f").out or ()
    assert (rule.shape, rule.rate_hz) == (Shape(), 30.0)


def test_steps_cross_the_range_of_the_scale():
    text = (
        "midi: {out: a}\nout: [{var: a, midi: {cc: 5, relative: twos}, scale: {from: [0, 1], to: [20, 120]}}]"
    )
    (rule,) = parse(text, "f", check_rule=rule_problem).out or ()
    assert rule.midi is not None
    assert rule.midi.step == 1.0


STEP_FAULTS = {
    "midi: {cc: 5, relative: true}": "a cc says steps in three ways: write twos, offset or sign",
    "midi: {nrpn: 5, relative: twos}": "nrpn says steps by increment and decrement: write relative: true",
    "midi: {bend: true, relative: twos}": "bend says no steps: write cc, or remove it",
    "midi: {cc: 5, relative: up}": "relative kind",
    "midi: {cc: 74, mpe: lower, relative: twos}": "an MPE zone hears no steps: write a channel instead",
    "midi: {cc: 5}, step: 0.1": "`step` is for a control that is sent steps",
    "osc: /a, step: 0.1": "`step` is for a control that is sent steps",
    "midi: {cc: 5, relative: twos}, step: 0": "a step of 0 goes nowhere",
    "midi: {cc: 5, relative: twos}, feedback: true": "steps do not say where the variable is",
}


@pytest.mark.parametrize("words", STEP_FAULTS)
def test_steps_that_cannot_be(words):
    with pytest.raises(ConfigError) as caught:
        parse(f"midi: {{out: a}}\nout: [{{var: a, {words}}}]", "f", check_rule=rule_problem)
    assert STEP_FAULTS[words] in str(caught.value)


def test_steps_of_a_parameter_are_heard_anyway():
    with pytest.raises(ConfigError) as caught:
        parse("midi: {in: a}\nin: [{var: a, midi: {nrpn: 5, relative: twos}}]", "f")
    assert "remove `relative`: increment and decrement are heard anyway" in str(caught.value)


def test_a_rule_for_both_kinds_of_ends_is_two():
    text = "midi: {out: a}\nout: [{var: a, osc: /a, midi: {cc: 5}, feedback: true, echo: true}]"
    osc, midi = parse(text, "f", check_rule=rule_problem).out or ()
    assert (osc.osc, osc.midi, osc.feedback, osc.echo) == (OscOut("/a"), None, False, True)
    assert (midi.osc, midi.midi, midi.feedback) == (None, MidiOut(Control(Kind.CC, 5, 1)), True)


def test_a_note_in_hz():
    text = "midi: {in: a}\nin: [{midi: {note: any}, var: {hz: freq}}]"
    (rule,) = parse(text, "f").in_ or ()
    assert rule.midi == MidiIn(Control(Kind.NOTE), pitch_var="freq", pitch_is_hz=True)


def test_an_output_may_say_where_without_saying_the_address():
    (rule,) = parse("out: [{var: a, osc: {to: '127.0.0.1:9000', as: i}}]", "f").out or ()
    assert rule.osc == OscOut("", ("127.0.0.1:9000",), "i")


# Links


def link(text, **sections):
    config = parse(
        f"midi: {{in: [nano, keys], out: [nano, desk]}}\nlinks: [{{var: a, {text}}}]",
        "f",
        check_rule=rule_problem,
        **sections,
    )
    assert config.out is not None
    assert config.in_ is not None
    return config.out, config.in_


BACK = {
    "scale: {to: [20, 2000]}": Scale((20.0, 2000.0), (0.0, 1.0)),
    "scale: {to: [20, 2000], curve: exp}": Scale((20.0, 2000.0), (0.0, 1.0), "log"),
    "scale: {from: [0.5, 1], to: [0, 1], curve: log}": Scale((0.0, 1.0), (0.5, 1.0), "exp"),
    "scale: {to: [0, 5], curve: 2}": Scale((0.0, 5.0), (0.0, 1.0), 0.5),
    "scale: {to: [0, 5]}, invert: true": Scale((0.0, 5.0), (1.0, 0.0)),
    "scale: {from: [1, 0], to: [0, 5]}": Scale((0.0, 5.0), (1.0, 0.0)),
    "invert: true": Scale((0.0, 1.0), (1.0, 0.0)),
}


@pytest.mark.parametrize("words", BACK)
def test_the_way_back_is_the_inverse(words):
    out, in_ = link(f"midi: {{cc: 7}}, feedback: true, osc: /a, {words}")
    assert [rule.shape.scale for rule in out] == [BACK[words]] * 2
    assert in_[0].shape == in_[1].shape
    there = compile_scale(in_[0].shape.scale or Scale(), invert=in_[0].shape.invert).one
    back = compile_scale(BACK[words]).one
    low, high = sorted(BACK[words].end)
    for number in range(128):
        position = low + number / 127 * (high - low)
        assert back(there(position)) == pytest.approx(position)
    assert (back(there(low)), back(there(high))) == (low, high), "exact at both ends"


CURVES = st.sampled_from(["lin", "exp", "log"]) | st.floats(0.01, 100)
ENDS = st.floats(0.001, 1e4)


@given(first=ENDS, second=ENDS, curve=CURVES, position=st.floats(0, 1))
def test_any_scale_has_its_way_back(first, second, curve, position):
    ends = "[0.25, 1]" if curve == "log" else "[0, 1]"
    text = (
        f"midi: {{cc: 7}}, feedback: true, scale: {{from: {ends}, to: [{first}, {second}], curve: {curve}}}"
    )
    try:
        (light,), (hand,) = link(text)
    except ConfigError:
        return
    if curve == "log":
        position = 0.25 + 0.75 * position
    value = compile_scale(hand.shape.scale).one(position)
    # what a steep curve flattens cannot be told apart again, but gives the same value
    again = compile_scale(hand.shape.scale).one(min(max(compile_scale(light.shape.scale).one(value), 0), 1))
    assert again == pytest.approx(value, rel=1e-6, abs=1e-6 * abs(second - first))


def test_words_for_one_way_stay_on_it():
    out, in_ = link("midi: {cc: 7}, osc: /a, feedback: true, smooth: 50ms, round: 1, deadband: 1, rate: 20")
    assert all(rule.shape.smooth and rule.shape.round and rule.shape.deadband for rule in in_)
    assert [rule.shape for rule in out] == [Shape(), CHANGE]
    assert [rule.rate_hz for rule in (*out, *in_)] == [20.0, 20.0, None, None]


def test_a_clip_holds_both_ways():
    out, in_ = link("midi: {cc: 7}, osc: /a, scale: {from: [0, 1], to: [20, 2000]}, clip: true")
    assert in_[0].shape.clip == (20.0, 2000.0)
    assert out[0].shape.clip == (0.0, 1.0)


def test_feedback_goes_to_the_port_of_the_control():
    assert link("midi: {cc: 7, port: nano}, feedback: true")[0][0].midi.to == ("nano",)
    assert link("midi: {cc: 7, port: keys}, feedback: true")[0][0].midi.to == ()


def test_a_ring_shows_where_its_encoder_is():
    out, in_ = link(
        "midi: {cc: 7, relative: twos}, feedback: true, scale: {from: [0, 127], to: [0, 10]}, step: 1"
    )
    assert in_[0].midi == MidiIn(Control(Kind.CC, 7), Relative.TWOS, 1.0)
    assert out[0].shape.scale == Scale((0.0, 10.0), (0.0, 1.0))


def test_a_light_of_a_pad_is_as_bright_as_the_variable():
    (light,), _ = link("midi: {note: 36, channel: 10}, mode: toggle, feedback: true")
    assert light.midi.velocity_var == "a"
    assert 0.0 < light.midi.on < 1 / 127


def test_links_alone_are_a_mapping():
    out, in_ = link("midi: {cc: 7}")
    assert out == ()
    assert len(in_) == 1
    config = parse("links: []", "f")
    assert (config.out, config.in_) == ((), ())


# Profiles

SHIPPED = Profiles(shipped())


def test_controls_by_name():
    text = """\
midi: {in: [nanoKONTROL2, keys], out: nanoKONTROL2}
in:
- {midi: nanoKONTROL2.slider1, var: a}
- {midi: {control: nanoKONTROL2.slider1, port: keys}, var: a}
out:
- {midi: nanoKONTROL2.solo1, var: a}
links:
- {midi: nanoKONTROL2.slider2, var: a, feedback: true}
"""
    config = parse(text, "f", profiles=SHIPPED, check_rule=rule_problem)
    assert [rule.midi.control for rule in config.in_] == [
        Control(Kind.CC, 0, 1, port="nanoKONTROL2"),
        Control(Kind.CC, 0, 1, port="keys"),
        Control(Kind.CC, 1, 1, port="nanoKONTROL2"),
    ]
    assert [rule.midi for rule in config.out] == [
        MidiOut(Control(Kind.CC, 32, 1), ("nanoKONTROL2",)),
        MidiOut(Control(Kind.CC, 1, 1), ("nanoKONTROL2",)),
    ]


def test_every_control_of_every_profile_can_be_heard():
    for name, profile in SHIPPED.items():
        for control in profile.controls:
            text = f"midi: {{in: x}}\nin: [{{midi: {name}.{control}, var: a}}]"
            (rule,) = parse(text, "f", profiles=SHIPPED, check_rule=rule_problem).in_ or ()
            assert rule.midi is not None, control


NAMES = {
    "nanoKONTROL.slider1": (
        "2:13: there is no profile of a controller `nanoKONTROL`: did you mean `nanoKONTROL2`?"
    ),
    "nanoKONTROL2.slide1": "2:13: `nanoKONTROL2` has no control `slide1`: did you mean `slider1`?",
}


@pytest.mark.parametrize("text", NAMES)
def test_names_that_no_profile_has(text):
    with pytest.raises(ConfigError) as caught:
        parse(f"midi: {{in: x}}\nin: [{{midi: {text}, var: a}}]", "f", profiles=SHIPPED)
    assert [str(fault).removeprefix("f:") for fault in caught.value.faults] == [NAMES[text]]


def test_a_profile_of_ones_own_stands_beside_the_config(tmp_path: Path):
    folder = tmp_path / "controllers"
    folder.mkdir()
    (folder / "box.yaml").write_text("title: Box\nports: [box]\ncontrols: {dial: {cc: 3, channel: 2}}\n")
    config = tmp_path / "my.yaml"
    config.write_text("midi: {in: a}\nin: [{midi: box.dial, var: a}]\n")
    (rule,) = load(config).in_ or ()
    assert rule.midi.control == Control(Kind.CC, 3, 2)


@pytest.mark.parametrize("bpm", [SLOWEST_BPM, FASTEST_BPM])
def test_a_clock_that_is_accepted_is_played_so(bpm):
    clock = ClockOut()
    clock.tempo(parse(f"midi: {{clock: {bpm}}}", "f").midi.clock_bpm, 0.0)
    assert clock.bpm == bpm


@pytest.mark.parametrize("bpm", ["1", "9.9", "500.5", "999"])
def test_a_clock_that_cannot_be_played_is_a_fault(bpm):
    with pytest.raises(ConfigError) as caught:
        parse(f"midi: {{clock: {bpm}}}", "f")
    instead = "write 10 to 500, or none"
    assert [str(f) for f in caught.value.faults] == [
        f"f:1:15: a clock of `{bpm}` beats a minute cannot be played: {instead}"
    ]
