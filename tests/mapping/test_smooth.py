import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.mapping.smooth import OneEuroFilter, OnePoleFilter, make_smoother
from belabridge.rules import OneEuro, OnePole


def test_the_first_value_is_taken_as_it_is():
    for wish in (OnePole(0.1), OneEuro()):
        smoother = make_smoother(wish, 0.02)
        assert smoother.feed(5.0, 100.0) == 5.0
        assert smoother.settled


def test_a_step_covers_its_part_after_the_time_constant():
    smoother = OnePoleFilter(0.1)
    smoother.feed(0.0, 0.0)
    assert smoother.feed(1.0, 1.0) == 0.0
    assert smoother.advance(1.1) == pytest.approx(1 - 1 / math.e)
    assert smoother.advance(1.2) == pytest.approx(1 - 1 / math.e**2)


@given(st.lists(st.floats(0.0001, 0.05), min_size=1, max_size=50))
def test_the_way_does_not_depend_on_the_steps(steps):
    smoother = OnePoleFilter(0.5)
    smoother.feed(0.0, 0.0)
    smoother.feed(1.0, 0.0)
    now = 0.0
    for step in steps:
        now += step
        y = smoother.advance(now)
    assert smoother.settled or y == pytest.approx(1 - math.exp(-now / 0.5), rel=1e-9)


def test_a_silence_does_not_make_the_next_value_jump():
    for wish in (OnePole(0.1), OneEuro(min_cutoff_hz=1.0, beta=0.0)):
        smoother = make_smoother(wish, 0.02)
        smoother.feed(0.0, 0.0)
        assert smoother.feed(1.0, 1000.0) < 0.2


@given(
    st.sampled_from([OnePole(0.001), OnePole(0.3), OneEuro(), OneEuro(0.1, 5.0)]),
    st.lists(st.tuples(st.floats(0, 0.1), st.floats(-1e6, 1e6)), min_size=1, max_size=20),
)
def test_it_stays_within_what_came_and_ends_exactly_on_the_last(wish, feeds):
    smoother = make_smoother(wish, 0.02)
    now = 0.0
    low, high = min(x for _, x in feeds), max(x for _, x in feeds)
    for gap, x in feeds:
        now += gap
        y = smoother.feed(x, now)
        assert low <= y <= high
    for _ in range(5000):
        if smoother.settled:
            break
        now += 0.02
        y = smoother.advance(now)
        assert low <= y <= high
    assert smoother.settled
    assert y == feeds[-1][1]


def test_settled_when_a_source_repeats_its_value():
    smoother = OnePoleFilter(0.05)
    smoother.feed(1.0, 0.0)
    for i in range(100):
        y = smoother.feed(0.0, i * 0.02)
    assert (y, smoother.settled) == (0.0, True)


def test_a_clock_that_goes_back_stands_still():
    for smoother in (OnePoleFilter(0.1), OneEuroFilter(OneEuro(), 0.02)):
        smoother.feed(0.0, 10.0)
        smoother.feed(1.0, 10.0)
        y = smoother.advance(10.05)
        assert smoother.advance(5.0) == y
        assert smoother.feed(1.0, 5.0) == y


def reference_one_euro(samples, dt, wish):
    """The paper's algorithm, word by word, at a fixed rate."""

    def alpha(cutoff):
        tau = 1.0 / (2 * math.pi * cutoff)
        return 1.0 / (1.0 + tau / dt)

    out = [samples[0]]
    dx_hat = 0.0
    for x in samples[1:]:
        dx = (x - out[-1]) / dt
        dx_hat = alpha(wish.d_cutoff_hz) * dx + (1 - alpha(wish.d_cutoff_hz)) * dx_hat
        a = alpha(wish.min_cutoff_hz + wish.beta * abs(dx_hat))
        out.append(a * x + (1 - a) * out[-1])
    return out


def test_one_euro_follows_the_paper():
    wish = OneEuro(1.0, 0.05, 1.0)
    samples = [math.sin(i * 0.1) + 0.1 * math.sin(i * 7.3) for i in range(200)]
    smoother = OneEuroFilter(wish, 0.02)
    got = [smoother.feed(x, i * 0.02) for i, x in enumerate(samples)]
    assert got == pytest.approx(reference_one_euro(samples, 0.02, wish), rel=1e-6, abs=1e-6)


def test_one_euro_lags_less_when_fast():
    ends = []
    for beta in (0.0, 1.0):
        smoother = OneEuroFilter(OneEuro(1.0, beta), 0.02)
        for i in range(20):
            y = smoother.feed(i * 1.0, i * 0.02)
        ends.append(y)
    assert ends[1] > ends[0] + 5
