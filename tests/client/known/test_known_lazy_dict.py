"""A dict whose values are made when they are looked at is a dict in all."""

from __future__ import annotations

import ast
import copy
import json
import pickle

import pytest

from belabridge.client.known.lazy_dict import LazyDict

PLAIN = {"a": [1], "b": [2]}


@pytest.fixture
def made():
    """Which values were made."""
    return []


@pytest.fixture
def lazy(made):
    def make(key):
        made.append(key)
        return list(PLAIN[key])

    return LazyDict("ab", make)


def test_only_what_is_looked_at_is_made_and_once(lazy, made):
    assert len(lazy) == 2
    assert list(lazy) == ["a", "b"]
    assert "a" in lazy
    assert made == []
    lazy["a"].append(5)
    assert lazy["a"] == [1, 5]
    assert made == ["a"]


@pytest.mark.parametrize(
    "taken",
    [
        dict,
        lambda d: {**d},
        lambda d: d.copy(),
        copy.copy,
        copy.deepcopy,
        lambda d: pickle.loads(pickle.dumps(d)),  # noqa: S301 - our own
        lambda d: json.loads(json.dumps(d)),
        lambda d: json.loads(json.dumps(d, indent=1, sort_keys=True)),
        lambda d: dict(d.items()),
        lambda d: dict(zip(d, d.values(), strict=True)),
        lambda d: {key: d.get(key) for key in d},
        lambda d: {key: d.pop(key) for key in list(d)},
        lambda d: {key: d.setdefault(key, 9) for key in list(d)},
        lambda d: d | {},
        lambda d: {} | d,
        lambda d: ast.literal_eval(repr(d)),
    ],
)
def test_whoever_takes_it_takes_the_values(lazy, taken):
    assert taken(lazy) == PLAIN


def test_it_equals_what_a_plain_one_equals(lazy):
    assert lazy == PLAIN
    assert PLAIN == lazy  # noqa: SIM300 - this way as well
    assert lazy == LazyDict("ab", lambda key: PLAIN[key])
    assert lazy != {"a": [1]}


def test_what_is_not_there(lazy):
    with pytest.raises(KeyError):
        lazy["c"]
    assert lazy.get("c") is None
    assert lazy.get("c", 3) == 3
    assert lazy.pop("c", 4) == 4
    assert lazy.setdefault("c", 5) == 5
    lazy["d"] = 6
    assert lazy["d"] == 6
