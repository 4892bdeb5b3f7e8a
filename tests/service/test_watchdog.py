"""When the watchdog is fed, over all patterns of work."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from belabridge.service.watchdog import Watchdog


def feeds(interval_s, works_until_s, end_s):
    dog = Watchdog(interval_s)
    found, now = [], 0.0
    while now < end_s:
        if now <= works_until_s:
            dog.worked(now)
        if dog.should_feed(now):
            found.append(now)
        now += dog.look_s
    return found


@given(st.floats(0.1, 600))
def test_while_it_works_the_gaps_are_half_an_interval_and_never_a_whole(interval_s):
    found = feeds(interval_s, float("inf"), 20 * interval_s)
    gaps = [b - a for a, b in pairwise(found)]
    assert found[0] == 0.0
    assert len(gaps) > 25
    assert all(interval_s * 0.499 <= gap <= interval_s * 0.626 for gap in gaps)


@given(st.floats(0.1, 600), st.floats(0, 10))
def test_when_work_ends_the_last_feed_is_at_most_half_an_interval_later(interval_s, intervals):
    last_work = intervals * interval_s
    found = feeds(interval_s, last_work, last_work + 10 * interval_s)
    assert found[-1] <= last_work + interval_s / 2 + 1e-9 * interval_s


def test_it_is_not_fed_before_any_work():
    assert not Watchdog(1.0).should_feed(0.0)


def test_work_again_feeds_again_at_once():
    dog = Watchdog(1.0)
    dog.worked(0.0)
    assert dog.should_feed(0.0)
    assert dog.starving(5.0)
    assert not dog.should_feed(5.0)
    dog.worked(5.1)
    assert dog.should_feed(5.1)
    assert not dog.should_feed(5.2)
