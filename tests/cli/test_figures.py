"""Numbers as a person reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.cli.figures import (
    NOTHING,
    count_text,
    latency_text,
    rate_text,
    sample_rate_text,
    span_text,
    value_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NOTHING),
        (0, "0"),
        (1203, "1203"),
        (-7, "-7"),
        (4294967295, "4.3e+09"),
        (0.0, "0.0000"),
        (0.41234, "0.4123"),
        (-0.5, "-0.5000"),
        (12.3456, "12.346"),
        (440.0, "440.00"),
        (12034.21, "12034.2"),
        (-123456.7, "-123456.7"),
        (1.2e7, "1.2e+07"),
        (0.00001, "1e-05"),
        (-1.234e-200, "-1.2e-200"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (-float("inf"), "-∞"),
        ([1.5], "1.5000"),
        ([0.1] * 1024, "[1024]"),
        ([], "[0]"),
        (True, "True"),
        ("a long text indeed", "a long te…"),
        ("\x1b[2J", r"\x1b[2J"),
    ],
)
def test_values(value, text):
    assert value_text(value) == text


@given(st.floats() | st.integers(-(2**63), 2**64))
def test_a_value_fits_its_column(value):
    assert 1 <= len(value_text(value)) <= 10


@pytest.mark.parametrize(
    ("per_s", "text"),
    [
        (0, NOTHING),
        (None, NOTHING),
        (float("nan"), NOTHING),
        (0.26, "0.3"),
        (9.94, "9.9"),
        (9.97, "10"),
        (49.7, "50"),
    ],
)
def test_rates(per_s, text):
    assert rate_text(per_s) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999, "999"), (12034, "12 034"), (1234567, "1 234 567"), (None, "0")]
)
def test_counts(count, text):
    assert count_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (-1, "0.0 s"),
        (0.42, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.7, "1 h 00 min"),
        (7800, "2 h 10 min"),
        (86400 * 4 + 3600 * 7, "4 d 7 h"),
        (None, NOTHING),
        (float("inf"), NOTHING),
    ],
)
def test_spans(seconds, text):
    assert span_text(seconds) == text


@pytest.mark.parametrize(
    ("ms", "text"), [(0.414, "0.41 ms"), (9.994, "9.99 ms"), (12.3, "12 ms"), (None, NOTHING)]
)
def test_latencies(ms, text):
    assert latency_text(ms) == text


@pytest.mark.parametrize(("hz", "text"), [(44100.0, "44.1 kHz"), (48000, "48 kHz"), (None, ""), (0, "")])
def test_sample_rates(hz, text):
    assert sample_rate_text(hz) == text
