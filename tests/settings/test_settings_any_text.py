"""Whatever stands in a file: a config or faults within the file, and never anything else."""

from __future__ import annotations

import re
from pathlib import Path

from config_texts import PIECES, sections, written
from hypothesis import given, settings
from hypothesis import strategies as st

from belabridge.errors import ConfigError
from belabridge.mapping.problems import rule_problem
from belabridge.settings.config import Config
from belabridge.settings.load import parse

EXAMPLES = [path.read_text("utf-8") for path in sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))]


def check(text):
    """Parse, and look at what comes back; None when it was faults."""
    try:
        config = parse(text, "f")
    except ConfigError as error:
        faults = error.faults
    else:
        assert isinstance(config, Config)
        return config
    lines = re.split("\r\n|\r|\n", text.removeprefix("\ufeff"))
    assert faults
    assert len(set(faults)) == len(faults)
    assert list(faults) == sorted(faults)
    for fault in faults:
        assert 1 <= fault.line <= len(lines), fault
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1, fault
        assert str(fault).isprintable(), fault
        assert fault.problem
        assert "Input should" not in str(fault)
        assert "docs/config.md" not in fault.instead, "the last resort: a message that nobody wrote"
    return None


@given(st.text(max_size=200))
def test_any_text(text):
    check(text)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=500, deadline=None)
def test_any_pieces_of_yaml(text):
    check(text)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_good_config_with_a_mistake(data):
    text = data.draw(st.sampled_from(EXAMPLES))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 6, len(text))))
    check(text[:start] + data.draw(st.sampled_from(["", *PIECES])) + text[end:])


@given(sections)
@settings(max_examples=500, deadline=None)
def test_any_values_at_any_keys(config):
    check(written(config))


numbers = st.floats(allow_nan=False, width=32) | st.sampled_from([0.0, 1.0, -1.0, 1e-300, 3e38])
pairs = st.tuples(numbers, numbers).map(list)
shapes = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.fixed_dictionaries(
            {},
            optional={
                "from": pairs,
                "to": pairs,
                "curve": st.sampled_from(["lin", "exp", "log", 0.5, 2, 100, 101, 1e-300]),
            },
        ),
        "clip": st.booleans() | pairs,
        "invert": st.booleans(),
        "round": st.booleans() | numbers,
        "deadband": numbers,
        "on_change": st.booleans(),
        "smooth": st.sampled_from(["50ms", 0, 0.1, {"one_euro": {}}]) | numbers,
        "rate": numbers | st.integers(1, 1000),
    },
)


@given(shapes, st.sampled_from(["value", "rms", "all"]))
@settings(max_examples=500, deadline=None)
def test_what_is_accepted_can_be_mapped(shape, take):
    """The two rooms know nothing of each other, but must agree on what is possible."""
    text = written({"out": [{"var": "a", "take": take, **shape}], "in": [{"osc": "/a", "var": "a", **shape}]})
    config = check(text)
    if config is not None:
        for rule in (*config.out, *config.in_):
            assert rule_problem(rule) is None, text
