import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.midi.codec.clock import ClockIn, ClockOut


def run(clock, bpm, beats, start=0.0, jitter=lambda: 0.0):
    now = start
    for i in range(round(beats * 24)):
        now = start + i * 60 / bpm / 24
        clock.tick(now + jitter())
    return now


@pytest.mark.parametrize("bpm", [20.0, 60.0, 120.0, 174.0, 300.0])
def test_an_even_clock_is_measured_exactly(bpm):
    clock = ClockIn()
    run(clock, bpm, 5)
    assert clock.bpm == pytest.approx(bpm, rel=1e-9)


def test_a_tempo_is_known_after_a_beat():
    clock = ClockIn()
    run(clock, 120.0, 1)
    assert clock.bpm is None
    clock.tick(0.5)
    assert clock.bpm == pytest.approx(120.0)


def test_the_jitter_of_a_long_period_changes_the_tempo_little():
    noise = random.Random(3)
    clock = ClockIn()
    # ticks are handed over once in a period of 1024 frames at 48 kHz
    now = 0.0
    worst = 0.0
    for i in range(24 * 40):
        at = i * 60 / 120 / 24 + noise.random() * 0.0005
        now = max(now, math.ceil(at / (1024 / 48000)) * 1024 / 48000)
        clock.tick(now)
        if i > 24 * 5:
            worst = max(worst, abs(clock.bpm - 120.0))
    assert worst < 0.6  # half a percent


@pytest.mark.parametrize(("before", "after"), [(120.0, 140.0), (120.0, 60.0), (90.0, 95.0)])
def test_another_tempo_is_followed_within_a_beat_and_a_half(before, after):
    clock = ClockIn()
    end = run(clock, before, 8)
    run(clock, after, 1.5, end + 60 / after / 24)
    assert clock.bpm == pytest.approx(after, rel=0.02)


def test_a_small_change_is_followed_within_four_beats():
    clock = ClockIn()
    end = run(clock, 120.0, 8)
    run(clock, 121.0, 4.2, end + 60 / 121 / 24)
    assert clock.bpm == pytest.approx(121.0, rel=1e-6)


def test_a_pause_is_no_tempo():
    clock = ClockIn()
    end = run(clock, 120.0, 4)
    run(clock, 100.0, 0.9, end + 30.0)
    assert clock.bpm == pytest.approx(120.0)  # nothing new is known yet
    run(clock, 100.0, 1.2, end + 60.0)
    assert clock.bpm == pytest.approx(100.0)


def test_ticks_that_come_together_divide_by_nothing():
    clock = ClockIn()
    for _ in range(200):
        clock.tick(1.0)
    assert clock.bpm is None


def test_beats_count_from_start_and_stand_while_stopped():
    clock = ClockIn()
    assert not clock.tick(0.0)  # nobody said where beat 0 is
    assert clock.beats is None
    clock.start()
    said = []
    for i in range(5):
        assert clock.tick(i / 48)
        said.append(clock.beats)
    assert said == [i / 24 for i in range(5)]
    clock.stop()
    assert not clock.tick(1.0)
    clock.go_on()
    assert clock.tick(1.1)
    assert clock.beats == 5 / 24
    clock.position(32)
    clock.tick(1.2)
    assert clock.beats == 8.0
    clock.start()
    clock.tick(1.3)
    assert clock.beats == 0.0


def ticks(clock, until):
    went = []
    while (due := clock.due()) is not None and due <= until:
        went += [due] * clock.take(due)
    return went


def test_ticks_at_a_tempo_do_not_drift():
    clock = ClockOut()
    assert clock.due() is None
    clock.tempo(120.0, 10.0)
    went = ticks(clock, 70.001)
    assert went[0] == 10.0
    assert len(went) == 60 * 48 + 1
    assert went[-1] == pytest.approx(70.0, abs=1e-6)


def test_late_wake_ups_move_no_tick():
    clock = ClockOut()
    clock.tempo(120.0, 0.0)
    count = 0
    for i in range(1, 1001):
        count += clock.take(i * 0.021)
    assert count == int(21.0 * 48) + 1


def test_after_a_pause_of_the_program_there_is_no_burst():
    clock = ClockOut()
    clock.tempo(120.0, 0.0)
    clock.take(0.0)
    assert clock.take(6 / 48) == 6  # a sixteenth is made up
    assert clock.take(100.0) == 1
    assert clock.due() == pytest.approx(100.0 + 1 / 48)


def test_another_tempo_begins_at_once():
    clock = ClockOut()
    clock.tempo(60.0, 0.0)
    clock.take(0.0)
    clock.tempo(120.0, 1 / 48)  # half of the way to the next tick is walked
    assert clock.due() == pytest.approx(1 / 48 + 1 / 96)
    clock.tempo(120.0, 1 / 40)  # the same again changes nothing
    assert clock.due() == pytest.approx(1 / 48 + 1 / 96)


@pytest.mark.parametrize("bpm", [None, 0.0, -5.0])
def test_a_clock_ends(bpm):
    clock = ClockOut()
    clock.tempo(120.0, 0.0)
    clock.tempo(bpm, 1.0)
    assert clock.due() is None
    assert clock.take(2.0) == 0


@given(st.floats(allow_nan=True), st.floats(0, 10))
def test_any_tempo_is_survived(bpm, now):
    clock = ClockOut()
    clock.tempo(bpm, 0.0)
    assert clock.take(now) <= 6
    assert clock.bpm is None or 10.0 <= clock.bpm <= 500.0
