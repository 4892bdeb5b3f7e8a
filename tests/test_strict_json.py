"""JSON that every parser reads, whatever goes in."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.strict_json import one_line


class Word(StrEnum):
    A = "a"


class Number(IntEnum):
    ONE = 1


def never(word):
    raise AssertionError(f"{word} is not JSON")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1, "b": [True, None]}, '{"a": 1, "b": [true, null]}'),
        (float("nan"), "null"),
        ([float("inf"), -float("inf"), 0.5], "[null, null, 0.5]"),
        (np.float32(0.5), "0.5"),
        (np.array([1.0, np.nan]), "[1.0, null]"),
        (np.int32(7), "7"),
        (np.bool_(True), "true"),  # noqa: FBT003 - numpy's own
        ((1, 2), "[1, 2]"),
        ({3}, "[3]"),
        (b"ab\xff", '"ab\\\\xff"'),
        ("a\nb\u2028\ud800", '"a\\nb\\u2028\\ud800"'),
        ({1: Word.A}, '{"1": "a"}'),
        (Number.ONE, "1"),
        (Path("/x"), '"/x"'),
    ],
)
def test_values(value, text):
    assert one_line(value) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_anything_is_one_strict_line(value):
    line = one_line(value)
    assert "\n" not in line
    json.loads(line, parse_constant=never)
