"""Two rules for one control: what is said of them."""

import pytest

from belabridge.settings.load import parse
from belabridge.settings.overlaps import overlaps

CC14 = "cc 33 is half of cc14 1: is that meant?"
PAIRS = {
    "another control": ("{cc: 1}", "{cc: 2}", []),
    "the same control": ("{cc: 1}", "{cc: 1}", ["cc 1 moves a and b: is that meant?"]),
    "on any channel": ("{cc: 1}", "{cc: 1, channel: 2}", ["cc 1 on channel 2 moves a and b: is that meant?"]),
    "on two channels": ("{cc: 1, channel: 1}", "{cc: 1, channel: 2}", []),
    "the lower half": ("{cc14: 1}", "{cc: 33}", [CC14]),
    "the lower half before": ("{cc: 33}", "{cc14: 1}", [CC14]),
    "the upper half": ("{cc14: 1}", "{cc: 1}", ["cc 1 is half of cc14 1: is that meant?"]),
    "no half": ("{cc14: 1}", "{cc: 34}", []),
    "two notes": ("{note: 36}", "{note: 37}", []),
}


@pytest.mark.parametrize("name", PAIRS)
def test_overlaps(name):
    one, other, said = PAIRS[name]
    text = f"midi: {{in: x}}\nin:\n  - {{midi: {one}, var: a}}\n  - {{midi: {other}, var: b}}\n"
    found = overlaps(parse(text, "f"))
    assert [what for _, what in found] == said
    assert all(line == 4 for (line, _), _ in found)
