"""Whatever happens: only finite values go out, and it comes to rest."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from planning import NAMES, WORDS, monitor, plan_of, stream, variable

from belabridge.controls import Control, Kind, MidiOrigin, Relative, Touch
from belabridge.mapping.intents import Refused, SendMidi, SendNote, SendOsc
from belabridge.mapping.plan import Plan
from belabridge.mapping.problems import rule_problem
from belabridge.rules import (
    InRule,
    MidiIn,
    MidiOut,
    Mode,
    OneEuro,
    OnePole,
    OscOut,
    OutRule,
    Shape,
    Take,
    Takeover,
)

shapes = st.sampled_from(
    [shape for shape, _, _ in WORDS.values()]
    + [Shape(expr="1/x"), Shape(smooth=OnePole(0.05)), Shape(smooth=OneEuro(), round=0.5, on_change=True)]
)
out_rules = st.builds(
    lambda var, take, rate, shape: OutRule(var, take, rate, shape, OscOut("/" + var)),
    st.sampled_from(NAMES),
    st.sampled_from(Take),
    st.sampled_from([1.0, 30.0, 500.0]),
    shapes,
)
in_rules = st.builds(
    lambda var, rate, shape: InRule("/in/" + var, var=var, shape=shape, rate_hz=rate),
    st.sampled_from(NAMES),
    st.sampled_from([None, 10.0]),
    shapes,
)
CC, NOTE = Control(Kind.CC, 7, 1), Control(Kind.NOTE, None, 1)
SENT = [
    MidiOut(CC),
    MidiOut(Control(Kind.PROGRAM, None, 1)),
    MidiOut(Control(Kind.TEMPO)),
    MidiOut(Control(Kind.START), on=0.9),
    MidiOut(NOTE, on=0.9, note_var="pot", velocity_var="mic"),
    MidiOut(NOTE, note_var="gain", note_is_hz=True, velocity_var="gain"),
]
HEARD = [
    *(MidiIn(CC, takeover=mode) for mode in Takeover),
    *(MidiIn(CC, Relative.TWOS, step) for step in (None, 1.0, -1e308)),
    MidiIn(CC, mode=Mode.TOGGLE),
    MidiIn(NOTE, mode=Mode.TOGGLE),
    MidiIn(NOTE, pitch_var="count", pitch_is_hz=True, velocity_var="mic", gate_var="gain"),
    MidiIn(Control(Kind.BEAT)),
]
midi_outs = st.builds(
    lambda rule, midi: OutRule(rule.var, rule.take, rule.rate_hz, rule.shape, midi=midi),
    out_rules.filter(lambda rule: rule.take is not Take.ALL),
    st.sampled_from(SENT),
)
midi_ins = st.builds(
    lambda rule, midi: InRule(var=rule.var, shape=rule.shape, rate_hz=rule.rate_hz, midi=midi),
    in_rules,
    st.sampled_from(HEARD),
)
touches = st.builds(
    Touch,
    st.floats(0, 1) | st.integers(-63, 63).map(float),
    st.booleans(),
    st.integers(0, 127),
    st.booleans(),
    st.integers(1, 3),
)
origins = st.builds(MidiOrigin, st.sampled_from(["a", "b"]), st.just(Kind.CC), st.integers(1, 2))
numbers = st.one_of(st.floats(width=32), st.integers(-5, 5))
events = st.one_of(
    st.tuples(st.just("monitor"), st.sampled_from(NAMES), st.floats(width=32)),
    st.tuples(
        st.just("stream"), st.sampled_from(NAMES), st.lists(st.floats(width=32), min_size=1, max_size=5)
    ),
    st.tuples(st.just("read"), st.sampled_from(NAMES), st.floats(), st.booleans(), st.booleans()),
    st.tuples(st.just("in"), st.lists(st.one_of(numbers, st.text(), st.none(), st.binary()), max_size=3)),
    st.tuples(st.just("wait"), st.floats(0, 1)),
    st.tuples(st.just("touch"), touches, origins),
    st.tuples(st.just("lost"), st.sampled_from(["a", "b"])),
)


def happen(plan, kind, what, now):  # noqa: PLR0911 - a table
    match kind, *what:
        case "monitor", name, value:
            return plan.block(monitor(name, held(name, value)), now)
        case "stream", name, samples:
            return plan.block(stream(name, held(name, samples)), now)
        case "read", name, value, controlled, first:
            return plan.read([variable(name, value, controlled=controlled)], now, first=first)
        case "in", args:
            by_osc = [index for index, rule in enumerate(plan.in_) if rule.midi is None]
            return [i for index in by_osc for i in plan.in_rule(index, args, "me", now)]
        case "touch", touch, origin:
            by_midi = [index for index, rule in enumerate(plan.in_) if rule.midi is not None]
            return [i for index in by_midi for i in plan.touch(index, touch, origin, now)]
        case "lost", port:
            plan.silenced()
            return plan.released(port, now)
        case _:
            return plan.tick(now)


def held(name, x):
    """``count`` is an int on the board."""
    return np.nan_to_num(np.clip(x, -1e9, 1e9)).astype(int).tolist() if name == "count" else x


def test_the_rules_are_possible():
    assert all(rule_problem(OutRule("pot", midi=midi)) is None for midi in SENT)
    assert all(rule_problem(InRule(var="pot", midi=midi)) is None for midi in HEARD)


@given(
    st.lists(out_rules | midi_outs, max_size=4),
    st.lists(in_rules | midi_ins, max_size=3),
    st.lists(events, max_size=30),
    st.integers(0, 30),
)
def test_only_finite_values_go_out_and_it_comes_to_rest(outs, ins, happenings, reload_at):
    rules = [r for r in (*outs, *ins) if rule_problem(r) is None]
    plan = plan_of(*rules)
    now = 0.0
    intents = []
    for number, (kind, *what) in enumerate(happenings):
        now += what[0] if kind == "wait" else 0.005
        intents += happen(plan, kind, what, now)
        if number == reload_at:
            kept = rules[::2]
            outs, ins = ([r for r in kept if isinstance(r, kind)] for kind in (OutRule, InRule))
            plan = Plan(outs, ins, plan)
            plan.bind([variable(name) for name in NAMES])
    for _ in range(20_000):
        if plan.due() is None:
            break
        now = max(now, plan.due())
        intents += plan.tick(now)
    assert plan.due() is None
    for intent in intents:
        match intent:
            case SendOsc(value=None):
                assert np.isfinite(intent.values).all()
            case SendNote():
                assert 0 <= intent.note <= 127
                assert intent.on == (intent.velocity > 0)
            case SendMidi() if intent.midi.control.kind is not Kind.TEMPO:
                assert 0.0 <= intent.value <= (127.0 if intent.midi.control.kind is Kind.PROGRAM else 1.0)
            case Refused():
                pass
            case _:
                assert math.isfinite(intent.value)
