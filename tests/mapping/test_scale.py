import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from belabridge.errors import UsageError
from belabridge.mapping.scale import clip_problem, compile_clip, compile_scale, problem
from belabridge.rules import Scale

FREQUENCIES = Scale((0, 1), (20, 20000), "exp")


@pytest.mark.parametrize(
    ("scale", "pairs"),
    [
        (Scale((0, 1), (0, 127)), {0: 0, 0.5: 63.5, 1: 127, 2: 254, -1: -127}),
        (Scale((1, 0), (0, 127)), {0: 127, 0.25: 95.25, 1: 0}),
        (Scale((0, 127), (1, 0)), {0: 1, 127: 0, 63.5: 0.5}),
        (Scale((0, 1), (1, 100), "exp"), {0: 1, 0.5: 10, 1: 100, 1.5: 1000, -0.5: 0.1}),
        (Scale((0, 1), (100, 1), "exp"), {0: 100, 0.5: 10, 1: 1}),
        (Scale((0, 1), (-1, -100), "exp"), {0: -1, 0.5: -10, 1: -100}),
        (Scale((1, 100), (0, 1), "log"), {1: 0, 10: 0.5, 100: 1, 1000: 1.5, 0: -math.inf, -5: -math.inf}),
        (Scale((100, 1), (0, 1), "log"), {100: 0, 10: 0.5, 1: 1, 0: math.inf}),
        (Scale((0, 1), (0, 8), 3), {0: 0, 0.5: 1, 1: 8, 2: 64, -1: -8}),
        (Scale((0, 1), (8, 0), 3.0), {0: 8, 0.5: 7, 1: 0}),
        (Scale((0, 4), (0, 1), 0.5), {0: 0, 1: 0.5, 4: 1}),
    ],
)
def test_curves(scale, pairs):
    function = compile_scale(scale)
    assert [function.one(float(x)) for x in pairs] == pytest.approx(list(pairs.values()), rel=1e-14)
    many = function.many(np.array(list(pairs), float))
    assert many.tolist() == pytest.approx(list(pairs.values()), rel=1e-14)


@pytest.mark.parametrize(
    ("scale", "pairs"),
    [
        (Scale((0, 1), (0, 127)), {0: 127, 0.25: 95.25, 1: 0}),
        (FREQUENCIES, {0: 20000, 0.5: math.sqrt(20 * 20000), 1: 20}),
        (Scale((1, 100), (0, 1), "log"), {1: 1, 10: 0.5, 100: 0}),
        (Scale((0, 1), (0, 8), 3), {0: 8, 0.5: 1, 1: 0}),
    ],
)
def test_invert_turns_the_control_around_and_keeps_the_curve(scale, pairs):
    function = compile_scale(scale, invert=True)
    assert [function.one(float(x)) for x in pairs] == pytest.approx(list(pairs.values()))


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (Scale((1, 1), (0, 1)), "no width"),
        (Scale((0, 1), (0, 20000), "exp"), "cannot reach 0"),
        (Scale((0, 1), (-1, 1), "exp"), "cannot pass 0"),
        (Scale((0, 1), (0, 1), "log"), "cannot reach 0"),
        (Scale((-1, 1), (0, 1), "log"), "cannot pass 0"),
        (Scale((0, math.inf), (0, 1)), "finite"),
        (Scale((0, 1), (0, math.nan)), "finite"),
        (Scale((-1e308, 1e308), (0, 1)), "too wide"),
        (Scale((0, 1), (1e-300, 1e300), "exp"), "too wide"),
        (Scale((0, 1), (0, 1), 0), "power"),
        (Scale((0, 1), (0, 1), -2), "power"),
        (Scale((0, 1), (0, 1), math.nan), "power"),
        (Scale((0, 1), (0, 1), "quadratic"), "curve must be"),
    ],
)
def test_impossible_scales_say_why(scale, words):
    assert words in (problem(scale) or "")
    with pytest.raises(UsageError, match=words):
        compile_scale(scale)


def test_possible_scales_have_no_problem():
    assert problem(FREQUENCIES) is None
    assert problem(Scale((5, -5), (0, 0), 2)) is None


