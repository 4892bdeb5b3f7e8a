"""What the board sends, as controls, pulses and notes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning import measured, monitor, plan_of, stream, table, variable
from touching import CC7, FADER, at, cc_in, cc_out, midi

from belabridge.controls import Control, Kind, MidiOrigin
from belabridge.mapping.intents import Refused, SendMidi, SendNote
from belabridge.mapping.plan import Need, Plan
from belabridge.rules import InRule, MidiOut, OnePole, OscOut, OutRule, Scale, Shape, Take

DRUM = Control(Kind.NOTE, 36, 10)
SYNTH = Control(Kind.NOTE, None, 1)
START = Control(Kind.START)
CHANGE = Shape(on_change=True)


def gate(control=DRUM, *, take=Take.VALUE, shape=CHANGE, **more):
    """A rule that makes notes of ``gain``."""
    return OutRule("gain", take, 200.0, shape, midi=MidiOut(control, **more))


def played(rule, moves, step_s=0.01):
    """What goes out for each move, a value of ``gain`` or (name, value), or None to let time pass."""
    plan, found = plan_of(rule), []
    for number, move in enumerate(moves):
        now = number * step_s
        found.append(midi(plan.tick(now)))
        name, value = move if isinstance(move, tuple) else ("gain", move)
        if value is not None:
            found[-1] += midi(plan.block(monitor(name, value, number * 441), now))
    return found


# name: (rule, values of pot, what goes out)
CONTROLS = {
    "a position": (cc_out(), [0.0, 0.5, 1.0], [0.0, 0.5, 1.0]),
    "held within the control": (cc_out(), [-3.0, 0.5, 7.0], [0.0, 0.5, 1.0]),
    "on change of the position": (cc_out(CHANGE), [5.0, 7.0, 0.5, 0.5], [1.0, 0.5]),
    "scaled": (cc_out(Shape(scale=Scale((0, 10), (0, 1)))), [0.0, 5.0, 10.0], [0.0, 0.5, 1.0]),
    "clipped narrower": (cc_out(Shape(clip=(0.25, 0.5))), [0.0, 1.0], [0.25, 0.5]),
    "clipped outside": (cc_out(Shape(clip=(2.0, 3.0))), [0.0, 1.0], [1.0, 1.0]),
    "a program is whole": (
        cc_out(control=Control(Kind.PROGRAM, None, 1)),
        [0.0, 5.25, 5.75, 200.0, -1.0],
        [0.0, 5.0, 6.0, 127.0, 0.0],
    ),
    "a tempo is free": (cc_out(control=Control(Kind.TEMPO)), [120.5, 0.0], [120.5, 0.0]),
    "bend": (cc_out(control=Control(Kind.BEND, None, 1)), [0.5], [0.5]),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_controls(name):
    rule, moves, expected = CONTROLS[name]
    plan = plan_of(rule)
    found = [v for n, x in enumerate(moves) for v in midi(plan.block(monitor("pot", x), n * 0.1))]
    assert found == expected


def test_a_statistic_becomes_a_control():
    plan = plan_of(cc_out(take=Take.RMS))
    (intent,) = plan.block(stream("pot", [0.3, -0.3]), 0.0)
    assert isinstance(intent, SendMidi)
    assert intent.value == pytest.approx(0.3)
    assert intent.midi.control == CC7


def test_the_last_value_arrives_under_a_rate():
    plan = plan_of(cc_out(rate=10.0))
    found = [v for n in range(9) for v in midi(plan.block(monitor("pot", n / 8), n * 0.01))]
    found += midi(plan.tick(plan.due()))
    assert found[-1] == 1.0
    assert len(found) < 4
    assert measured(plan, 1.0)[0][0].superseded > 4


def test_a_filter_stays_within_the_control():
    plan = plan_of(cc_out(Shape(smooth=OnePole(0.02))))
    found = midi(plan.block(monitor("pot", 0.0), 0.0)) + midi(plan.block(monitor("pot", 9.0), 0.1))
    while (due := plan.due()) is not None:
        found += midi(plan.tick(due))
    assert found == sorted(found)
    assert found[-1] == 1.0


def test_who_set_it_goes_along():
    plan = plan_of(OutRule("gain", midi=MidiOut(CC7), feedback=True), cc_in())
    plan.touch(0, at(0.5), FADER, 0.0)
    (intent,) = plan.read([variable("gain", 0.5, controlled=True)], 0.1)
    assert intent == SendMidi(0, MidiOut(CC7), 0.5, FADER)
    (intent,) = plan.read([variable("gain", 0.75, controlled=True)], 5.0)
    assert intent == SendMidi(0, MidiOut(CC7), 0.75, None)


def test_a_value_that_is_no_number_is_refused_by_name():
    plan = plan_of(cc_out())
    (refused,) = plan.block(monitor("pot", np.nan), 0.0)
    assert isinstance(refused, Refused)
    assert refused.detail == "pot → cc 7 on channel 1: the value is nan"
    assert measured(plan, 1.0)[0][0].refused == 1


# Pulses

# name: (on, off, values of pot, at which of them a pulse goes out)
PULSES = {
    "a rise": (0.5, 0.5, [0.0, 1.0, 1.0, 0.0, 1.0], [1, 4]),
    "high at first has not risen": (0.5, 0.5, [1.0, 1.0, 0.0, 1.0], [3]),
    "hysteresis": (0.75, 0.25, [0.0, 0.8, 0.5, 0.8, 0.2, 0.5, 0.8], [1, 6]),
    "between the two at first": (0.75, 0.25, [0.5, 0.8], [1]),
    "at the very value": (0.5, 0.5, [0.0, 0.5], [1]),
}


@pytest.mark.parametrize("name", PULSES)
def test_pulses(name):
    on, off, moves, expected = PULSES[name]
    plan = plan_of(cc_out(control=START, on=on, off=off, rate=200.0))
    found = [n for n, x in enumerate(moves) if midi(plan.block(monitor("pot", x), n * 0.0001))]
    assert found == expected


def test_a_sysex_message_without_a_place_for_a_value_is_a_pulse():
    dump = Control(Kind.SYSEX, template=(0xF0, 0x7E, 0x7F, 0x06, 0x01, 0xF7))
    plan = plan_of(cc_out(control=dump))
    found = [midi(plan.block(monitor("pot", x), n * 0.1)) for n, x in enumerate([0.0, 1.0, 1.0, 0.0])]
    assert found == [[], [1.0], [], []]


def test_no_pulse_is_lost_to_a_rate():
    plan = plan_of(cc_out(control=Control(Kind.CLOCK), rate=50.0))
    sent = [midi(plan.block(monitor("pot", n % 2), n * 0.001)) for n in range(100)]
    assert sum(map(len, sent)) == 50


def test_a_pulse_is_not_sent_again_after_a_reconnect():
    plan = plan_of(cc_out(control=START))
    plan.block(monitor("pot", 0.0), 0.0)
    assert plan.read([variable("pot", 1.0)], 1.0, first=True) == []


# Notes

ON, OFF = ("on", 36, 100), ("off", 36)

# name: (rule, values of gain, or (name, value) or None to wait; what goes out for each, 10 ms apart)
NOTES = {
    "a gate": (gate(), [0.0, 1.0, 1.0, 0.0], [[], [ON], [], [OFF]]),
    "high at first begins": (gate(), [1.0, 0.0], [[ON], [OFF]]),
    "hysteresis": (
        gate(on=0.5, off=0.4),
        [0.45, 0.5, 0.45, 0.55, 0.39, 0.45],
        [[], [ON], [], [], [OFF], []],
    ),
    "its velocity": (gate(velocity=1), [1.0], [[("on", 36, 1)]]),
    "a velocity of 0 would be no note": (gate(velocity=0), [1.0], [[("on", 36, 1)]]),
    "its way": (gate(shape=Shape(invert=True)), [1.0, 0.0, 1.0], [[], [ON], [OFF]]),
    "the pitch of a variable": (
        gate(SYNTH, note_var="pot"),
        [("pot", 60.0), 1.0, None, 0.0],
        [[], [], [("on", 60, 100)], [("off", 60)]],
    ),
    "the pitch that comes a moment after the gate": (
        gate(SYNTH, note_var="pot"),
        [("pot", 60.0), 1.0, ("pot", 62.4), 0.0],
        [[], [], [("on", 60, 100), ("on", 62, 100), ("off", 60)], [("off", 62)]],
    ),
    "legato": (
        gate(SYNTH, note_var="pot"),
        [("pot", 60.0), 1.0, None, ("pot", 64.0), 0.0],
        [[], [], [("on", 60, 100)], [("on", 64, 100), ("off", 60)], [("off", 64)]],
    ),
    "a pitch about the border between two notes": (
        gate(SYNTH, note_var="pot"),
        [("pot", 60.4), 1.0, None, ("pot", 60.55), ("pot", 60.45), ("pot", 60.7), ("pot", 60.45)],
        [[], [], [("on", 60, 100)], [], [], [("on", 61, 100), ("off", 60)], []],
    ),
    "a pitch in Hz": (
        gate(SYNTH, note_var="pot", note_is_hz=True),
        [("pot", 445.0), 1.0, None, 0.0],
        [[], [], [("on", 69, 100)], [("off", 69)]],
    ),
    "a pitch beyond all notes is no note until it comes back": (
        gate(SYNTH, note_var="pot"),
        [("pot", 200.0), 1.0, None, ("pot", 60.0), ("pot", -5.0), 0.0],
        [[], [], [], [("on", 60, 100)], [], [("off", 60)]],
    ),
    "0 Hz is no note": (
        gate(SYNTH, note_var="pot", note_is_hz=True),
        [("pot", 0.0), 1.0, None, 0.0],
        [[], [], [], []],
    ),
    "no pitch yet, but a number": (
        gate(Control(Kind.NOTE, 48, 1), note_var="pot"),
        [1.0, None, 0.0],
        [[], [("on", 48, 100)], [("off", 48)]],
    ),
    "no pitch yet, and no number": (
        gate(SYNTH, note_var="pot"),
        [1.0, None, ("pot", 60.0), 0.0],
        [[], [], [("on", 60, 100)], [("off", 60)]],
    ),
    "shorter than the wait for the pitch": (
        gate(SYNTH, note_var="pot"),
        [("pot", 60.0), 1.0, 0.0],
        [[], [], [("on", 60, 100), ("off", 60)]],
    ),
    "the velocity of a variable": (
        gate(velocity_var="pot"),
        [("pot", 0.5), 1.0, None, ("pot", 1.0), 0.0],
        [[], [], [("on", 36, 64)], [], [OFF]],
    ),
    "velocities beyond the ends": (
        gate(velocity_var="pot"),
        [("pot", -1.0), 1.0, None, 0.0, ("pot", 9.0), 1.0, None],
        [[], [], [("on", 36, 1)], [OFF], [], [], [("on", 36, 127)]],
    ),
    "the gate is its own velocity": (
        gate(on=0.1, off=0.05, velocity_var="gain"),
        [0.0, 0.5, 1.0, 0.0],
        [[], [("on", 36, 64)], [], [OFF]],
    ),
}


@pytest.mark.parametrize("name", NOTES)
def test_notes(name):
    rule, moves, expected = NOTES[name]
    step_s = 0.003 if "shorter" in name else 0.01
    assert played(rule, moves, step_s) == expected


def test_pitch_and_gate_of_one_frame_make_no_wrong_note_in_either_order():
    for order in ((("pot", 62.0), ("gain", 1.0)), (("gain", 1.0), ("pot", 62.0))):
        plan = plan_of(gate(SYNTH, note_var="pot", velocity_var="mic"))
        for name, value in (("mic", 1.0), ("pot", 60.0), ("gain", 0.0)):
            plan.block(monitor(name, value, 100), 0.0)
        intents = []
        for name, value in (*order, ("mic", 0.5)):
            intents += plan.block(monitor(name, value, 200), 0.1)
        assert midi(intents) == [("on", 62, 64)]
        assert plan.due() is None or plan.tick(plan.due()) == []


def test_a_pitch_that_is_no_number_is_refused():
    plan = plan_of(gate(SYNTH, note_var="pot"))
    (refused,) = plan.block(monitor("pot", np.inf), 0.0)
    assert refused.detail == "pot: inf says nothing of a note"


def test_a_drum_from_the_peak_of_all_samples():
    plan = plan_of(gate(take=Take.PEAK, on=0.5, off=0.1, velocity_var="gain"))
    blocks = [[0.0, 0.01], [0.0, -0.75], [0.2, 0.1], [0.0, 0.01]]
    found = [midi(plan.block(stream("gain", block), n * 0.01)) for n, block in enumerate(blocks)]
    assert found == [[], [("on", 36, 96)], [], [OFF]]


def test_no_gate_is_lost_to_a_rate():
    plan = plan_of(gate())
    sent = [m for n in range(40) for m in midi(plan.block(monitor("gain", n % 2), n * 0.0005))]
    assert sent == [ON, OFF] * 19 + [ON]


def test_a_note_ends_though_who_began_it_is_skipped():
    plan = plan_of(gate(), InRule(midi=cc_in().midi, var="gain"))
    keys = MidiOrigin("pads", Kind.NOTE, 10, 36)
    plan.touch(0, at(1.0), keys, 0.0)
    (on,) = plan.read([variable("gain", 1.0, controlled=True)], 0.1)
    plan.touch(0, at(0.0), keys, 0.2)
    (off,) = plan.read([variable("gain", 0.0, controlled=True)], 0.3)
    assert (on.skip, off.skip) == (keys, None)
    assert off == SendNote(0, MidiOut(DRUM), on=False, note=36, velocity=0, skip=None)


def test_a_note_sounds_again_after_everything_was_silenced():
    plan = plan_of(gate())
    assert midi(plan.read([variable("gain", 1.0)], 0.0, first=True)) == [ON]
    assert midi(plan.read([variable("gain", 1.0)], 1.0, first=True)) == [], "it sounds"
    plan.silenced()
    assert midi(plan.read([variable("gain", 1.0)], 2.0, first=True)) == [ON]
    plan.silenced()
    assert midi(plan.block(monitor("gain", 1.0), 2.5)) == [ON], "also when nothing changed"
    plan.silenced()
    assert midi(plan.read([variable("gain", 0.0)], 3.0, first=True)) == []


@pytest.mark.parametrize("raw", range(1, 128))
def test_a_velocity_that_came_in_goes_out_the_same(raw):
    plan = plan_of(gate(velocity_var="pot"))
    level = raw / 128 if raw <= 64 else 0.5 + (raw - 64) / 126
    begun = plan.read([variable("pot", level), variable("gain", 1.0)], 0.0, first=True)
    assert midi([*begun, *plan.tick(1.0)]) == [("on", 36, raw)]


def begun_anew(plan, indices=None):
    return [(i.rule_index, i.on, i.note) for i in plan.begin_anew(indices)]


def test_gates_that_are_open_begin_anew_at_once():
    plan = plan_of(gate(), gate(SYNTH, note_var="pot"), cc_out())
    assert begun_anew(plan) == []
    plan.read([variable("pot", 60.0), variable("gain", 1.0)], 0.0, first=True)
    plan.tick(1.0)
    assert begun_anew(plan) == [(0, True, 36), (1, True, 60)]
    assert begun_anew(plan, {1}) == [(1, True, 60)]
    plan.read([variable("gain", 0.0, controlled=True)], 2.0)
    assert begun_anew(plan) == []


def test_a_gate_that_waits_for_its_pitch_begins_once():
    plan = plan_of(gate(SYNTH, note_var="pot"))
    plan.block(monitor("pot", 64.0), 0.0)
    plan.block(monitor("gain", 1.0, 1), 0.0)
    assert begun_anew(plan) == []
    assert midi(plan.tick(1.0)) == [("on", 64, 100)]


def test_what_the_board_left_open_waits_for_the_board():
    plan = plan_of(gate())
    plan.read([variable("gain", 1.0)], 0.0, first=True)
    plan.silenced()
    assert begun_anew(plan) == [], "a port that comes while the board is away"
    assert midi(plan.read([variable("gain", 1.0)], 2.0, first=True)) == [ON]


def test_a_note_of_an_unchanged_rule_begins_anew_in_the_next_plan():
    old = plan_of(gate(), gate(DRUM, off=0.25))
    old.read([variable("gain", 1.0)], 0.0, first=True)
    new = Plan([cc_out(), old.out[0]], [], old)
    new.bind(table())
    assert begun_anew(new) == [(1, True, 36)]


# What happens after a panic while the gate is open: each goes on with the plan and gives what goes out.
AFTER_PANIC = {
    "the pitch moves on": lambda plan: plan.block(monitor("pot", 64.0, 441), 1.0),
    "the value comes again": lambda plan: plan.block(monitor("gain", 0.9, 441), 1.0),
    "a port comes back": lambda plan: plan.begin_anew(),
    "time passes": lambda plan: plan.tick(9.0),
    "the board tells all again": lambda plan: plan.read(
        [variable("pot", 64.0), variable("gain", 1.0)], 1.0, first=True
    ),
    "the board is away for a moment": lambda plan: (
        plan.silenced() or plan.read([variable("pot", 64.0), variable("gain", 1.0)], 1.0, first=True)
    ),
}


@pytest.mark.parametrize("name", AFTER_PANIC)
@pytest.mark.parametrize("waits", [False, True])
def test_after_a_panic_a_gate_must_open_anew(name, waits):
    plan = plan_of(gate(SYNTH, note_var="pot"))
    plan.block(monitor("pot", 60.0), 0.0)
    plan.block(monitor("gain", 1.0, 1), 0.0)
    if not waits:  # for its pitch
        assert midi(plan.tick(0.5)) == [("on", 60, 100)]
    plan.mute()
    assert midi(AFTER_PANIC[name](plan)) == []
    assert midi(plan.tick(2.0)) == []
    assert midi(plan.block(monitor("gain", 0.0, 882), 3.0)) == [], "its note was ended"
    plan.block(monitor("gain", 1.0, 1323), 4.0)
    assert [on for on, *_ in midi(plan.tick(5.0))] == ["on"]


def test_a_panic_while_the_board_is_away_counts_when_it_is_back():
    plan = plan_of(gate())
    plan.read([variable("gain", 1.0)], 0.0, first=True)
    plan.silenced()
    plan.mute()
    assert midi(plan.read([variable("gain", 1.0)], 1.0, first=True)) == []
    plan.block(monitor("gain", 0.0), 2.0)
    assert midi(plan.block(monitor("gain", 1.0), 3.0)) == [ON]


def test_a_panic_leaves_closed_gates_and_lights_alone():
    plan = plan_of(gate(), OutRule("pot", midi=MidiOut(Control(Kind.NOTE, 40, 1)), feedback=True))
    plan.read([variable("gain", 0.0), variable("pot", 1.0)], 0.0, first=True)
    plan.mute()
    assert midi(plan.block(monitor("gain", 1.0), 1.0)) == [ON]
    assert midi(plan.block(monitor("pot", 0.0), 1.0)) == [("off", 40)]


def test_a_rule_that_stays_ends_its_note_at_its_new_place():
    old = plan_of(gate(SYNTH, note_var="pot"))
    for name, value in (("pot", 60.0), ("gain", 1.0)):
        old.block(monitor(name, value), 0.0)
    new = Plan([cc_out(), *old.out], [], old)
    new.bind(table())
    assert new.tick(1.0) == []
    legato = [i for i in new.block(monitor("pot", 64.0), 2.0) if isinstance(i, SendNote)]
    assert [(i.rule_index, i.note) for i in legato] == [(1, 64), (1, 60)]
    assert [(i.rule_index, i.note) for i in new.block(monitor("gain", 0.0), 3.0)] == [(1, 64)]


@given(
    st.lists(st.tuples(st.sampled_from(["gain", "pot", "mic"]), st.floats(-1, 130, width=32)), max_size=60)
)
def test_each_note_that_begins_ends_and_at_most_one_sounds(moves):
    plan, sounding = plan_of(gate(SYNTH, note_var="pot", velocity_var="mic", on=0.6, off=0.3)), []
    now = 0.0
    for number, (name, value) in enumerate([*moves, ("gain", 0.0)]):
        now += 0.0015
        intents = plan.tick(now) + plan.block(monitor(name, value, number * 64), now)
        for intent in intents:
            if intent.on:
                assert 0 <= intent.note <= 127
                assert 1 <= intent.velocity <= 127
                sounding.append(intent.note)
            else:
                sounding.remove(intent.note)
        assert len(sounding) <= 1
    assert sounding == []


# What the board has to send

NEEDS = {
    "a value": (cc_out(rate=50.0), {"pot": Need(watch=False, monitor_period_frames=882)}),
    "a statistic": (
        cc_out(take=Take.RMS),
        {"pot": Need(watch=True, monitor_period_frames=0, latency_frames=661)},
    ),
    "a gate with its pitch": (
        gate(SYNTH, note_var="pot", velocity_var="mic"),
        {name: Need(watch=False, monitor_period_frames=221) for name in ("gain", "pot", "mic")},
    ),
    "a drum with its own velocity": (
        gate(take=Take.PEAK, velocity_var="gain"),
        {"gain": Need(watch=True, monitor_period_frames=0, latency_frames=165)},
    ),
    "a drum with another velocity": (
        gate(take=Take.PEAK, velocity_var="mic"),
        {
            "gain": Need(watch=True, monitor_period_frames=0, latency_frames=165),
            "mic": Need(watch=False, monitor_period_frames=221),
        },
    ),
}


@pytest.mark.parametrize("name", NEEDS)
def test_needs(name):
    rule, expected = NEEDS[name]
    plan = plan_of(rule)
    assert plan.needs(44100.0, {v.name: v for v in table()}) == expected


def test_what_the_board_lacks_of_a_note_is_missing():
    plan = plan_of(gate(SYNTH, note_var="pitch"), InRule(midi=cc_in().midi, var="gain"))
    assert plan.missing(["gain"]) == ["pitch"]
    assert measured(plan, 0.0)[0][0].missing


def test_midi_answers_no_osc_questions():
    plan = plan_of(cc_out(), OutRule("pot", osc=OscOut("/p")))
    plan.block(monitor("pot", 0.5), 0.0)
    assert plan.value_of("cc 7 on channel 1") is None
    assert plan.value_of("/p") == 0.5
