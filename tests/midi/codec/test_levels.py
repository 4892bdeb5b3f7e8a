import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.midi.codec.levels import position, position7, position14, raw, raw7, raw14


@pytest.mark.parametrize(
    ("number", "where"), [(0, 0.0), (64, 0.5), (127, 1.0), (32, 0.25), (1, 1 / 128), (126, 1 - 1 / 126)]
)
def test_seven_bits_are_exact_at_both_ends_and_in_the_middle(number, where):
    assert position7(number) == pytest.approx(where, abs=1e-15)
    assert raw7(where) == number


@pytest.mark.parametrize(
    ("number", "where"), [(0, 0.0), (8192, 0.5), (16383, 1.0), (4096, 0.25), (1, 1 / 16384)]
)
def test_fourteen_bits_are_exact_at_both_ends_and_in_the_middle(number, where):
    assert position14(number) == where
    assert raw14(where) == number


@pytest.mark.parametrize("bits", [7, 14])
def test_every_number_comes_back_and_rises(bits):
    places = [position(number, bits) for number in range(1 << bits)]
    assert [raw(where, bits) for where in places] == list(range(1 << bits))
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0.0, 1.0)


@given(st.floats(0, 1), st.sampled_from([7, 14]))
def test_a_position_comes_back_within_half_a_step(where, bits):
    # a step is 1/128 or 1/126 wide, and 1/16384 or 1/16382
    assert abs(position(raw(where, bits), bits) - where) <= 0.5 / ((1 << bits) - 2) + 1e-12


@pytest.mark.parametrize("bits", [7, 14])
def test_the_number_is_the_nearest_all_the_way(bits):
    for i in range(20_001):
        where = i / 20_000
        nearest = 0.5 / (1 << bits) if where <= 0.5 else 0.5 / ((1 << bits) - 2)
        assert abs(position(raw(where, bits), bits) - where) <= nearest + 1e-12


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([7, 14]))
def test_a_higher_position_is_no_lower_number(one, other, bits):
    low, high = sorted((one, other))
    assert raw(low, bits) <= raw(high, bits)


@pytest.mark.parametrize(
    ("where", "seven", "fourteen"),
    [
        (-0.1, 0, 0),
        (1.1, 127, 16383),
        (math.inf, 127, 16383),
        (-math.inf, 0, 0),
        (math.nan, 0, 0),
    ],
)
def test_beyond_the_ends_it_is_the_end(where, seven, fourteen):
    assert (raw7(where), raw14(where)) == (seven, fourteen)
