"""Commands: the JSON that boards were recorded to take, and none that would harm one."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import UsageError
from belabridge.wire import commands as c
from captures import records


def recorded(session):
    """The command objects that the recorded host sent to the board."""
    sent = [r.payload for r in records(session) if r.direction == "tx" and r.endpoint != "data"]
    trees = [json.loads(text) for text in sent]
    return [command for tree in trees for command in tree.get("watcher", [])]


def one(command):
    (text,) = c.encode([command])
    (said,) = json.loads(text)["watcher"]
    return said


RECORDED = [
    ("connect-list", c.list_()),
    ("watch-unwatch", c.watch(["myvar", "myvar3"])),
    ("watch-unwatch", c.unwatch(["myvar", "myvar3"])),
    ("scheduled-watch", c.watch(["myvar", "myvar3"], 33181, [4410, 8820])),
    ("scheduled-watch", c.watch(["myvar"], [1], 1000)),
    ("scheduled-watch", c.watch(["myvar2"], duration_frames=1000)),
    ("scheduled-watch", c.unwatch(["myvar"], 181633)),
    ("monitor-period", c.monitor({"myvar": 1000, "myvar2": 1000})),
    ("state-outlives-client", c.monitor({"myvar2": 0})),
    ("control-set", c.control(["myvar", "myvar2", "myvar3"])),
    ("control-set", c.uncontrol(["myvar", "myvar2", "myvar3"])),
    ("control-set", c.set_({"myvar": 4.6, "myvar2": 4.6, "myvar3": -3})),
    ("setmask", c.set_mask({"myvar2": (4294967295, 2147483648)})),
    ("log", c.log(["myvar", "myvar4"], 30531, (4410, 22050))),
    ("log", c.unlog(["myvar2"])),
]


@pytest.mark.parametrize(("session", "command"), RECORDED)
def test_commands_are_those_that_a_real_board_took(session, command):
    assert one(command) in recorded(session)


def test_whole_values_are_written_as_integers_and_the_rest_exactly():
    values = {"a": 4.0, "b": 0.1, "c": True, "d": -0.0, "e": 1e300, "f": np.float32(0.5), "g": np.int32(7)}
    (text,) = c.encode([c.set_(values)])
    assert '"values":[4,0.1,1,0,1e+300,0.5,7]' in text


def test_a_negative_mask_value_goes_out_as_its_unsigned_twin():
    assert one(c.set_mask({"a": (-1, 255)}))["values"] == [0xFFFFFFFF]


def test_names_are_ascii_on_the_wire():
    (text,) = c.encode([c.watch(["é", "日本", "\U0001f3b9", 'a"b\\c'])])
    assert text.isascii()
    assert json.loads(text)["watcher"][0]["watchers"] == ["é", "日本", "\U0001f3b9", 'a"b\\c']


HARMFUL = {
    "NaN": lambda: c.set_({"a": math.nan}),
    "infinity": lambda: c.set_({"a": 1, "b": -math.inf}),
    "numpy NaN": lambda: c.set_({"a": np.float32("nan")}),
    "huge int": lambda: c.set_({"a": 10**400}),
    "text": lambda: c.set_({"a": "7"}),
    "None": lambda: c.set_({"a": None}),
    "no values": lambda: c.set_({}),
    "no names": lambda: c.watch([]),
    "an empty name": lambda: c.watch(["a", ""]),
    "a string for a list": lambda: c.watch("gain"),
    "no text": lambda: c.control([3]),
    "NUL": lambda: c.control(["a\0b"]),
    "lone surrogate": lambda: c.control(["\ud800"]),
    "too few starts": lambda: c.watch(["a", "b"], [1]),
    "too many durations": lambda: c.log(["a"], duration_frames=[1, 2]),
    "negative start": lambda: c.watch(["a"], -1),
    "fractional start": lambda: c.watch(["a"], [1.5]),
    "start beyond": lambda: c.watch(["a"], 2**53),
    "negative duration": lambda: c.watch(["a"], 0, -4),
    "negative period": lambda: c.monitor({"a": -1}),
    "period beyond": lambda: c.monitor({"a": 2**31}),
    "fractional period": lambda: c.monitor({"a": 2.5}),
    "no periods": lambda: c.monitor({}),
    "no masks": lambda: c.set_mask({}),
    "negative mask": lambda: c.set_mask({"a": (1, -1)}),
    "wide mask": lambda: c.set_mask({"a": (1, 2**32)}),
    "wide value": lambda: c.set_mask({"a": (2**32, 1)}),
    "fractional value": lambda: c.set_mask({"a": (5.9, 7)}),
    "a name of 20 000": lambda: c.encode([c.control(["x" * 20_000])]),
    "escapes that are too long": lambda: c.encode([c.control(["é" * 3_000])]),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_what_would_harm_a_board_is_a_usage_error(name):
    with pytest.raises(UsageError):
        HARMFUL[name]()


names = st.lists(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.isprintable), min_size=1)
made = st.one_of(
    st.just(c.list_()),
    names.map(c.control),
    names.map(lambda n: c.watch(n, 5, range(len(n)))),
    names.map(lambda n: c.set_({name: i / 3 for i, name in enumerate(n)})),
    names.map(lambda n: c.set_mask({name: (i, i + 1) for i, name in enumerate(n)})),
    st.integers(1, 4000).map(lambda n: c.monitor({f"variable_{i}": i for i in range(n)})),
    st.integers(1, 600).map(lambda n: c.watch(["日本語" * 20] * n, list(range(n)))),
)


@given(st.lists(made, max_size=6))
def test_any_commands_become_short_ascii_texts_that_say_the_same(commands):
    texts = c.encode(commands)
    said = {}
    for text in texts:
        assert text.isascii()
        assert len(text) < c.LONGEST_TEXT
        for command in json.loads(text)["watcher"]:
            lengths = {len(value) for key, value in command.items() if key != "cmd"}
            assert len(lengths) <= 1
            for key, value in command.items():
                if key != "cmd":
                    said.setdefault((command["cmd"], key), []).extend(value)
    wanted = {}
    for command in commands:
        lists = [("watchers", command.names)] if command.names else []
        for key, value in (*lists, *command.lists):
            wanted.setdefault((command.cmd, key), []).extend(value)
    assert said == wanted


def test_commands_share_a_message_and_keep_their_order():
    (text,) = c.encode([c.control(["a"]), c.set_({"a": 1}), c.list_()])
    assert [command["cmd"] for command in json.loads(text)["watcher"]] == ["control", "set", "list"]
    assert c.encode([]) == []
