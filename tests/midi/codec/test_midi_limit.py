import pytest

from belabridge.midi.codec.limit import BURST_S, Limit


def test_without_a_limit_it_is_always_open():
    limit = Limit(None)
    limit.sent(10**9, 0.0)
    assert limit.opens() < 0.0


def test_a_cable_is_free_when_it_has_carried_what_was_sent():
    limit = Limit(3125.0)
    limit.sent(125, 1.0)
    assert limit.opens() == pytest.approx(1.04 - BURST_S)
    limit.sent(125, 1.0)  # what does not wait makes the next value wait longer
    assert limit.opens() == pytest.approx(1.08 - BURST_S)
    limit.sent(3, 5.0)  # what it did not carry in the pause is not saved up
    assert limit.opens() == pytest.approx(5.00096 - BURST_S)
