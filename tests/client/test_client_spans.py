"""Lengths of time, and what they are in frames."""

from __future__ import annotations

import numpy as np
import pytest

from belabridge.client.spans import frames, seconds, span_frames, start_frame
from belabridge.errors import UsageError

RATE_HZ = 44_100.0


@pytest.mark.parametrize(
    ("span", "count"),
    [
        (seconds(1), 44_100),
        (seconds(0.00001), 0),
        (seconds(0.1), 4410),
        (frames(7), 7),
        (frames(np.int64(7)), 7),
        (seconds(0), 0),
    ],
)
def test_lengths_are_frames(span, count):
    assert span_frames("for_", span, RATE_HZ) == count


@pytest.mark.parametrize(
    "make",
    [
        lambda: seconds(-1),
        lambda: seconds(float("nan")),
        lambda: seconds("soon"),
        lambda: frames(-1),
        lambda: frames(1.5),
        lambda: span_frames("for_", 10, RATE_HZ),
        lambda: span_frames("for_", seconds(1e300), RATE_HZ),
        lambda: start_frame("start", 1.5, 0, RATE_HZ),
        lambda: start_frame("start", -1, 0, RATE_HZ),
    ],
)
def test_what_is_no_length_is_refused(make):
    with pytest.raises(UsageError):
        make()


def test_a_bare_number_is_told_its_units():
    with pytest.raises(UsageError, match=r"write seconds\(10\) or frames\(10\)"):
        span_frames("for_", 10, RATE_HZ)


@pytest.mark.parametrize(("when", "frame"), [(5, 5), (seconds(1), 45_100), (frames(5), 1005)])
def test_a_start_is_a_frame_or_counts_from_now(when, frame):
    assert start_frame("start", when, 1000, RATE_HZ) == frame
