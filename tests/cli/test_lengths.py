"""Lengths of time as one types them."""

from __future__ import annotations

import click
import pytest

from belabridge.cli.lengths import LENGTH
from belabridge.client.spans import frames, seconds


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("10s", seconds(10)),
        ("1.5 s", seconds(1.5)),
        (".5s", seconds(0.5)),
        ("500ms", seconds(0.5)),
        ("2min", seconds(120)),
        ("1h", seconds(3600)),
        ("4410f", frames(4410)),
        ("4410 frames", frames(4410)),
        (seconds(3), seconds(3)),
    ],
)
def test_a_length_has_its_unit(text, length):
    assert LENGTH.convert(text, None, None) == length


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "1e9s", "10 days", "1s 2s", "nans"])
def test_what_is_none_is_refused_with_what_to_write(text):
    with pytest.raises(click.BadParameter, match="write 10s, 500ms, 2min or 4410f"):
        LENGTH.convert(text, None, None)


def test_frames_are_whole():
    with pytest.raises(click.BadParameter, match="whole"):
        LENGTH.convert("1.5f", None, None)
