"""Unquoted words: what they mean, and which are traps."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from belabridge.settings.scalars import Trap, resolve

MEANT = {
    "": None,
    "~": None,
    "null": None,
    "true": True,
    "False": False,
    "0": 0,
    "-0": 0,
    "+7": 7,
    "9001": 9001,
    "0x1F": 31,
    "0o17": 15,
    "1e3": 1000.0,
    "1E-3": 0.001,
    ".5": 0.5,
    "5.": 5.0,
    "-0.25": -0.25,
    "00.5": 0.5,
    ".inf": math.inf,
    "-.INF": -math.inf,
    "9" * 30: 1e30,
    "y": "y",
    "n": "n",
    "pot1": "pot1",
    "bela.local": "bela.local",
    "192.168.7.2": "192.168.7.2",
    "192.168.7.2:5555": "192.168.7.2:5555",
    "0:9000": "0:9000",
    "50ms": "50ms",
    "0,5": "0,5",
    "2024-01-01": "2024-01-01",
    "1e": "1e",
    "0x": "0x",
    "0x_": "0x_",
    "-0b_": "-0b_",
    "-": "-",
    "+": "+",
    ".": ".",
    "..": "..",
    "<<": "<<",
    "/a": "/a",
}

TRAPS = {
    "on": ("on", 'write true, or "on" in quotes when it is a name'),
    "Off": ("Off", 'write false, or "Off" in quotes when it is a name'),
    "YES": ("YES", 'write true, or "YES" in quotes when it is a name'),
    "no": ("no", 'write false, or "no" in quotes when it is a name'),
    "010": (10, 'write 10, or "010" in quotes when it is a name'),
    "-007": (-7, 'write -7, or "-007" in quotes when it is a name'),
    "09001": (9001, 'write 9001, or "09001" in quotes when it is a name'),
    "00": (0, 'write 0, or "00" in quotes when it is a name'),
    "1:30": (90, 'write 90, or "1:30" in quotes when it is a name'),
    "-1:30": (-90, 'write -90, or "-1:30" in quotes when it is a name'),
    "1:01:01": (3661, 'write 3661, or "1:01:01" in quotes when it is a name'),
    "0:30.5": (30.5, 'write 30.5, or "0:30.5" in quotes when it is a name'),
    "0b101": (5, 'write 5, or "0b101" in quotes when it is a name'),
    "1_000": (1000, 'write 1000, or "1_000" in quotes when it is a name'),
    "1_0.5": (10.5, 'write 10.5, or "1_0.5" in quotes when it is a name'),
    "0x_F": (15, 'write 0xF, or "0x_F" in quotes when it is a name'),
}


@pytest.mark.parametrize("word", MEANT)
def test_a_word_has_its_obvious_meaning(word):
    meaning = resolve(word)
    assert meaning == MEANT[word]
    assert type(meaning) is type(MEANT[word])


def test_nan_is_a_number():
    assert math.isnan(resolve(".nan"))


@pytest.mark.parametrize("word", TRAPS)
def test_a_trap_says_what_to_write_and_goes_on_with_what_is_meant(word):
    trap = resolve(word)
    assert isinstance(trap, Trap)
    assert (trap.value, trap.instead) == TRAPS[word]


# words as people write them, dense in what the two versions of YAML see differently
wordlike = st.one_of(
    st.text(alphabet="0123456789+-.:_eExbo", min_size=1, max_size=12),
    st.sampled_from(["yes", "On", "OFF", "true", "~", "null", "y", "N"]),
)


@given(wordlike)
def test_where_yaml_1_1_reads_another_number_or_a_bool_it_is_a_trap(word):
    """The oracle is the loader that most programs use."""
    mine = resolve(word)
    try:
        loaded = yaml.safe_load(f"[{word}]")
    except (yaml.YAMLError, ValueError):
        return
    if not isinstance(loaded, list) or len(loaded) != 1:
        return
    theirs = loaded[0]
    if isinstance(mine, Trap) or not isinstance(theirs, (bool, int, float)):
        return
    assert type(mine) is not str
    assert mine == theirs or (math.isnan(mine) and math.isnan(theirs))


@given(st.text(max_size=60))
def test_any_word_resolves(word):
    meaning = resolve(word)
    assert meaning is None or isinstance(meaning, (bool, int, float, str, Trap))
