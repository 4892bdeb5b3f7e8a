"""Keys that set pitch, velocity and gate: the newest one counts, and none is left hanging."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning import variable
from touching import KEYS, Bench, cc_in, down, pairs, up

from belabridge.controls import Control, Kind, MidiOrigin
from belabridge.mapping.intents import Refused
from belabridge.mapping.plan import Plan
from belabridge.rules import InRule, MidiIn, OnePole, OscOut, OutRule, Scale, Shape

ANY = Control(Kind.NOTE)
SYNTH = MidiIn(ANY, pitch_var="pot", velocity_var="mic", gate_var="gain")
RULE = InRule(midi=SYNTH)
OTHER = MidiOrigin("pads", Kind.NOTE, 1, 0)

# name: (rule, keys, what each sets)
PLAYED = {
    "a note": (
        RULE,
        [down(60, 0.5), up(60)],
        [[("pot", 60), ("mic", 0.5), ("gain", 1)], [("gain", 0)]],
    ),
    "the newest key counts, and the one before sounds again": (
        RULE,
        [down(60), down(64, 0.5), up(64), up(60)],
        [
            [("pot", 60), ("mic", 1), ("gain", 1)],
            [("pot", 64), ("mic", 0.5), ("gain", 1)],
            [("pot", 60)],
            [("gain", 0)],
        ],
    ),
    "an older key is let go unheard": (
        RULE,
        [down(60), down(64), up(60), up(64)],
        [
            [("pot", 60), ("mic", 1), ("gain", 1)],
            [("pot", 64), ("mic", 1), ("gain", 1)],
            [],
            [("gain", 0)],
        ],
    ),
    "the same key twice is one key": (
        RULE,
        [down(60), down(60, 0.5), up(60), up(60)],
        [
            [("pot", 60), ("mic", 1), ("gain", 1)],
            [("pot", 60), ("mic", 0.5), ("gain", 1)],
            [("gain", 0)],
            [],
        ],
    ),
    "the same note on two channels is two keys": (
        RULE,
        [down(60), down(60, channel=2), up(60), up(60, channel=2)],
        [
            [("pot", 60), ("mic", 1), ("gain", 1)],
            [("pot", 60), ("mic", 1), ("gain", 1)],
            [],
            [("gain", 0)],
        ],
    ),
    "a key that was never down": (RULE, [up(60)], [[]]),
    "a pitch in Hz": (
        InRule(midi=MidiIn(ANY, pitch_var="pot", pitch_is_hz=True)),
        [down(69), down(57), up(57), up(69)],
        [[("pot", 440)], [("pot", 220)], [("pot", 440)], []],
    ),
    "the velocity alone": (
        InRule(midi=MidiIn(ANY, velocity_var="mic"), shape=Shape(scale=Scale((0, 1), (0, 100)))),
        [down(69, 0.5), up(69)],
        [[("mic", 50)], []],
    ),
    "one variable is the velocity while a key is down": (
        cc_in(control=ANY),
        [down(60, 0.75), down(64, 0.5), up(64), up(60)],
        [[("gain", 0.75)], [("gain", 0.5)], [("gain", 0.75)], [("gain", 0)]],
    ),
    "its way is as everywhere": (
        cc_in(Shape(scale=Scale((0, 1), (10, 20))), control=ANY),
        [down(60, 0.5), up(60)],
        [[("gain", 15)], [("gain", 10)]],
    ),
}


@pytest.mark.parametrize("name", PLAYED)
def test_what_is_played(name):
    rule, keys, expected = PLAYED[name]
    bench = Bench(rule)
    assert [bench.sets(key) for key in keys] == expected


def test_keys_of_a_lost_port_are_let_go():
    bench = Bench(RULE)
    bench.sets(down(60), OTHER)
    bench.sets(down(64))
    assert pairs(bench.plan.released("nobody", bench.now)) == []
    assert pairs(bench.plan.released("keys", bench.now)) == [("pot", 60)]
    assert pairs(bench.plan.released("pads", bench.now)) == [("gain", 0)]
    assert bench.sets(up(60), OTHER) == []


def test_two_devices_of_one_name_hold_keys_of_their_own():
    bench = Bench(RULE)
    other = replace(KEYS, device=2)
    bench.sets(down(60))
    bench.sets(down(60), other)
    assert ("gain", 0) not in bench.sets(up(60))
    assert ("gain", 0) in bench.sets(up(60), other)


def test_all_keys_are_let_go_at_once():
    bench = Bench(RULE)
    for note in (60, 64, 67):
        bench.sets(down(note))
    assert pairs(bench.plan.released("keys", bench.now)) == [("gain", 0)]
    assert pairs(bench.plan.released("keys", bench.now)) == []


def test_what_a_key_set_does_not_go_back_to_it():
    bench = Bench(RULE, OutRule("gain", osc=OscOut("/g")))
    bench.sets(down(60))
    (intent,) = bench.told(1.0)
    assert intent.skip == KEYS


def test_a_rule_that_stays_keeps_its_keys_at_a_reload():
    bench = Bench(RULE)
    bench.sets(down(60))
    new = Plan([], [cc_in(), RULE], bench.plan)
    assert new.due() is None
    assert pairs(new.touch(1, up(60), KEYS, bench.now)) == [("gain", 0)]


def test_a_rule_that_goes_closes_the_gate_that_others_set_too():
    bench = Bench(RULE)
    bench.sets(down(60))
    new = Plan([], [InRule("/x", var="pot"), InRule("/g", var="gain")], bench.plan)
    new.bind([variable("gain", 1.0, controlled=True)])
    assert new.due() is not None
    assert [(i.rule_index, i.var, i.value) for i in new.tick(bench.now)] == [(1, "gain", 0.0)]
    assert new.due() is None
    assert new.tick(bench.now + 1.0) == []


def test_a_gate_that_nobody_sets_any_more_is_given_back_and_not_set():
    bench = Bench(RULE)
    bench.sets(down(60))
    assert Plan([], [InRule("/x", var="pot")], bench.plan).due() is None


def test_a_filter_moves_between_keys():
    bench = Bench(cc_in(Shape(smooth=OnePole(0.05)), control=ANY))
    bench.sets(down(60, 1.0))
    bench.sets(up(60))
    found = []
    while (due := bench.plan.due()) is not None:
        found += [i.value for i in bench.plan.tick(due)]
    assert found[-1] == 0.0
    assert len(found) > 5


def test_a_velocity_that_has_no_number_is_refused_and_the_gate_opens():
    bench = Bench(InRule(midi=SYNTH, shape=Shape(expr="log(x-1)")))
    intents = bench.plan.touch(0, down(60, 0.5), KEYS, 0.0)
    (refused,) = (i for i in intents if isinstance(i, Refused))
    assert refused.detail == "note: 0.5 becomes nan, which no board takes"
    assert [i.var for i in intents if not isinstance(i, Refused)] == ["pot", "gain"]


@given(st.lists(st.tuples(st.integers(60, 64), st.booleans(), st.integers(1, 2)), max_size=40))
def test_the_gate_is_open_exactly_while_a_key_is_down(keys):
    bench, held, gate = Bench(RULE), [], 0.0
    for note, goes_down, channel in keys:
        key = (channel, note)
        if key in held:
            held.remove(key)
        if goes_down:
            held.append(key)
        found = dict(bench.sets(down(note, channel=channel) if goes_down else up(note, channel)))
        gate = found.get("gain", gate)
        assert gate == float(bool(held))
        if held and "pot" in found:
            assert found["pot"] == held[-1][1]
