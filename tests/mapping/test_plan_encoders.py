"""Encoders that count steps, and buttons that turn a variable over: tables of moves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from touching import CC7, FADER, KEYS, Bench, at, cc_in, down, steps, up

from belabridge.controls import Control, Kind, MidiOrigin, Relative
from belabridge.mapping.intents import Refused
from belabridge.rules import InRule, MidiIn, Mode, Scale, Shape

TWOS = Relative.TWOS
NO = None
LIN = Shape(scale=Scale((0, 1), (0, 10)))
EXP = Shape(scale=Scale((0, 1), (1, 10000), "exp"))


def board(value):
    """The variable was changed elsewhere, and the board tells it."""
    return ("board", value)


# name: (shape, step, what happens: steps of the hand, or ``board``; what each sets)
TURNS = {
    "a step of the variable": (Shape(), 1.0, [board(440.0), 1, 2, -4], [441.0, 443.0, 439.0]),
    "a hundredth unless said": (Shape(), None, [board(0.5), 1, -2], [0.51, 0.49]),
    "a clip is the end": (Shape(clip=(0, 1)), 0.25, [board(0.5), 3, 1, -1], [1.0, NO, 0.75]),
    "from beyond the clip": (Shape(clip=(0, 1)), 0.25, [board(7.0), -1, -1], [0.75, 0.5]),
    "a scale turns positions into values": (LIN, 0.1, [board(5.0), 1, -2], [6.0, 4.0]),
    "a hundredth of the scale": (LIN, None, [board(5.0), 1], [5.1]),
    "the scale's ends are the ends": (LIN, 0.3, [board(8.0), 1, 1, -10, -1], [10.0, NO, 0.0, NO]),
    "equal steps are equal ratios": (EXP, 0.25, [board(1.0), 1, 1, 2], [10.0, 100.0, 10000.0]),
    "other ends of the scale": (
        Shape(scale=Scale((0, 127), (0, 1))),
        12.7,
        [board(0.5), 1, 9],
        [0.6, 1.0],
    ),
    "ends the other way": (Shape(scale=Scale((1, 0), (0, 10))), 0.1, [board(5.0), 1], [4.0]),
    "invert turns it the other way": (Shape(invert=True), 0.1, [board(0.5), 1, 1], [0.4, 0.3]),
    "a negative step too": (Shape(), -1.0, [board(5.0), 1], [4.0]),
    "an expr has positions": (Shape(expr="x*x"), 0.25, [board(0.25), 1, 1, 1], [0.5625, 1.0, NO]),
    "rounding swallows no steps": (
        Shape(round=1.0),
        0.4,
        [board(5.0), 1, 1, 1, 1],
        [5.0, 6.0, 6.0, 7.0],
    ),
    "on from a change elsewhere": (Shape(), 1.0, [board(5.0), 1, board(50.0), 1], [6.0, 51.0]),
    "on from what we set ourselves": (Shape(), 0.1, [board(5.0), 1, board(5.1), 1], [5.1, 5.2]),
    "nobody knows from where": (Shape(), 1.0, [1, board(5.0), 1], [NO, 6.0]),
    "on_change": (Shape(round=1.0, on_change=True), 0.4, [board(5.0), 1, 1, 1], [5.0, 6.0, NO]),
}


@pytest.mark.parametrize("name", TURNS)
def test_turns(name):
    shape, step, moves, expected = TURNS[name]
    bench = Bench(cc_in(shape, relative=TWOS, step=step))
    found = []
    for move in moves:
        if isinstance(move, tuple):
            bench.told(move[1])
        else:
            found.append(bench.touch(steps(move)))
    assert found == pytest.approx(expected)


def test_small_steps_of_whole_numbers_add_up():
    bench = Bench(InRule(midi=MidiIn(CC7, TWOS, 0.25), var="count"))
    bench.told(5.0, "count")
    for _ in range(8):
        value = bench.touch(steps(1))
        bench.told(float(round(value)), "count")
    assert value == 7.0


@given(
    shape=st.sampled_from([Shape(), Shape(clip=(0, 1)), LIN, EXP, Shape(expr="x*x"), Shape(invert=True)]),
    start=st.floats(-2, 12),
    turns=st.lists(st.integers(-63, 63), max_size=30),
)
def test_steps_there_and_back_end_where_they_began(shape, start, turns):
    bench = Bench(cc_in(shape, relative=TWOS))
    bench.told(start)
    far = 64 * 100
    bench.touch(steps(far))
    low = bench.touch(steps(-far))
    assert (bench.touch(steps(-far)) is None) == (shape != Shape()), "only a bare value has no end"
    for turn in turns:
        value = bench.touch(steps(turn))
        assert value is None or math.isfinite(value)
    if shape != Shape():
        assert bench.touch(steps(-far)) in {low, None}


def test_a_step_beyond_all_numbers_is_refused_and_the_next_one_is_not():
    bench = Bench(cc_in(relative=TWOS, step=1e308))
    bench.told(1.0)
    (refused,) = bench.plan.touch(0, steps(63), FADER, bench.now)
    assert isinstance(refused, Refused)
    assert refused.detail == "cc 7 on channel 1: inf becomes inf, which no board takes"
    assert bench.touch(steps(1)) == 1e308


# name: (shape, what happens: a position, or ``board``; what each position sets)
PRESSES = {
    "on and off": (Shape(), [board(0.0), 1.0, 0.0, 1.0, 0.0], [1.0, NO, 0.0, NO]),
    "a button that is silent when it is let go": (Shape(), [board(0.0), 1.0, 1.0, 1.0], [1.0, 0.0, 1.0]),
    "a pedal that is pressed slowly": (Shape(), [board(0.0), 0.2, 0.4, 0.6, 0.8, 0.1], [NO, NO, 1.0, NO, NO]),
    "the board knows best": (Shape(), [board(0.0), 1.0, 0.0, board(0.0), 1.0], [1.0, NO, 1.0]),
    "the nearer end": (Shape(), [board(0.7), 1.0], [0.0]),
    "the ends of a scale": (LIN, [board(0.0), 1.0, 0.0, 1.0], [10.0, NO, 0.0]),
    "a scale the other way": (Shape(scale=Scale((0, 1), (10, 0))), [board(0.0), 1.0, 1.0], [10.0, 0.0]),
    "nobody knows": (Shape(), [1.0, 1.0], [1.0, 0.0]),
}


@pytest.mark.parametrize("name", PRESSES)
def test_presses(name):
    shape, moves, expected = PRESSES[name]
    bench = Bench(cc_in(shape, mode=Mode.TOGGLE))
    found = []
    for move in moves:
        if isinstance(move, tuple):
            bench.told(move[1])
        else:
            found.append(bench.touch(at(move)))
    assert found == expected


def test_a_key_turns_over_when_it_goes_down_however_softly():
    bench = Bench(cc_in(control=Control(Kind.NOTE, 36, 10), mode=Mode.TOGGLE))
    bench.told(0.0)
    moves = [down(36, 0.01), up(36), down(36, 0.01), up(36)]
    assert [bench.touch(move, KEYS) for move in moves] == [1.0, None, 0.0, None]


def test_another_button_has_its_own_position():
    bench = Bench(cc_in(control=Control(Kind.CC, 64), mode=Mode.TOGGLE))
    bench.told(0.0)
    one, two = (MidiOrigin("pedals", Kind.CC, channel, 64) for channel in (1, 2))
    assert bench.touch(at(1.0), one) == 1.0
    assert bench.touch(at(0.9), two) == 0.0, "pressed too, though the first is still down"