ends = st.floats(-1e6, 1e6).map(lambda x: round(x, 6))
ratios = st.floats(1e-6, 1e6)


@st.composite
def scales(draw):
    curve = draw(st.sampled_from(["lin", "exp", "log", 0.3, 2.0, 5.0]))
    sign = draw(st.sampled_from([-1.0, 1.0]))
    start = draw(st.tuples(ratios, ratios).map(lambda p: (sign * p[0], sign * p[1])))
    end = draw(st.tuples(ratios, ratios).map(lambda p: (sign * p[0], sign * p[1])))
    if curve != "log":
        start = draw(st.tuples(ends, ends))
    if curve != "exp":
        end = draw(st.tuples(ends, ends))
    assume(abs(start[0] - start[1]) > 1e-6 * max(map(abs, start)))
    return Scale(start, end, curve)


@given(scales(), st.booleans())
def test_both_ends_are_exact(scale, invert):
    function = compile_scale(scale, invert=invert)
    a, b = scale.start[::-1] if invert else scale.start
    assert (function.one(a), function.one(b)) == scale.end
    assert tuple(function.many(np.array([a, b])).tolist()) == scale.end


@given(scales(), st.lists(st.floats(-0.5, 1.5), min_size=2, max_size=20))
def test_monotone(scale, positions):
    assume(scale.end[0] != scale.end[1])  # a constant times infinity is NaN
    a, b = scale.start
    function = compile_scale(scale)
    xs = sorted(a + t * (b - a) for t in positions)
    ys = [function.one(x) for x in xs]
    rising = (b > a) == (scale.end[1] >= scale.end[0])
    # curves of the C library are monotone but for the last bits
    slack = [1e-12 * max(abs(y), *map(abs, scale.end)) if math.isfinite(y) else 0 for y in ys]
    for before, after, little in zip(ys[:-1], ys[1:], slack, strict=False):
        assert before <= after + little if rising else before >= after - little


@given(scales(), st.floats(0, 1))
def test_no_value_inside_leaves_the_range(scale, t):
    a, b = scale.start
    x = min(max(a + t * (b - a), min(a, b)), max(a, b))
    y = compile_scale(scale).one(x)
    assert min(scale.end) <= y <= max(scale.end)


@given(scales(), st.floats(0, 1))
def test_the_inverse_leads_back(scale, t):
    assume(abs(scale.end[0] - scale.end[1]) > 1e-3 * max(map(abs, scale.end)))
    curve = {"lin": "lin", "exp": "log", "log": "exp"}.get(scale.curve)
    back = Scale(scale.end, scale.start, curve or 1.0 / scale.curve)
    a, b = scale.start
    x = a + t * (b - a)
    there = compile_scale(scale).one(x)
    steepest = scale.curve if not isinstance(scale.curve, str) else 1.0
    assume(min(steepest, 1.0) * t > 0.01 or isinstance(scale.curve, str))
    assert compile_scale(back).one(there) == pytest.approx(x, rel=1e-6, abs=1e-6 * max(abs(a), abs(b)))


@given(scales(), st.lists(st.floats(allow_nan=True), min_size=1, max_size=20))
def test_floats_and_arrays_agree_on_any_input(scale, xs):
    function = compile_scale(scale)
    ones = [function.one(x) for x in xs]
    little = 1e-12 * max(map(abs, scale.end))
    assert function.many(np.array(xs)).tolist() == pytest.approx(ones, rel=1e-12, abs=little, nan_ok=True)


@given(st.floats(-10, 10), st.floats(0, 10), st.floats(allow_nan=True))
def test_clip(low, width, x):
    function = compile_clip(low, low + width)
    y = function.one(x)
    assert math.isnan(y) == math.isnan(x)
    assert math.isnan(x) or y == min(max(x, low), low + width)
    assert function.many(np.array([x])).tolist() == pytest.approx([y], nan_ok=True, rel=0, abs=0)


def test_clip_problems():
    assert "exchange" in (clip_problem(1, 0) or "")
    assert "numbers" in (clip_problem(math.nan, 0) or "")
    with pytest.raises(UsageError):
        compile_clip(1, 0)
