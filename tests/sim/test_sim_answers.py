"""The board's texts: sorted keys, no spaces, 15 digits, everything beyond plain ASCII escaped."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.sim import answers


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2**64 - 1, "1.84467440737096e+19"),
        (4.6, "4.6"),
        (44_100.0, "44100"),
        (0.1, "0.1"),
        (0.10000000149011612, "0.100000001490116"),
        (1e-7, "1e-07"),
        (-0.0, "-0"),
        (123_456_789_012_345_678, "1.23456789012346e+17"),
        (float("nan"), "null"),
        (float("-inf"), "null"),
    ],
)
def test_numbers(number, text):
    assert answers.number(number) == text


def test_a_program_without_a_name_has_none_in_the_greeting():
    assert answers.greeting("") == '{"event":"connection"}'


def test_characters_that_need_it_are_escaped():
    assert answers.text('a"\\/\b\f\n\r\té\x7f') == r'"a\"\\\/\b\f\n\r\t\u00E9\u007F"'


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])))
def test_any_text_is_ascii_and_means_itself(text):
    written = answers.text(text)
    assert written.isascii()
    assert json.loads(written) == text


def test_what_json_does_not_know_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="bytes"):
        answers.text({"a": b""})
