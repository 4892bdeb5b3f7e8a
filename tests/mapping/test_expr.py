import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import UsageError
from belabridge.mapping.expr import LONGEST, compile_expr, problem
from belabridge.mapping.words import FUNCTIONS


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("x", {3: 3}),
        ("x*2+1", {0: 1, 3: 7}),
        ("  -x ", {3: -3}),
        ("+x - -x", {3: 6}),
        ("x/4", {1: 0.25}),
        ("1/x", {4: 0.25, 0: math.inf}),
        ("x//2", {5: 2, -5: -3}),
        ("x % 3", {5: 2, -1: 2}),
        ("x**2", {3: 9, -3: 9}),
        ("2**-x", {1: 0.5}),
        ("clip(x, 0, 1)", {-1: 0, 0.5: 0.5, 2: 1}),
        ("min(x, 1, 2)", {0: 0, 3: 1}),
        ("max(x, -1)", {-3: -1, 3: 3}),
        ("x > 0.5", {0: 0, 1: 1}),
        ("(x > 1) + (x > 2)", {0: 0, 1.5: 1, 3: 2}),
        ("0 < x < 2", {0: 0, 1: 1, 2: 0}),
        ("x == 1 or x != x", {1: 1, 2: 0}),
        ("not x", {0: 1, 5: 0}),
        ("x and 2", {0: 0, 5: 1}),
        ("x if x >= 0 else -x", {-2: 2, 2: 2}),
        ("1/x if x else 0", {0: 0, 2: 0.5}),
        ("sin(pi * x)", {0: 0, 0.5: 1}),
        ("log(e) * x", {2: 2}),
        ("round(x)", {0.5: 0, 1.5: 2, -2.6: -3}),
        ("floor(x) + ceil(x)", {1.5: 3}),
        ("sign(x)", {-3: -1, 0: 0, 9: 1}),
        ("max(ampdb(x), -100)", {1: 0, 0.1: -20, 0: -100}),
        ("dbamp(x)", {0: 1, 20: 10, -20: 0.1}),
        ("mtof(x)", {69: 440, 81: 880}),
        ("ftom(x)", {440: 69, 220: 57}),
        ("sqrt(x)", {4: 2, -1: math.nan}),
        ("exp(x)", {0: 1, 1000: math.inf}),
        ("pow(x, 0.5)", {9: 3, -1: math.nan}),
        ("x * 9**9**9 * 0", {1: math.nan}),
        ("x\n + 1", {1: 2}),
        ("0.5", {1: 0.5, 7: 0.5}),
    ],
)
def test_values(text, pairs):
    function = compile_expr(text)
    expected = list(pairs.values())
    assert [function.one(float(x)) for x in pairs] == pytest.approx(expected, nan_ok=True, abs=1e-12)
    many = function.many(np.array(list(pairs), float))
    assert many.dtype == np.float64
    assert many.shape == (len(pairs),)
    assert many.tolist() == pytest.approx(expected, nan_ok=True, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "at column 1: this is not an expression"),
        ("x +", "at column 4: this is not an expression"),
        ("   x + y", "at column 8: 'y' is not known"),
        ("x + pie", "at column 5: 'pie' is not known, did you mean pi?"),
        ("sine(x)", "at column 1: there is no function 'sine', did you mean sin?"),
        ("1 + sin", "at column 5: sin is a function: write sin(x)"),
        ("sin()", "at column 1: sin takes 1 argument, not 0"),
        ("clip(x, 1)", "at column 1: clip takes 3 arguments, not 2"),
        ("min(x)", "at column 1: min takes 2 to 16 arguments, not 1"),
        ("sin(x=1)", "at column 1: sin takes its arguments without names"),
        ("sin(*x)", "at column 5: this cannot be used here"),
        ("x.real", "at column 1: a dot cannot be used here"),
        ("x[0]", "at column 1: a bracket cannot be used here"),
        ("x, 1", "at column 1: a comma cannot be used here"),
        ("'a'", "at column 1: a text cannot be used here"),
        ("1j * x", "at column 1: 1j cannot be used here"),
        ("True", "at column 1: True cannot be used here"),
        ("(lambda: 1)()", "at column 2: a lambda cannot be called"),
        ("__import__('os')", "at column 1: there is no function '__import__'"),
        ("(y := x)", "at column 2: this cannot be used here"),
        ("[x for x in x]", "at column 1: a bracket"),
        ("f'{x}'", "at column 1: this cannot be used here"),
        ("x & 1", "at column 1: this operator cannot be used here"),
        ("~x", "at column 1: this operator cannot be used here"),
        ("x is 1", "at column 6: this comparison cannot be used here"),
        ("x in x", "at column 6: this comparison cannot be used here"),
        ("x # louder", "at column 3: a comment"),
        ("1e999 * x", "at column 1: this number is too large"),
        ("9**9**9", "at column 1: this is never a finite number"),
        ("log(0)", "at column 1: this is never a finite number"),
        ("(y + é) * x", "at column 2: 'y' is not known"),
        ("é + x", "at column 1: 'é' is not known"),
        ("x*2 + (é)", "at column 8: 'é' is not known"),
        ("max(é, q)", "at column 5: 'é' is not known"),
        ("x\0", "at column"),
        ("import os", "at column"),
        ("x; x", "at column 2"),
    ],
)
def test_problems_name_the_place(text, start):
    assert (problem(text) or "").startswith(start)
    with pytest.raises(UsageError):
        compile_expr(text)


