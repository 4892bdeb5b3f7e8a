"""Control messages: what a board says, and what nobody should."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.values import TimestampMode, Variable, VarType
from belabridge.wire import commands
from belabridge.wire.control import (
    LONGEST_MESSAGE,
    Greeting,
    LogStarted,
    Unreadable,
    VariableList,
    read_control,
)
from captures import records, sessions

ENTRY = {
    "controlled": True,
    "logFileName": "gain.bin",
    "logged": True,
    "monitor": 441,
    "name": "gain",
    "timestampMode": 1,
    "type": "f",
    "value": 0.5,
    "valueInput": -2,
    "watched": True,
}
LOG = {"logFileName": "a.bin", "timestamp": 31216, "timestampEnd": 1.84467440737096e19, "watcher": "a"}


def listing(*entries, **fields):
    content = {"sampleRate": 44100, "timestamp": 5, "watchers": list(entries)} | fields
    return json.dumps({"watcher": {k: v for k, v in content.items() if v is not ...}})


def logged(**fields):
    return json.dumps({"watcher": {k: v for k, v in (LOG | fields).items() if v is not ...}})


def entry(**fields):
    return {k: v for k, v in (ENTRY | fields).items() if v is not ...}


def test_every_field_of_a_list_is_read():
    reply = read_control(listing(ENTRY, entry(name="b", type="c", timestampMode=0)))
    first = Variable(
        name="gain",
        id=0,
        type=VarType.FLOAT,
        mode=TimestampMode.SPARSE,
        value=0.5,
        value_input=-2.0,
        controlled=True,
        watched=True,
        logged=True,
        monitor_period_frames=441,
        log_file_name="gain.bin",
    )
    assert isinstance(reply, VariableList)
    assert (reply.sample_rate, reply.frame, reply.unreadable) == (44100.0, 5, ())
    assert reply.variables[0] == first
    assert (reply.variables[1].name, reply.variables[1].id) == ("b", 1)


def test_what_an_older_board_may_leave_out():
    reply = read_control(
        listing({"name": "a", "type": "d", "timestampMode": 0, "value": 1, "valueInput": 1}),
    )
    assert reply.variables == (Variable("a", 0, VarType.DOUBLE, TimestampMode.DENSE, 1.0, 1.0),)


def test_null_is_what_a_board_writes_for_nan():
    (only,) = read_control(listing(entry(value=None, valueInput=None))).variables
    assert math.isnan(only.value)
    assert math.isnan(only.value_input)


def test_a_type_we_do_not_know_keeps_its_place():
    reply = read_control(listing(ENTRY, entry(name="b", type="b"), entry(name="c", timestampMode=7), ENTRY))
    assert [v.id for v in reply.variables] == [0, 3]
    assert reply.unreadable == ("b", "c")


ODD_NAMES = ["", "a\x07b", "\x1b[2J", "a\nb", "\ud800", "x" * 1001, "\u202e"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_that_cannot_be_commanded_keeps_its_place(name):
    reply = read_control(listing(ENTRY, entry(name=name), entry(name="last")))
    assert [(v.name, v.id) for v in reply.variables] == [("gain", 0), ("last", 2)]
    assert reply.unreadable == (name,)


@given(st.text(st.characters() | st.just("\N{GRINNING FACE}")) | st.just("\N{GRINNING FACE}" * 1000))
def test_every_variable_that_is_listed_can_be_commanded(name):
    for variable in read_control(listing(entry(name=name))).variables:
        names = [variable.name]
        said = [commands.watch(names, 1, 1), commands.monitor({name: 9}), commands.set_({name: 0.1})]
        assert commands.encode([*said, commands.control(names)])


@pytest.mark.parametrize(
    ("message", "project"),
    [
        ('{"event":"connection","projectName":"bela-test"}', "bela-test"),
        (b'{"event":"connection","projectName":"h\\u00e9"}', "hé"),
        ('{"event":"connection"}', None),
        ('{"event":"connection","projectName":3}', None),
    ],
)
def test_greetings(message, project):
    assert read_control(message) == Greeting(project)


def test_log_answers():
    assert read_control(logged()) == LogStarted("a", "a.bin", 31216, None)
    assert read_control(logged(timestampEnd=34941)) == LogStarted("a", "a.bin", 31216, 34941)


UNREADABLE = {
    "empty": "",
    "empty bytes": b"",
    "half": '{"event":"connection"',
    "no JSON": "nonsense",
    "more behind": '{"event":"connection"} x',
    "array": "[1,2]",
    "number": "3",
    "null": "null",
    "no key of ours": '{"a":1}',
    "another event": '{"event":"custom"}',
    "watcher is no object": '{"watcher":[1]}',
    "watcher of no kind": '{"watcher":{"timestamp":1}}',
    "bad UTF-8": b'{"event":"\xff"}',
    "deep": "[" * 100_000,
    "deep object": '{"watcher":' * 50_000,
    "huge integer": '{"watcher":{"watchers":[],"sampleRate":' + "9" * 5000 + ',"timestamp":1}}',
    "large integer": '{"watcher":{"watchers":[],"sampleRate":' + "9" * 400 + ',"timestamp":1}}',
    "too long": " " * LONGEST_MESSAGE + "{}",
    "no rate": listing(sampleRate=...),
    "rate 0": listing(sampleRate=0),
    "rate negative": listing(sampleRate=-44100),
    "rate NaN": listing(sampleRate=math.nan),
    "rate infinite": listing(sampleRate=math.inf),
    "rate text": listing(sampleRate="44100"),
    "rate bool": listing(sampleRate=True),
    "no time": listing(timestamp=...),
    "time negative": listing(timestamp=-1),
    "time half": listing(timestamp=1.5),
    "time beyond": listing(timestamp=2**53),
    "time NaN": listing(timestamp=math.nan),
    "watchers an object": listing(watchers={}),
    "entry a number": listing(3),
    "entry without name": listing(entry(name=...)),
    "entry without type": listing(entry(type=...)),
    "entry without mode": listing(entry(timestampMode=...)),
    "entry without value": listing(entry(value=...)),
    "name a number": listing(entry(name=3)),
    "value a text": listing(entry(value="1")),
    "value a bool": listing(entry(value=True)),
    "value large": listing(entry(value=10**400)),
    "period negative": listing(entry(monitor=-5)),
    "unknown type, no name": listing(entry(type="q", name=...)),
    "log without end": logged(timestampEnd=...),
    "log end NaN": logged(timestampEnd=math.nan),
    "log end negative": logged(timestampEnd=-1),
    "log without time": logged(timestamp=...),
    "log of a number": logged(watcher=4),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_rest_is_unreadable_and_says_why(name):
    answer = read_control(UNREADABLE[name])
    assert isinstance(answer, Unreadable)
    assert 0 < len(answer.reason) < 80
    assert answer.reason.isprintable()


def test_a_peers_text_is_cut_and_escaped_in_a_reason():
    reason = read_control(listing(entry(value="\x1b[31m\n" * 1000))).reason
    assert len(reason) < 80
    assert reason.isprintable()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
KEYS = [*ENTRY, *LOG, "sampleRate", "watchers"]
objects = st.dictionaries(st.sampled_from(KEYS), anything, max_size=8)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(max_size=60),
        anything.map(json.dumps),
        objects.map(lambda o: json.dumps({"watcher": o})),
        objects.map(lambda o: listing(entry(**o))),
        objects.map(lambda o: logged(**o)),
    )
)
def test_any_message_is_read_without_an_exception(message):
    assert isinstance(read_control(message), Greeting | VariableList | LogStarted | Unreadable)


@pytest.mark.parametrize("name", sessions())
def test_a_recorded_message_cut_anywhere_is_unreadable(name):
    texts = [r.payload for r in records(name) if r.direction == "rx" and r.endpoint == "control"]
    for text in set(texts[:3]):
        assert not isinstance(read_control(text), Unreadable)
        for end in range(0, len(text), 7):
            assert isinstance(read_control(text[:end]), Unreadable)
        assert isinstance(read_control(text + text), Unreadable)
