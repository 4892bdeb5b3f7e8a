"""The names of variables in a config: all that its rules need, at their places, also beside faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from belabridge.settings.files import load, variables_in
from belabridge.settings.named_variables import named_variables

EXAMPLES = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))

TEXT = """\
out:
- {var: a, midi: {note: pitch, velocity: level}}
- {var: b, midi: {note: C4, velocity: 100}}
- {var: c, midi: {note: {hz: freq}}}
- {var: [], rate: 0, midi: {cc: 1}}
- var: &name d
in:
- {midi: {note: any}, var: {pitch: e, gate: f, odd: 5}}
- {osc: /a, vra: g}
- 5
links:
- {var: *name, midi: {note: 36}, osc: /b}
"""


def test_every_name_has_its_place():
    assert named_variables(TEXT) == (
        ("a", (2, 9)),
        ("pitch", (2, 25)),
        ("level", (2, 42)),
        ("b", (3, 9)),
        ("c", (4, 9)),
        ("freq", (4, 30)),
        ("d", (6, 8)),
        ("e", (8, 36)),
        ("f", (8, 45)),
        ("d", (6, 8)),
    )


@pytest.mark.parametrize("text", ["", "out: 5", "out: {var: a}", "in: []", "out: [[a]]"])
def test_where_there_is_none(text):
    assert named_variables(text) == ()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_they_are_those_of_the_rules(path):
    config = load(path)
    needed = {name for rule in (*config.out, *config.in_) for name in rule.variables}
    assert {name for name, _ in variables_in(path)} == needed
