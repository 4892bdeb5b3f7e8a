"""What a board makes of a number, and when it is the number that was set."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.stored import as_stored, equal, was_set
from belabridge.values import VarType
from belabridge.wire.host_buffer import coerce

STORED = [
    (VarType.CHAR, -5.0, False, 0),
    (VarType.CHAR, -5.0, True, -5),
    (VarType.CHAR, 200.0, False, 200),
    (VarType.CHAR, 200.0, True, 127),
    (VarType.INT, 2.5, False, 2),
    (VarType.INT, 1e12, False, 2**31 - 1),
    (VarType.UINT, -1.0, False, 0),
    (VarType.FLOAT, 0.1, False, 0.10000000149011612),
    (VarType.FLOAT, -1e39, False, -math.inf),
    (VarType.DOUBLE, 0.1, False, 0.1),
]


@pytest.mark.parametrize(("kind", "value", "char_signed", "stored"), STORED)
def test_what_is_stored(kind, value, char_signed, stored):
    assert as_stored(kind, value, char_signed=char_signed) == stored


EQUAL = [
    (VarType.CHAR, -1.0, 255.0, True),
    (VarType.CHAR, -5.0, 0.0, False),  # both were told by a board: the program has changed it
    (VarType.FLOAT, 0.1, 0.100000001490116, True),
    (VarType.DOUBLE, 0.1 + 0.2, 0.3, True),
    (VarType.DOUBLE, 0.3, 0.3001, False),
    (VarType.INT, 1.0, 2.0, False),
    (VarType.FLOAT, math.nan, math.nan, True),
    (VarType.FLOAT, math.inf, 0.0, False),
]


@pytest.mark.parametrize(("kind", "one", "other", "same"), EQUAL)
def test_what_is_equal(kind, one, other, same):
    assert equal(kind, one, other) is same
    assert equal(kind, other, one) is same


@given(st.sampled_from(VarType), st.floats(-3e38, 3e38), st.booleans())
def test_what_goes_to_a_board_is_known_again_when_it_tells_it(kind, value, char_signed):
    told = float(f"{coerce(kind, value, char_signed=char_signed):.15g}")
    assert was_set(kind, value, told)


def test_what_another_client_set_is_not_ours():
    assert not was_set(VarType.CHAR, 7.0, 8.0)
    assert not was_set(VarType.FLOAT, 0.5, 0.25)
    assert not was_set(VarType.FLOAT, math.nan, math.nan)
