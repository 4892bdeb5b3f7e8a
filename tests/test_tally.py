"""What is refused or lost: counted always, and said as often as it is news."""

from __future__ import annotations

from belabridge.tally import NAMED_AT_ONCE, NAMES, QUIET_S, REMEMBERED, Tally


def test_a_reason_that_goes_on_is_a_line_now_and_then():
    tally = Tally()
    lines = [tally.complain("lost", f"at {at}", float(at)) for at in range(21)]
    assert [line for line in lines if line] == [
        "at 0",
        "at 10 (and 9 more like it)",
        "at 20 (and 9 more like it)",
    ]
    assert tally.counts["lost"] == 21


def test_each_name_is_said_once_and_hides_no_other():
    tally = Tally()
    said = [
        tally.complain("unmapped", name, at, name)
        for at in (0.0, 0.1, 11.0, 500.0)
        for name in ("/one", "/two", "/three")
    ]
    assert [line for line in said if line] == ["/one", "/two", "/three"]
    assert tally.counts["unmapped"] == 12


def test_the_same_name_under_another_reason_is_another():
    tally = Tally()
    assert tally.complain("unmapped", "nobody", 0.0, "/a")
    assert tally.complain("wrong_type", "no number", 0.0, "/a")


def test_a_flood_of_names_is_few_lines_and_bounded():
    tally = Tally()
    lines = [tally.complain("unmapped", "x", i * 0.001, f"/{i}") for i in range(100_000)]
    assert NAMED_AT_ONCE <= sum(line is not None for line in lines) <= NAMED_AT_ONCE + 100 / QUIET_S
    assert len(tally._named["unmapped"]) <= NAMES
    assert len(tally.recent) <= REMEMBERED
    assert tally.counts["unmapped"] == 100_000
    assert "more like it" in (tally.complain("unmapped", "x", 200.0, "/late") or "")


def test_a_name_that_came_in_a_flood_is_said_later():
    tally = Tally()
    for i in range(NAMED_AT_ONCE):
        tally.complain("unmapped", "x", 0.0, f"/{i}")
    assert tally.complain("unmapped", "x", 0.0, "/mine") is None
    assert tally.complain("unmapped", "x", QUIET_S, "/mine")
