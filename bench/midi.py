"""MIDI in and out without ports: what a message costs from bytes to touch and back, beside mido alone.

The floor parses (``Message.from_bytes``) or builds (``Message(…).bytes()``) the same messages and does
nothing with them. Both are timed in turns, in the processor time of this process; medians of the rounds.
"""

from __future__ import annotations

import time
from statistics import median

from mido import Message

from belabridge.controls import Control, Kind
from belabridge.midi.codec.decoder import Decoder
from belabridge.midi.codec.outlet import Outlet
from belabridge.midi.codec.parser import Parser
from belabridge.midi.codec.routes import Routes
from belabridge.rules import InRule, MidiIn, MidiOut
from bench.figure import Figure

CONTROLS = 30  # a control surface, all of it moving
VALUES = 128
ROUNDS = 15


def in_turns(ours, floor, count, rounds):
    """µs a message of both; each round runs both, so that what slows one slows the other."""
    times = ([], [])
    for _ in range(rounds):
        for work, seconds in zip((ours, floor), times, strict=True):
            start = time.process_time()
            work()
            seconds.append((time.process_time() - start) / count * 1e6)
    return median(times[0]), median(times[1])


def coarse():
    """Every control goes through its range; (bytes, how mido builds them)."""
    return [
        (bytes((0xB0, number, value)), {"channel": 0, "control": number, "value": value})
        for value in range(VALUES)
        for number in range(CONTROLS)
    ]


def fine():
    return [
        (
            bytes((0xB0, number + half * 32, value)),
            {"channel": 0, "control": number + half * 32, "value": value},
        )
        for value in range(VALUES)
        for number in range(CONTROLS)
        for half in (0, 1)
    ]


def heard(messages, kind, rounds):
    """In: bytes to touches, through 30 rules."""
    rules = [InRule(var=f"v{n}", midi=MidiIn(Control(kind, n, 1))) for n in range(CONTROLS)]
    routes = Routes(rules, "p")
    parser, decoder = Parser(), Decoder(routes.needs)
    data = [one for one, _ in messages]
    touched = [0]

    def ours():
        touched[0] = 0
        for one in data:
            for message in parser.feed(one):
                for event in decoder.feed(message, 0.0):
                    touched[0] += len(routes.touches(event))

    def floor():
        for one in data:
            Message.from_bytes(one)

    result = in_turns(ours, floor, len(data), rounds)
    if touched[0] != CONTROLS * VALUES:
        raise SystemExit(f"{touched[0]} touches came of {CONTROLS * VALUES}: measure again")
    return result


def told(messages, kind, rounds):
    """Out: positions to bytes, each another than the one before."""
    outlet = Outlet("p")
    outs = [MidiOut(Control(kind, n, 1)) for n in range(CONTROLS)]
    positions = [value / (VALUES - 1) for value in range(VALUES)]
    went = [0]

    def ours():
        went[0] = 0
        for position in positions:
            for midi in outs:
                outlet.send(midi, position, 0.0)
                went[0] += len(outlet.take(0.0))

    def floor():
        for _, fields in messages:
            Message("control_change", **fields).bytes()

    result = in_turns(ours, floor, len(messages), rounds)
    if went[0] != len(messages):
        raise SystemExit(f"{went[0]} messages went of {len(messages)}: measure again")
    return result


def measure(*, quick=False):
    rounds = 3 if quick else ROUNDS

    def figure(name, pair):
        ours, floor = pair
        return Figure(name, f"{ours:.2f} µs", f"{floor:.2f} µs", f"{ours / floor:.2f}")

    return [
        figure("MIDI in: a CC from bytes to touch", heard(coarse(), Kind.CC, rounds)),
        figure("  a message of a 14-bit pair", heard(fine(), Kind.CC14, rounds)),
        figure("MIDI out: a CC from position to bytes", told(coarse(), Kind.CC, rounds)),
        figure("  a message of a 14-bit pair", told(fine(), Kind.CC14, rounds)),
    ]
