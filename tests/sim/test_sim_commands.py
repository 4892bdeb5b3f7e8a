"""What the board reads of a host's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.sim import commands


@pytest.mark.parametrize(
    "message",
    [
        b"", b"{", b"nonsense", b"[1,2]", b'"str"', b"3", b"null", b'{"a":1} trailing',
        '{"a":"é"}'.encode(), b'{"a":NaN}', b'{"a":-Infinity}', b"[" * 9000,
    ],
)  # fmt: skip
def test_what_it_leaves_unread(message):
    assert commands.parse(message) is None


def test_a_zero_byte_ends_the_text():
    assert commands.parse(b'{"a":[1]}\0\xff trailing') == {"a": [1]}


def test_a_huge_number_is_infinite():
    assert commands.parse(b'{"a":%b}' % (b"9" * 5000)) == {"a": float("inf")}


@given(st.binary())
def test_no_bytes_raise(message):
    root = commands.parse(message)
    assert root is None or isinstance(root, dict)


@pytest.mark.parametrize(
    ("value", "number"), [(True, 1), (False, 0), ("7", 0), (None, 0), ([1], 0), (3, 3), (2.5, 2.5)]
)
def test_only_numbers_and_truth_values_are_numbers(value, number):
    assert commands.number(value) == number


def test_what_is_missing_is_empty():
    assert commands.array({"a": 1}, "a") == commands.array({}, "a") == commands.array(7, "a") == []
    assert commands.command("list") == commands.command({"cmd": 1}) == ""
    assert commands.nth([1.0], 1) == 0
