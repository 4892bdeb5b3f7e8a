"""No text of a peer reaches a terminal raw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.printable import printable

ANY_TEXT = st.text(st.characters())  # surrogates and controls too


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("pot1", "pot1"),
        ("größe 1€", "größe 1€"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\u202eabc", r"\u202eabc"),  # would write the rest of the line backwards
        ("\ud800", r"\ud800"),
        ("\x9b31m", r"\x9b31m"),  # an escape sequence in one byte
    ],
)
def test_what_stays_and_what_is_escaped(text, safe):
    assert printable(text) == safe


@given(ANY_TEXT, st.integers(1, 30))
def test_it_is_one_printable_line_of_at_most_the_limit(text, limit):
    whole, cut = printable(text), printable(text, limit)
    assert whole.isprintable()
    whole.encode()
    assert len(cut) <= limit
    assert cut == whole or cut[:-1] == whole[: limit - 1]
