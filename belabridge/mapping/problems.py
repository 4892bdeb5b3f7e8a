"""What makes a rule impossible, in a few words for its author."""

from __future__ import annotations

import math

from belabridge.controls import Control, Kind
from belabridge.mapping import shape as shapes
from belabridge.rules import SLOWEST_RATE_HZ, InRule, MidiIn, MidiOut, Mode, OutRule, Take, Takeover

# of the kinds that have a number: the highest one
HIGHEST_NUMBER = {
    Kind.CC: 127,
    Kind.CC14: 31,
    Kind.RPN: 16383,
    Kind.NRPN: 16383,
    Kind.NOTE: 127,
    Kind.POLY_PRESSURE: 127,
}
# of these a rule may leave the number open: any note
KEYS = frozenset({Kind.NOTE, Kind.POLY_PRESSURE})
# these belong to a port as a whole
WITHOUT_CHANNEL = frozenset(
    {Kind.SYSEX, Kind.CLOCK, Kind.START, Kind.STOP, Kind.CONTINUE, Kind.TEMPO, Kind.BEAT}
)
# these say no position: there is nothing to take over, to turn over or to count in steps
WITHOUT_POSITION = frozenset({Kind.PROGRAM, Kind.CLOCK, Kind.TEMPO, Kind.BEAT})


def rule_problem(rule: OutRule | InRule) -> str | None:
    """What makes a rule impossible; None when it is fine."""
    if rule.rate_hz is not None and not SLOWEST_RATE_HZ <= rule.rate_hz < math.inf:
        return f"rate must be at least {SLOWEST_RATE_HZ:g} Hz and finite, not {rule.rate_hz:g}"
    fault = shapes.problem(rule.shape)
    if fault is not None:
        return fault
    if isinstance(rule, InRule):
        return _in_problem(rule) or (None if rule.midi is None else _midi_in_problem(rule, rule.midi))
    return _out_problem(rule) or (None if rule.midi is None else _midi_out_problem(rule, rule.midi))


def is_in_time(rule: OutRule | InRule) -> bool:
    """Whether something about it depends on the values before."""
    return rule.shape.smooth is not None or rule.shape.deadband > 0.0 or rule.shape.on_change


def _in_problem(rule: InRule) -> str | None:
    if rule.log is not None:
        sets = bool(rule.variables) or rule.buffer is not None
        return "an input that logs sets nothing: make two of it" if sets else None
    if bool(rule.variables) == (rule.buffer is not None):
        return "an input needs either var or buffer"
    if isinstance(rule.buffer, int) and rule.buffer_type is None:
        return "a buffer that is given by its number needs its C type"
    if rule.buffer is not None and is_in_time(rule):
        return "smooth, deadband and on_change are for single values, not for a buffer: leave them out"
    return None


def _out_problem(rule: OutRule) -> str | None:
    if rule.take is Take.ALL and is_in_time(rule):
        return "smooth, deadband and on_change are for single values, not for take: all: leave them out"
    if rule.take is Take.VALUE and rule.rate_hz is None:
        return "take: value needs a rate"
    if rule.osc is not None and rule.osc.form == "blob" and rule.take is not Take.ALL:
        return "as: blob is for take: all; a single value is one of f d i h"
    return None


def _first(*faults: tuple[bool, str]) -> str | None:
    return next((words for there, words in faults if there), None)


def _control_problem(control: Control) -> str | None:
    kind, number, channel = control.kind, control.number, control.channel
    highest = HIGHEST_NUMBER.get(kind, -1)
    is_whole = kind in WITHOUT_CHANNEL
    return _first(
        (highest < 0 and number is not None, f"{kind} has no number"),
        (highest >= 0 and number is None and kind not in KEYS, f"{kind} needs a number, 0 to {highest}"),
        (number is not None and not 0 <= number <= highest, f"{kind} is 0 to {highest}, not {number}"),
        (is_whole and channel is not None, f"{kind} has no channel"),
        (channel is not None and not 1 <= channel <= 16, f"a channel is 1 to 16, not {channel}"),
        (control.bits not in {7, 14}, f"data has 7 or 14 bits, not {control.bits}"),
        ((kind is Kind.SYSEX) != bool(control.template), "only sysex has a template, and it needs one"),
    )


def _midi_in_problem(rule: InRule, midi: MidiIn) -> str | None:
    kind = midi.control.kind
    parts = (midi.pitch_var, midi.velocity_var, midi.gate_var)
    turns = midi.relative is not None
    takes_over = midi.takeover is not Takeover.JUMP
    toggles = midi.mode is Mode.TOGGLE
    return _control_problem(midi.control) or _first(
        (rule.osc is not None, "an input hears OSC or MIDI: make two of it"),
        (rule.buffer is not None, "MIDI fills no buffer"),
        (kind is not Kind.NOTE and any(parts), "only a note has pitch, velocity and gate"),
        (midi.step is not None and not 0.0 < abs(midi.step) < math.inf, "step is a number other than 0"),
        (
            kind in WITHOUT_POSITION and (turns or takes_over or toggles),
            f"{kind} says no position: leave relative, takeover and mode out",
        ),
        (turns and kind is not Kind.CC, "only a cc counts in steps by itself: leave relative out"),
        (turns and (takes_over or toggles), "steps take nothing over: leave takeover and mode out"),
        (toggles and takes_over, "a toggle has nothing to take over: leave takeover out"),
        (toggles and rule.variables != (rule.var,), "a toggle turns one variable over: write var: NAME"),
        (kind is Kind.NOTE and takes_over, "a note has nothing to take over: leave takeover out"),
    )


def _midi_out_problem(rule: OutRule, midi: MidiOut) -> str | None:
    control = midi.control
    kind = control.kind
    nowhere = control.channel is None and control.zone is None and kind not in WITHOUT_CHANNEL
    keyless = kind in KEYS and control.number is None and midi.note_var is None
    return _control_problem(control) or _first(
        (rule.osc is not None, "an output goes to OSC or to MIDI: make two of it"),
        (rule.take is Take.ALL, "MIDI takes single values: take value, mean or another one"),
        (kind is Kind.BEAT, "beat can only be heard: send tempo, or clock"),
        (keyless, f"say which {kind} is sent"),
        (nowhere, f"say on which channel {kind} is sent"),
        (not (-math.inf < midi.off <= midi.on < math.inf), "on is a number, and off is not above it"),
        (not 0 <= midi.velocity <= 127, f"velocity is 0 to 127, not {midi.velocity}"),
        _step_out_problem(rule, midi),
    )


def _step_out_problem(rule: OutRule, midi: MidiOut) -> tuple[bool, str]:
    """What makes steps impossible, as a part of a table: whether, and in which words."""
    kind = midi.control.kind
    if midi.step is None:
        return midi.relative is not None, "steps need a step: how far the value moves for one"
    found = _first(
        (not 0.0 < abs(midi.step) < math.inf, "step is a number other than 0"),
        (kind not in {Kind.CC, Kind.RPN, Kind.NRPN}, f"{kind} says no steps"),
        ((kind is Kind.CC) != (midi.relative is not None), "a cc, and nothing else, has a kind of steps"),
        (midi.control.zone is not None, "a zone hears no steps: say the channel"),
        (rule.feedback, "steps are no feedback: they do not say where the variable is"),
    )
    return found is not None, found or ""