@pytest.mark.parametrize(
    "text",
    [
        "x" * (LONGEST + 1),
        "-" * (LONGEST - 1) + "x",
        "(" * 499 + "x" + ")" * 499,
        "+".join("x" * 300),
        "(0<" * 200 + "x" + "<1)" * 100,
        "9" * LONGEST,
        "not " * 200 + "x",
        "x if x else " * 80 + "x",
    ],
)
def test_monsters_are_problems(text):
    assert problem(text) is not None


def test_compiling_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert problem("1if x else 2") is None
        assert problem("1 is 1") is not None
        assert problem("x(1)(2)") is not None


def test_every_function_says_what_it_is():
    assert all(word.says for word in FUNCTIONS.values())


pieces = st.sampled_from(
    [
        *FUNCTIONS,
        *"x+-*/%<>=(),.[]{}:@&|^~!'\"\\#\n ",
        "**",
        "//",
        " if ",
        " else ",
        " and ",
        "not ",
        "1",
        "0.5",
        *("__class__", "import", "lambda", "pi", "e", "é", "9**9", "for", "in", "\0", "await"),
    ]
)
any_text = st.one_of(st.text(max_size=60), st.lists(pieces, max_size=25).map("".join))


@given(any_text)
def test_any_text_is_a_function_or_a_problem(text):
    fault = problem(text)
    if fault is not None:
        assert fault.startswith("at column ")
        return
    function = compile_expr(text)
    assert isinstance(function.one(0.5), float)
    # what got in can reach nothing: a bare namespace, and only words of ours in it
    code = function.one.__code__
    allowed = {*function.one.__globals__} - {"__builtins__"}
    assert set(code.co_names) <= allowed
    assert function.one.__globals__["__builtins__"] == {}


def expressions():
    leaves = st.one_of(st.just("x"), st.sampled_from(["0", "1", "2.5", "0.1", "1e300", "pi"]))

    def grow(inner):
        ops = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<", "<=", "==", "!=", "and", "or"])
        names = st.sampled_from([n for n, w in FUNCTIONS.items() if w.most == 1])
        return st.one_of(
            st.tuples(inner, ops, inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
            st.tuples(names, inner).map(lambda p: f"{p[0]}({p[1]})"),
            st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
            st.tuples(inner, inner, inner).map(lambda p: f"clip({p[0]}, {p[1]}, {p[2]})"),
            st.tuples(inner, inner).map(lambda p: f"min({p[0]}, {p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
            inner.map(lambda p: f"(not {p})"),
            inner.map(lambda p: f"(-{p})"),
        )

    return st.recursive(leaves, grow, max_leaves=6)


# One operation at a time: deeper trees turn the last bit of a float into a jump, in floor or in a comparison.
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@given(st.lists(st.floats(allow_nan=True), min_size=3, max_size=3))
def test_each_function_is_the_same_for_floats_and_arrays(name, xs):
    word = FUNCTIONS[name]
    args = xs[: max(word.least, 1)]
    one = word.scalar(*args)
    with np.errstate(all="ignore"):
        many = word.array(*(np.array([a]) for a in args))
    assert many.tolist() == pytest.approx([one], rel=1e-13, nan_ok=True)


@pytest.mark.parametrize(
    "op", ["+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or"]
)
@given(st.floats(allow_nan=True), st.floats(-1e300, 1e300))
def test_each_operator_is_the_same_for_floats_and_arrays(op, x, y):
    function = compile_expr(f"x {op} ({y!r})")
    assert function.many(np.array([x])).tolist() == pytest.approx([function.one(x)], rel=1e-13, nan_ok=True)


@given(expressions(), st.floats(allow_nan=True))
def test_no_expression_raises_or_warns(text, x):
    if problem(text) is None:
        function = compile_expr(text)
        assert isinstance(function.one(x), float)
        assert function.many(np.array([x, x])).shape == (2,)
