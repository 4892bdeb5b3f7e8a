from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.mapping.function import IDENTITY
from belabridge.mapping.limit import Limit
from belabridge.mapping.way import Way
from belabridge.rules import Shape

gaps = st.lists(st.floats(0, 0.1), min_size=1, max_size=200)


def run(way, arrivals, until):
    """Feeds (time, value), and ticks at each deadline, as a bridge does; what went as (time, value)."""
    went = []
    arrivals = list(arrivals)
    while arrivals or way.deadline <= until:
        if arrivals and arrivals[0][0] <= way.deadline:
            now, y = arrivals.pop(0)
            if way.offer(y, now):
                went.append((now, way.value))
        else:
            now = way.deadline
            if way.tick(now):
                went.append((now, way.value))
    return went


def test_one_message_at_once_and_one_early():
    limit = Limit(10.0)
    passed = []
    for now in (0.0, 0.01, 0.02, 0.1001, 0.15, 0.2002, 0.3003):
        if limit.open(now):
            limit.passed(now)
            passed.append(now)
    assert passed == [0.0, 0.01, 0.1001, 0.2002, 0.3003]


@given(gaps, st.sampled_from([5.0, 20.0, 50.0, 1000.0]))
def test_never_more_than_the_rate_in_any_window(gaps, rate_hz):
    way = Way(Shape(), IDENTITY, rate_hz)
    now, arrivals = 0.0, []
    for i, gap in enumerate(gaps):
        now += gap
        arrivals.append((now, float(i)))
    times = [t for t, _ in run(way, arrivals, until=1e9)]
    for i, start in enumerate(times):
        for count, end in enumerate(times[i:], start=1):
            # 2 ms: wake-ups are put together
            assert count <= (end - start + 0.002) * rate_hz + 2 + 1e-6


@given(gaps, st.sampled_from([5.0, 20.0, 50.0]))
def test_the_last_value_always_arrives_and_all_are_counted(gaps, rate_hz):
    way = Way(Shape(), IDENTITY, rate_hz)
    now, arrivals = 0.0, []
    for i, gap in enumerate(gaps):
        now += gap
        arrivals.append((now, float(i)))
    went = run(way, arrivals, until=1e9)
    assert went[-1][1] == float(len(gaps) - 1)
    assert went[-1][0] <= now + 1.0 / rate_hz + 1e-9
    assert [y for _, y in went] == sorted(y for _, y in went)
    assert way.offered == len(gaps) == way.sent + way.superseded
    assert way.waiting == 0


@given(st.lists(st.floats(-0.4, 0.4), min_size=50, max_size=200))
def test_a_source_that_keeps_the_rate_is_not_thinned_by_jitter(jitter):
    rate_hz = 50.0
    way = Way(Shape(), IDENTITY, rate_hz)
    way.offer(-1.0, -1.0)
    arrivals = [((i + j) / rate_hz, float(i)) for i, j in enumerate(jitter)]
    run(way, arrivals, until=1e9)
    assert way.superseded == 0


def test_long_term_rate_of_a_fast_source():
    way = Way(Shape(), IDENTITY, 50.0)
    went = run(way, [(i * 0.001, float(i)) for i in range(10_000)], until=10.0)
    assert len(went) == pytest.approx(500, abs=2)
    assert way.sent + way.superseded + way.waiting == 10_000


def test_the_limit_keeps_distance_in_the_long_run():
    way = Way(Shape(), IDENTITY, 10.0)
    went = run(way, [(i * 0.005, float(i)) for i in range(400)], until=3.0)
    distances = [b - a for (a, _), (b, _) in pairwise(went[2:])]
    assert min(distances) > 0.09
