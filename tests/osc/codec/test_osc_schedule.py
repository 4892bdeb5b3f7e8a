import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.osc.codec.reader import Bundle
from belabridge.osc.codec.schedule import HELD_BUNDLES, HELD_BYTES, HORIZON_S, Schedule, Verdict
from belabridge.osc.codec.timetag import IMMEDIATELY, from_unix

NOW = 1_700_000_000.0
SENDER = ("127.0.0.1", 4000)


def at(offset_s):
    return Bundle(from_unix(NOW + offset_s), ())


@pytest.mark.parametrize(
    ("bundle", "verdict"),
    [
        (Bundle(IMMEDIATELY, ()), Verdict.NOW),
        (Bundle(0, ()), Verdict.NOW),
        (at(-1e6), Verdict.NOW),
        (at(0), Verdict.NOW),
        (at(0.001), Verdict.HELD),
        (at(HORIZON_S), Verdict.HELD),
        (at(HORIZON_S + 1), Verdict.CLOCK),
        (at(3600), Verdict.CLOCK),
        (Bundle(5000 << 32, ()), Verdict.CLOCK),  # seconds since the start of the sender
        (Bundle(2**64 - 1, ()), Verdict.CLOCK),
    ],
)
def test_verdicts(bundle, verdict):
    schedule = Schedule()
    assert schedule.push(bundle, SENDER, 16, NOW) is verdict
    assert len(schedule) == (verdict is Verdict.HELD)


@given(st.lists(st.integers(1, 50), max_size=30))
def test_all_come_out_once_in_order_of_time_and_arrival(offsets):
    schedule = Schedule()
    for i, offset in enumerate(offsets):
        assert schedule.push(at(offset), ("host", i), 16, NOW) is Verdict.HELD
    out = []
    while (due := schedule.next_due()) is not None:
        assert schedule.pop_due(due - 0.01) == []
        batch = schedule.pop_due(due)
        assert batch
        out += [sender[1] for _, sender, _ in batch]
    assert out == sorted(range(len(offsets)), key=lambda i: offsets[i])


def test_what_was_held_keeps_its_time_when_it_is_full():
    schedule = Schedule()
    for _ in range(HELD_BUNDLES):
        assert schedule.push(at(1), SENDER, 16, NOW) is Verdict.HELD
    assert schedule.push(at(0.5), SENDER, 16, NOW) is Verdict.FULL
    assert schedule.push(Bundle(1, ()), SENDER, 16, NOW) is Verdict.NOW
    assert len(schedule.pop_due(NOW + 1)) == HELD_BUNDLES
    assert schedule.push(at(2), SENDER, 16, NOW + 1) is Verdict.HELD


def test_bytes_are_bounded_too():
    schedule = Schedule()
    size = HELD_BYTES // 2
    verdicts = [schedule.push(at(1), SENDER, size, NOW) for _ in range(3)]
    assert verdicts == [Verdict.HELD, Verdict.HELD, Verdict.FULL]
    schedule.pop_due(NOW + 1)
    assert schedule.push(at(2), SENDER, size, NOW + 1) is Verdict.HELD


def test_a_clock_that_is_set_back_holds_nothing_for_ever():
    schedule = Schedule()
    schedule.push(at(1), SENDER, 16, NOW)
    assert len(schedule.pop_due(NOW - 7200)) == 1


def test_a_wrong_clock_is_news_once_and_the_memory_of_it_is_bounded():
    schedule = Schedule()
    assert [schedule.is_news("a"), schedule.is_news("a"), schedule.is_news("b")] == [True, False, True]
    for i in range(300):
        schedule.is_news(i)
    assert schedule.is_news("a")  # forgotten meanwhile
    assert not schedule.is_news(299)
