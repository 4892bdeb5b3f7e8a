import pytest

from belabridge.osc.outage import BACK_AFTER_S, Outage

# (time, refused or worked, what it says)
TABLE = [
    ("it begins once", [(0, "refused", True), (1, "refused", False), (50, "refused", False)]),
    ("it ends after a while without refusals", [(0, "refused", True), (1, "worked", None), (3, "worked", 3)]),
    (
        "a send that nobody refused yet ends nothing",
        [(0, "refused", True), (2.5, "refused", False), (5, "worked", None), (5.5, "worked", 5.5)],
    ),
    ("the next one is another", [(0, "refused", True), (4, "worked", 4), (5, "refused", True)]),
    ("nothing to end", [(0, "worked", None)]),
]


@pytest.mark.parametrize(("events"), [events for _, events in TABLE], ids=[name for name, _ in TABLE])
def test_table(events):
    outage = Outage()
    assert BACK_AFTER_S == 3.0  # the tables above are written for it
    for now, what, said in events:
        answer = outage.refused(now) if what == "refused" else outage.worked(now)
        assert answer == said
    assert (outage.since is None) == (events[-1][1] == "worked")
