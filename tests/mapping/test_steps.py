import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import UsageError
from belabridge.mapping.steps import compile_round


@pytest.mark.parametrize(
    ("step", "clip", "pairs"),
    [
        (1.0, None, {0.4: 0, 0.5: 0, 1.5: 2, -0.6: -1, 1e300: 1e300}),
        (0.1, None, {0.3: 0.3, 0.34: 0.3, 0.7000001: 0.7, 1.06: 1.1}),
        (0.25, None, {0.3: 0.25, 0.9: 1}),
        (5.0, None, {12: 10, 13: 15}),
        (0.3, (0.0, 1.0), {1.0: 0.9, 0.99: 0.9, 0.1: 0}),
        (0.1, (0.0, 0.95), {0.95: 0.9, 0.94: 0.9}),
        (0.1, (0.3, 0.7), {0.3: 0.3, 0.7: 0.7}),
        (1.0, (-math.inf, 2.5), {2.5: 2}),
        (10.0, (1.0, 9.0), {8.0: 10}),  # no multiple is inside: the nearest it is
    ],
)
def test_round(step, clip, pairs):
    function = compile_round(step, clip)
    expected = pytest.approx(list(pairs.values()), rel=1e-15)
    assert [function.one(float(x)) for x in pairs] == expected
    assert function.many(np.array(list(pairs), float)).tolist() == expected


@given(st.integers(-1000, 1000))
def test_decimal_steps_give_decimal_numbers(k):
    assert compile_round(0.1).one(k * 0.1) == float(f"{k / 10:.1f}")


@given(st.floats(1e-6, 1e6), st.floats(allow_nan=True))
def test_floats_and_arrays_agree(step, x):
    function = compile_round(step)
    assert function.many(np.array([x])).tolist() == pytest.approx(
        [function.one(x)], rel=0, abs=0, nan_ok=True
    )


@given(st.sampled_from([1.0, 0.1, 0.01, 0.3, 7.0]), st.floats(-1e6, 1e6))
def test_never_further_than_half_a_step(step, x):
    assert abs(compile_round(step).one(x) - x) <= step / 2 * (1 + 1e-6)


@pytest.mark.parametrize("step", [0.0, -1.0, math.nan, math.inf])
def test_impossible_steps(step):
    with pytest.raises(UsageError, match="above 0"):
        compile_round(step)
