"""What a browser says is read strictly; what it gets is laid out as the page reads it."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import RemoteFormatError
from belabridge.plot.codec.columns import columns
from belabridge.plot.codec.messages import Ask, answer, read_ask


def test_a_question():
    text = '{"id": 7, "step": 221, "count": 1000, "since": [3, 0], "epoch": 1, "hold": true}'
    assert read_ask(text) == Ask(221, 1000, None, (3, 0), 1, 7, hold=True)
    assert read_ask('{"step": 1, "count": 2, "first": 9}') == Ask(1, 2, first=9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        b"\xff",
        "[]",
        "7",
        "null",
        "{}",
        '{"step": 0, "count": 1}',
        '{"step": 1, "count": 8193}',
        '{"step": 1.5, "count": 1}',
        '{"step": true, "count": 1}',
        '{"step": 1, "count": 1, "first": -1}',
        '{"step": 1, "count": 1, "since": 5}',
        '{"step": 1, "count": 1, "since": ["x"]}',
        '{"step": 1, "count": 1, "since": null}',
        "[" * 100_000,
    ],
)
def test_what_is_no_question(text):
    with pytest.raises(RemoteFormatError):
        read_ask(text)


@given(st.one_of(st.text(), st.binary()))
def test_nothing_else_is_raised(text):
    with contextlib.suppress(RemoteFormatError):
        read_ask(text)


def test_an_answer_is_laid_out_as_its_docstring_says():
    lanes = [
        columns(np.array([0, 1, 5]), np.array([3.0, 1.0, 2.0]), 2),
        columns(np.array([], int), np.array([]), 2),
    ]
    data = answer({"now": 5}, lanes)
    size = int(np.frombuffer(data, np.uint32, 1)[0])
    assert (size + 4) % 8 == 0
    assert json.loads(data[4 : 4 + size]) == {"now": 5, "counts": [2, 0]}
    numbers = np.frombuffer(data, np.float64, offset=4 + size)
    assert numbers.tolist() == [0.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0]
