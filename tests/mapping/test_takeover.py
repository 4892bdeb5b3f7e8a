"""Takeover as tables of moves: what is set when a hand moves a control of a variable that is elsewhere."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning import plan_of, variable
from touching import CC7, FADER, Bench, at, cc_in, raw, steps

from belabridge.controls import Control, Kind, MidiOrigin, Relative
from belabridge.mapping.plan import Plan
from belabridge.rules import InRule, MidiIn, MidiOut, Mode, OnePole, OutRule, Scale, Shape, Takeover

JUMP, PICKUP, SCALE, RELATIVE = Takeover
NO = None
OTHER = MidiOrigin("nano", Kind.CC, 2, 7)


def board(value):
    """The variable was changed elsewhere, and the board tells it."""
    return ("board", value)


# name: (mode, what happens in order: a position of the hand, or ``board``; what each position sets)
MOVES = {
    "jump jumps": (JUMP, [board(0.9), 0.1, 0.2], [0.1, 0.2]),
    "pickup waits below": (PICKUP, [board(0.5), 0.1, 0.2, 0.4, 0.6, 0.7], [NO, NO, NO, 0.6, 0.7]),
    "pickup waits above": (PICKUP, [board(0.5), 0.9, 0.6, 0.3], [NO, NO, 0.3]),
    "a fast move skips over the value": (PICKUP, [board(0.5), 0.0, 1.0], [NO, 1.0]),
    "near is not over": (PICKUP, [board(0.5), 0.1, 0.48, 0.3, 0.48], [NO, NO, NO, NO]),
    "a first touch at the value": (PICKUP, [board(0.5), 0.5, 0.6], [0.5, 0.6]),
    "a first touch as near as 7 bits can": (PICKUP, [board(0.503), 0.5, 0.6], [0.5, 0.6]),
    "after it was picked up it may turn back": (PICKUP, [board(0.5), 0.4, 0.6, 0.1], [NO, 0.6, 0.1]),
    "a change elsewhere ends it": (
        PICKUP,
        [board(0.5), 0.4, 0.6, board(0.2), 0.65, 0.5, 0.1],
        [NO, 0.6, NO, NO, 0.1],
    ),
    "what we set ourselves ends nothing": (
        PICKUP,
        [board(0.5), 0.4, 0.6, board(0.6), 0.7],
        [NO, 0.6, 0.7],
    ),
    "the same value told in float32 ends nothing": (
        PICKUP,
        [board(0.5), 0.4, 0.6, board(0.6000000238418579), 0.7],
        [NO, 0.6, 0.7],
    ),
    "beyond the upper end it is met there": (PICKUP, [board(5.0), 0.5, 0.9, 1.0, 0.9], [NO, NO, 1.0, 0.9]),
    "beyond the lower end it is met there": (PICKUP, [board(-1.0), 0.5, 0.0, 0.1], [NO, 0.0, 0.1]),
    "a value that nobody knows": (PICKUP, [0.3, 0.4], [0.3, 0.4]),
    "scale up covers what is left": (SCALE, [board(0.5), 0.0, 0.5, 1.0], [NO, 0.75, 1.0]),
    "scale down covers what is left": (SCALE, [board(0.5), 1.0, 0.5, 0.0], [NO, 0.25, 0.0]),
    "scale begins without a jump": (SCALE, [board(0.5), 0.2, 0.2], [NO, NO]),
    "scale meets at the end": (SCALE, [board(0.5), 0.0, 1.0, 0.9], [NO, 1.0, 0.9]),
    "scale there and back comes nearer": (SCALE, [board(0.5), 0.2, 0.6, 0.2], [NO, 0.75, 0.25]),
    "scale at the value has met": (SCALE, [board(0.5), 0.5, 0.7], [0.5, 0.7]),
    "scale begins anew after a change elsewhere": (
        SCALE,
        [board(0.5), 0.0, 0.5, board(0.1), 0.75],
        [NO, 0.75, 0.55],
    ),
    "scale of a value that nobody knows": (SCALE, [0.3], [0.3]),
    "relative moves by as much": (RELATIVE, [board(0.5), 0.25, 0.375, 0.125], [NO, 0.625, 0.375]),
    "relative stops at the end and turns at once": (
        RELATIVE,
        [board(0.75), 0.25, 0.75, 0.625],
        [NO, 1.0, 0.875],
    ),
    "relative goes on from a change elsewhere": (
        RELATIVE,
        [board(0.5), 0.25, 0.375, board(0.0), 0.5],
        [NO, 0.625, 0.125],
    ),
    "relative of a value that nobody knows": (RELATIVE, [0.25, 0.5], [0.25, 0.5]),
}


def play(bench, moves):
    """What each move of the hand sets."""
    found = []
    for move in moves:
        if isinstance(move, tuple):
            bench.told(move[1])
        else:
            found.append(bench.touch(at(move)))
    return found


@pytest.mark.parametrize("name", MOVES)
def test_moves(name):
    mode, moves, expected = MOVES[name]
    assert play(Bench(cc_in(takeover=mode)), moves) == pytest.approx(expected)


def test_all_modes_are_in_the_table():
    assert {mode for mode, *_ in MOVES.values()} == set(Takeover)


# What a fader with feedback says after its motor has moved, and one that has none.
MOTORS = {
    "pickup goes on from where the motor is": (
        PICKUP,
        [board(0.5), 0.5, 0.2, board(0.8), 0.79, 0.7],
        [0.5, 0.2, 0.79, 0.7],
    ),
    "pickup at its first word": (PICKUP, [board(0.8), 0.82, 0.9], [0.82, 0.9]),
    "pickup after a hand has held the motor": (
        PICKUP,
        [board(0.5), 0.5, 0.6, board(0.2), 0.61, 0.19],
        [0.5, 0.6, NO, 0.19],
    ),
    "pickup without a motor": (
        PICKUP,
        [board(0.5), 0.5, 0.2, board(0.8), 0.25, 0.5, 0.75, 0.79],
        [0.5, 0.2, NO, NO, NO, NO],
    ),
    "pickup near and slow is not over": (PICKUP, [board(0.5), 0.1, 0.44, 0.48], [NO, NO, NO]),
    "scale goes on from where the motor is": (
        SCALE,
        [board(0.5), 0.5, 0.2, board(0.8), 0.79],
        [0.5, 0.2, 0.79],
    ),
    "scale without a motor": (SCALE, [board(0.5), 0.5, 0.0, board(0.5), 0.25], [0.5, 0.0, 0.625]),
    "relative goes on from where the motor is": (
        RELATIVE,
        [board(0.5), 0.25, 0.375, board(0.0), 0.02],
        [NO, 0.625, 0.02],
    ),
    "relative without a motor": (RELATIVE, [board(0.5), 0.25, board(0.1), 0.35], [NO, 0.2]),
}  # fmt: skip


def fed_back(**more):
    return OutRule("gain", shape=Shape(on_change=True), midi=MidiOut(CC7), feedback=True, **more)


@pytest.mark.parametrize("name", MOTORS)
def test_a_fader_with_feedback_may_have_a_motor(name):
    mode, moves, expected = MOTORS[name]
    assert play(Bench(cc_in(takeover=mode), fed_back()), moves) == pytest.approx(expected)


def test_a_motor_is_expected_where_feedback_goes():
    moves = [board(0.5), 0.5, 0.2, board(0.8), 0.79]
    any_channel, other = Control(Kind.CC, 7), Control(Kind.CC, 7, 2)
    for out in ([], [OutRule("gain", midi=MidiOut(CC7))], [OutRule("pot", midi=MidiOut(CC7), feedback=True)]):
        assert play(Bench(cc_in(takeover=PICKUP), *out), moves)[-1] is None
    assert play(Bench(cc_in(takeover=PICKUP, control=other), fed_back()), moves)[-1] is None
    assert play(Bench(cc_in(takeover=PICKUP, control=any_channel), fed_back()), moves)[-1] == 0.79


def test_feedback_that_comes_or_goes_with_a_reload_counts():
    bench = Bench(cc_in(takeover=PICKUP))
    play(bench, [board(0.5), 0.5, 0.2, board(0.8)])
    bench.plan = Plan([fed_back()], [cc_in(takeover=PICKUP)], bench.plan)
    bench.plan.bind([variable("gain", 0.8, controlled=True)])
    assert bench.touch(at(0.79)) == 0.79
    play(bench, [0.2, board(0.8)])
    bench.plan = Plan([], [cc_in(takeover=PICKUP)], bench.plan)
    bench.plan.bind([variable("gain", 0.8, controlled=True)])
    assert bench.touch(at(0.79)) is None


@pytest.mark.parametrize("mode", [PICKUP, SCALE, RELATIVE])
def test_another_way_in_ends_the_takeover(mode):
    bench = Bench(cc_in(takeover=mode), InRule("/gain", var="gain"))
    play(bench, [board(0.5), 0.5, 0.75])
    bench.plan.in_rule(1, (0.25,), "pd", bench.now)
    # pickup waits; the others go on from 0.25 where it is now
    expected = {PICKUP: NO, SCALE: 0.25 + 0.75 * 0.5, RELATIVE: 0.375}[mode]
    assert bench.touch(at(0.875)) == pytest.approx(expected)


def test_another_control_of_the_same_variable_ends_the_takeover():
    bench = Bench(cc_in(takeover=PICKUP), cc_in(takeover=PICKUP, control=Control(Kind.CC, 8, 1)))
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    assert bench.touch(at(0.75), OTHER, 1) == 0.75
    assert bench.touch(at(0.25), OTHER, 1) == 0.25
    assert bench.touch(at(0.76)) is None
    assert bench.touch(at(0.2)) == 0.2


def test_two_controls_of_one_rule_are_two_hands():
    bench = Bench(cc_in(takeover=PICKUP, control=Control(Kind.CC, 7)))
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    assert bench.touch(at(0.1), OTHER) is None, "it was never near"
    assert bench.touch(at(0.9), OTHER) == 0.9
    assert bench.touch(at(0.5), FADER) is None


@pytest.mark.parametrize("mode", [PICKUP, SCALE, RELATIVE])
def test_a_fader_that_was_moved_while_it_was_away_is_another_hand(mode):
    bench = Bench(cc_in(takeover=mode, control=Control(Kind.CC, 7)))
    assert play(bench, [board(0.5), 0.5, 0.6])[-1] == pytest.approx(0.6)
    assert bench.touch(at(1.0), replace(FADER, device=2)) is None, "nobody knows where it was"


def test_a_program_that_takes_its_variable_back_ends_the_takeover():
    bench = Bench(cc_in(takeover=PICKUP))
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    bench.told(0.1, controlled=False)
    assert bench.touch(at(0.8)) is None


def test_a_list_on_its_way_ends_nothing():
    bench = Bench(cc_in(takeover=PICKUP))
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    bench.plan.read([variable("gain", 0.5, controlled=True)], bench.now + 0.02)
    assert bench.touch(at(0.8)) == 0.8


def test_a_refused_value_ends_the_takeover():
    bench = Bench(cc_in(takeover=PICKUP))
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    bench.plan.refuse("gain")
    assert bench.touch(at(0.8)) is None, "it is still 0.5"
    assert bench.touch(at(0.4)) == 0.4


@pytest.mark.parametrize(
    ("mode", "moves", "then", "expected"),
    [
        (PICKUP, [board(0.5), 0.5, 0.75], 0.8, 0.8),  # it stands at its variable: it has it again
        (PICKUP, [board(0.5), 0.2], 0.3, None),
        (PICKUP, [board(0.5), 0.2], 0.6, 0.6),
        (SCALE, [board(0.5), 0.2, 0.6], 0.8, 0.875),
        (RELATIVE, [board(0.5), 0.2, 0.4], 0.5, 0.8),
        (JUMP, [board(0.5), 0.2], 0.3, 0.3),
    ],
)
def test_a_reload_ends_every_takeover_but_forgets_no_fader(mode, moves, then, expected):
    bench = Bench(cc_in(takeover=mode))
    play(bench, moves)
    bench.plan.end_takeovers()
    assert bench.touch(at(then)) == pytest.approx(expected)


def test_a_fader_that_is_elsewhere_at_a_reload_has_to_meet_its_variable():
    bench = Bench(cc_in(Shape(deadband=0.25), takeover=PICKUP))
    assert play(bench, [board(0.5), 0.5, 0.7]) == [0.5, None], "it has it, and moved too little"
    bench.plan.end_takeovers()
    assert play(bench, [0.9, 0.2]) == [None, 0.2]


def test_a_new_plan_keeps_what_is_known_of_rules_that_stay():
    rule = cc_in(takeover=PICKUP)
    bench = Bench(rule)
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    table = [variable("gain", 0.75, controlled=True)]
    same, other = Plan([], [InRule("/x", var="pot"), rule], bench.plan), cc_in(takeover=SCALE)
    same.bind(table)
    assert [i.value for i in same.touch(1, at(0.9), FADER, bench.now)] == [0.9]
    changed = Plan([], [other], same)
    changed.bind(table)
    assert changed.touch(0, at(0.3), FADER, bench.now) == []


def test_after_the_board_was_away_and_has_the_value_again_nothing_has_ended():
    bench = Bench(cc_in(takeover=PICKUP))
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    bench.plan.bind([])
    bench.plan.bind([variable("gain", 0.75, controlled=True)])
    bench.told(0.75, first=True)
    assert bench.touch(at(0.8)) == 0.8


def test_a_board_that_was_restarted_has_its_own_value():
    bench = Bench(cc_in(takeover=PICKUP))
    assert play(bench, [board(0.5), 0.5, 0.75]) == [0.5, 0.75]
    bench.plan.bind([])
    bench.plan.bind([variable("gain", 0.1)])
    bench.told(0.1, first=True, controlled=False)
    assert bench.touch(at(0.8)) is None


SHAPES = {
    "lin": Shape(scale=Scale((0, 1), (-10, 30))),
    "falling": Shape(scale=Scale((0, 1), (30, -10))),
    "exp": Shape(scale=Scale((0, 1), (20, 20000), "exp")),
    "log": Shape(scale=Scale((0.5, 2), (0, 1), "log"), clip=(0, 1)),
    "power": Shape(scale=Scale((0, 1), (0, 1), 3.0)),
    "inverted": Shape(scale=Scale((0, 1), (20, 20000), "exp"), invert=True),
    "expr": Shape(expr="x*x*100"),
    "rounded": Shape(scale=Scale((0, 1), (0, 12)), round=1.0),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_number_of_a_control_meets_its_own_value(name):
    """Whatever the way: a value that the control itself set is met at the very same number."""
    for number in range(128):
        bench = Bench(cc_in(SHAPES[name]))
        value = bench.touch(raw(number))
        for mode in (PICKUP, SCALE):
            bench = Bench(cc_in(SHAPES[name], takeover=mode))
            bench.told(value)
            assert bench.touch(raw(number)) == pytest.approx(value), number


@given(
    shape=st.sampled_from(list(SHAPES.values())),
    start=st.floats(0, 1),
    moves=st.lists(st.integers(0, 127), min_size=2, max_size=20),
)
def test_pickup_never_jumps_over_more_than_the_move(shape, start, moves):
    """The value that it leaves lies between those of the two positions of the move that met it."""
    rule = cc_in(shape, takeover=PICKUP)
    bench, free = Bench(rule), Bench(cc_in(shape))
    value = free.touch(at(start))
    bench.told(value)
    before = moves[0]
    for number in moves:
        found = bench.touch(raw(number))
        if found is not None:
            ends = [
                free.touch(raw(min(max(n, 0), 127)))
                for n in (min(before, number) - 1, max(before, number) + 1)
            ]
            assert min(ends) <= value <= max(ends)
            assert found == free.touch(raw(number))
            return
        before = number


@given(
    start=st.floats(0, 1),
    moves=st.lists(st.integers(0, 127), max_size=30),
    mode=st.sampled_from([SCALE, RELATIVE]),
)
def test_scale_and_relative_never_move_against_the_hand(start, moves, mode):
    bench = Bench(cc_in(takeover=mode))
    bench.told(start)
    value, before = start, None
    for number in moves:
        found = bench.touch(raw(number))
        if found is not None:
            assert 0.0 <= found <= 1.0
            if before is not None and abs(found - raw(number).value) > 1 / 126:
                assert (found - value) * (number - before) >= -1e-9
            value = found
        before = number


@given(start=st.floats(0, 1), moves=st.lists(st.integers(0, 127), max_size=10))
def test_scale_reaches_both_ends(start, moves):
    bench = Bench(cc_in(takeover=SCALE))
    bench.told(start)
    for number in moves:
        bench.touch(raw(number))
    for number in (64, 0, 127, 0):
        found = bench.touch(raw(number))
        if number in {0, 127} and found is not None:
            assert found == number / 127


def test_a_14_bit_control_has_to_come_nearer():
    coarse, fine = (Bench(cc_in(takeover=PICKUP, control=c)) for c in (CC7, Control(Kind.CC14, 7, 1)))
    for bench in (coarse, fine):
        bench.told(0.503)
    assert coarse.touch(at(0.5)) == 0.5
    assert fine.touch(at(0.5)) is None
    assert fine.touch(at(0.504)) == 0.504


def test_a_variable_of_whole_numbers_is_met_though_it_holds_no_fractions():
    rule = InRule(midi=cc_in(takeover=PICKUP).midi, var="count", shape=Shape(scale=Scale((0, 1), (0, 3))))
    bench = Bench(rule)
    bench.told(2.0, "count")
    assert bench.touch(at(0.66)) == pytest.approx(1.98)
    bench.told(2.0, "count")
    assert bench.touch(at(0.7)) == pytest.approx(2.1), "2 is what 1.98 became"


# Values that wait, and filters


def test_what_waits_for_the_rate_is_no_change_elsewhere():
    bench = Bench(cc_in(takeover=PICKUP, rate=10.0))
    bench.told(0.5)
    assert bench.touch(at(0.5)) == 0.5
    for number in range(8):
        bench.touch(at(0.5 + number / 100))
    (last,) = bench.plan.tick(bench.plan.due())
    assert last.value == pytest.approx(0.57)


def test_what_waits_is_dropped_when_the_variable_is_changed_elsewhere():
    bench = Bench(cc_in(rate=10.0), InRule("/gain", var="gain"))
    bench.told(0.5)
    for number in range(8):
        bench.touch(at(number / 100))
    due = bench.plan.due()
    bench.plan.in_rule(1, (0.9,), "pd", bench.now)
    assert bench.plan.tick(due) == []
    assert bench.plan.due() is None
    bench.now += 1.0
    assert bench.touch(at(0.25)) == 0.25


def test_a_filter_goes_on_from_where_the_value_was_put_elsewhere():
    bench = Bench(cc_in(Shape(smooth=OnePole(0.1))), InRule("/gain", var="gain"))
    bench.told(0.0)
    bench.touch(at(0.1))
    while (due := bench.plan.due()) is not None:
        bench.now = due
        bench.plan.tick(due)
    bench.plan.in_rule(1, (0.9,), "pd", bench.now)
    bench.touch(at(0.2))
    found = []
    while (due := bench.plan.due()) is not None:
        bench.now = due
        found += [i.value for i in bench.plan.tick(due)]
    assert found[0] > 0.8, "no jump back to 0.1"
    assert found == sorted(found, reverse=True)
    assert found[-1] == 0.2


def test_increments_move_a_control_of_positions_by_one_of_its_steps():
    nrpn = Control(Kind.NRPN, 1024, 1, bits=14)
    bench = Bench(cc_in(control=nrpn))
    bench.told(0.5)
    assert bench.touch(steps(1)) == pytest.approx(0.5 + 1 / 16383)
    assert bench.touch(steps(-2)) == pytest.approx(0.5 - 1 / 16383)
    assert bench.touch(at(0.25)) == 0.25
    assert bench.touch(steps(1)) == pytest.approx(0.25 + 1 / 16383)


def test_increments_and_pickup_do_not_disturb_each_other():
    nrpn = Control(Kind.NRPN, 1024, 1)
    bench = Bench(cc_in(control=nrpn, takeover=PICKUP))
    bench.told(0.5)
    assert bench.touch(at(0.25)) is None
    assert bench.touch(steps(127)) == 1.0
    assert bench.touch(at(0.6)) is None
    assert bench.touch(at(1.0)) == 1.0


@pytest.mark.parametrize(
    ("rule", "has"),
    [
        (InRule("/gain", var="gain"), False),
        (OutRule("gain", midi=MidiOut(CC7)), False),
        (OutRule("gain", midi=MidiOut(CC7), feedback=True), True),
        (InRule(var="gain", midi=MidiIn(CC7)), False),
        *((InRule(var="gain", midi=MidiIn(CC7, takeover=t)), t is not Takeover.JUMP) for t in Takeover),
        (InRule(var="gain", midi=MidiIn(CC7, mode=Mode.TOGGLE)), True),
        (InRule(var="gain", midi=MidiIn(CC7, relative=Relative.TWOS)), True),
        (InRule(var="gain", midi=MidiIn(Control(Kind.NRPN, 5))), True),  # it may say steps
        (InRule(midi=MidiIn(Control(Kind.NOTE), gate_var="gain")), False),
    ],
)
def test_has_hands(rule, has):
    assert plan_of(InRule("/pot", var="pot"), rule).has_hands is has
