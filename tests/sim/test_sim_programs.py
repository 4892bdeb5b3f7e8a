"""The programs do what their descriptions say, for any piece of time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.sim.core import SimBoard
from belabridge.sim.program import SAMPLE_RATE_HZ
from belabridge.sim.programs.captures import bela_types
from belabridge.sim.programs.default import BEAT_FRAMES, PULSE_FRAMES, TABLE_ID, default_program
from belabridge.sim.programs.many import EXACT_FRAMES, expected, many_variables
from belabridge.values import VarType


def frames(start: int, stop: int) -> np.ndarray:
    return np.arange(start, stop, dtype=np.uint64)


def values(program, name: str, start: int, stop: int) -> np.ndarray:
    return next(v for v in program.variables if v.name == name).values(frames(start, stop))


def pitch_hz(tone: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 18))
    return int(np.argmax(spectrum)) * SAMPLE_RATE_HZ / (1 << 18)


@given(
    st.integers(0, 2**40), st.integers(1, 300), st.sampled_from(["pot1", "pot2", "mic", "trigger", "counter"])
)
def test_any_piece_of_time_is_a_piece_of_the_whole(start, count, name):
    program = default_program()
    whole = values(program, name, start, start + 2 * count)
    parts = [
        values(program, name, start, start + count),
        values(program, name, start + count, start + 2 * count),
    ]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_knobs_stay_between_0_and_1_and_reach_both():
    for name in ("pot1", "pot2"):
        knob = values(default_program(), name, 0, 600_000)
        assert 0 <= knob.min() < 1e-3
        assert 1 - 1e-3 < knob.max() <= 1
        assert np.abs(np.diff(knob)).max() < 1e-4


def test_the_trigger_is_up_for_50_ms_twice_a_second():
    up = np.flatnonzero(np.diff(values(default_program(), "trigger", 0, 88_200), prepend=0) == 1)
    assert up.tolist() == [0, BEAT_FRAMES, 2 * BEAT_FRAMES, 3 * BEAT_FRAMES]
    assert values(default_program(), "trigger", 0, BEAT_FRAMES).sum() == PULSE_FRAMES
    assert set(values(default_program(), "counter", 22_049, 22_051).tolist()) == {1, 2}


@pytest.mark.parametrize("hz", [440.0, 1000.0])
def test_freq_is_heard_in_mic(hz):
    program = default_program()
    program.heard("freq", hz, 0)
    assert pitch_hz(values(program, "mic", 0, BEAT_FRAMES)) == pytest.approx(hz, abs=1)


def test_gain_is_heard_in_mic():
    program = default_program()
    loud = values(program, "mic", 0, 1000)
    program.heard("gain", 0.2, 0)
    np.testing.assert_allclose(values(program, "mic", 0, 1000), loud / 4, atol=1e-12)


def test_a_new_pitch_begins_without_a_step():
    program = default_program()
    before = values(program, "mic", 990, 1001)
    program.heard("freq", 500.0, 1000)
    assert values(program, "mic", 1000, 1001)[0] == pytest.approx(before[-1], abs=1e-9)


def test_a_buffer_from_the_host_is_the_wave():
    program = default_program()
    assert program.taken(TABLE_ID, np.full(4, 0.5, np.float32)) == ()
    loudest = values(program, "mic", 0, 100)
    assert loudest[0] == pytest.approx(0.4)
    program.taken(1, np.zeros(4, np.float32))  # not its buffer
    np.testing.assert_array_equal(values(program, "mic", 0, 100), loudest)
    program.taken(TABLE_ID, np.zeros(0, np.float32))
    assert values(program, "mic", 0, 1)[0] == 0


def test_on_a_board_that_starts_again_it_begins_again():
    program = default_program()
    first = values(program, "mic", 0, 500)
    program.heard("freq", 123.0, 1600)
    program.taken(TABLE_ID, np.ones(8, np.float32))
    SimBoard(program)
    np.testing.assert_allclose(values(program, "mic", 0, 500), first, atol=1e-7)  # 0.8 as a float


def test_many_variables_say_which_they_are_and_when():
    program = many_variables(3)
    assert [v.name for v in program.variables] == ["v0", "v1", "v2"]
    got = values(program, "v1", EXACT_FRAMES - 1002, EXACT_FRAMES - 998)
    assert got.dtype == np.float32
    assert got.tolist() == [EXACT_FRAMES - 2 + 0.5, EXACT_FRAMES - 1 + 0.5, 0.5, 1.5]
    np.testing.assert_array_equal(got, expected(1, frames(EXACT_FRAMES - 1002, EXACT_FRAMES - 998)))


def test_all_types_are_among_the_recorded_programs():
    assert {v.type for v in bela_types().variables} == set(VarType)
