"""Numbers that do not fit: the fraction goes; the rest differs between the machines."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.sim.machine import ARM32, X86_64
from belabridge.values import VarType

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("type_", "value", "x86", "arm"),
    [
        # the recorded session control-set
        ("d", 4.6, 4.6, 4.6),
        ("j", 4.6, 4, 4),
        ("j", -3, 4_294_967_293, 0),
        ("i", -4.6, -4, -4),
        ("i", 2.0**31, -(2**31), 2**31 - 1),
        ("i", NAN, -(2**31), 0),
        ("i", -INF, -(2**31), -(2**31)),
        ("j", 2.0**32 + 5, 5, 2**32 - 1),
        ("j", 1e300, 0, 2**32 - 1),
        ("j", NAN, 0, 0),
        ("j", INF, 0, 2**32 - 1),
        ("c", 200, -56, 200),
        ("c", 300, 44, 44),
        ("c", -1, -1, 0),
        ("f", 0.1, float(np.float32(0.1)), float(np.float32(0.1))),
        ("f", 1e300, INF, INF),
        ("f", -1e300, -INF, -INF),
        ("d", -INF, -INF, -INF),
    ],
)
def test_what_is_left_of_a_number(type_, value, x86, arm):
    assert X86_64.to_c(value, VarType(type_)) == x86
    assert ARM32.to_c(value, VarType(type_)) == arm


@given(st.floats(), st.sampled_from(VarType), st.sampled_from([X86_64, ARM32]))
def test_every_double_becomes_a_value_of_the_type(value, type_, machine):
    limits = {
        VarType.CHAR: (-128, 127) if machine.char_signed else (0, 255),
        VarType.INT: (-(2**31), 2**31 - 1),
        VarType.UINT: (0, 2**32 - 1),
    }
    ours = machine.to_c(value, type_)
    if type_ in limits:
        low, high = limits[type_]
        assert low <= ours <= high
        assert ours == int(ours)
        if low <= value <= high:
            assert ours == math.trunc(value)
    elif type_ is VarType.FLOAT:
        with np.errstate(over="ignore"):
            np.testing.assert_equal(ours, float(np.float32(value)))
    else:
        np.testing.assert_equal(ours, value)


def test_times_have_64_bits():
    assert X86_64.to_unsigned(2.0**63, 64) == 2**63
    assert X86_64.to_unsigned(-1, 64) == 2**64 - 1
    assert ARM32.to_unsigned(-1, 64) == 0
    assert ARM32.to_unsigned(INF, 64) == 2**64 - 1
