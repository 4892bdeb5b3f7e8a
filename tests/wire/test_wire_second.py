"""Protocol 2: what we say, what a board answers, and whose answer it is."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import UsageError
from belabridge.values import Exact, VarType
from belabridge.wire import commands as c1
from belabridge.wire import commands2 as c2
from belabridge.wire.control import Done, Ended, LogStarted, Refused, Unreadable, read_control
from belabridge.wire.listing import HostArray
from belabridge.wire.session import LARGEST_ID, OPEN_COMMANDS, Answered, Listed, Session


def said(*commands):
    (text,) = c1.encode(commands)
    return json.loads(text)["watcher"]


COMMANDS = [
    (c2.list_(), {"cmd": "list", "protocol": 2}),
    (
        c2.watch(["a", "b"], block_values=[16, 0], latency_frames=[0, 441], reads=[False, True]),
        {
            "cmd": "watch",
            "protocol": 2,
            "watchers": ["a", "b"],
            "blocks": [16, 0],
            "latencies": [0, 441],
            "reads": [False, True],
        },
    ),
    (
        c2.watch(["a"], 100, 200, latency_frames=5),
        {
            "cmd": "watch",
            "protocol": 2,
            "watchers": ["a"],
            "timestamps": [100],
            "durations": [200],
            "latencies": [5],
        },
    ),
    (c2.unwatch(["a"], 7), {"cmd": "unwatch", "protocol": 2, "watchers": ["a"], "timestamps": [7]}),
    (
        c2.monitor({"a": 100}, [True]),
        {"cmd": "monitor", "protocol": 2, "watchers": ["a"], "periods": [100], "reads": [True]},
    ),
    (c2.control(["a"], "me"), {"cmd": "control", "protocol": 2, "watchers": ["a"], "controller": "me"}),
    (c2.control(["a"]), {"cmd": "control", "protocol": 2, "watchers": ["a"]}),
    (c2.uncontrol(["a"]), {"cmd": "uncontrol", "protocol": 2, "watchers": ["a"]}),
    (
        c2.set_({"a": 1.5, "b": 2}, 44100),
        {
            "cmd": "set",
            "protocol": 2,
            "watchers": ["a", "b"],
            "values": [1.5, 2],
            "timestamps": [44100, 44100],
        },
    ),
    (
        c2.set_mask({"a": (255, 15)}, [9]),
        {
            "cmd": "setMask",
            "protocol": 2,
            "watchers": ["a"],
            "values": [255],
            "masks": [15],
            "timestamps": [9],
        },
    ),
    (
        c2.log(["a"], 1, 2),
        {"cmd": "log", "protocol": 2, "watchers": ["a"], "timestamps": [1], "durations": [2]},
    ),
    (c2.unlog(["a"]), {"cmd": "unlog", "protocol": 2, "watchers": ["a"]}),
]


@pytest.mark.parametrize(("command", "expected"), COMMANDS, ids=lambda x: getattr(x, "cmd", ""))
def test_commands_say_what_the_definition_says(command, expected):
    assert said(command) == [expected]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: c2.watch([]),
        lambda: c2.watch(["a"], block_values=[1, 2]),
        lambda: c2.watch(["a"], block_values=4097),
        lambda: c2.watch(["a"], latency_frames=-1),
        lambda: c2.watch(["a"], reads=[True, False]),
        lambda: c2.control(["a"], "x" * 33),
        lambda: c2.control(["a"], "ö"),
        lambda: c2.control(["a"], "a\nb"),
        lambda: c2.set_({"a": math.nan}),
        lambda: c2.set_({"a": 1}, 2**53),
        lambda: c2.monitor({"a": 2**31}),
    ],
)
def test_what_no_board_can_have_is_not_said(wrong):
    with pytest.raises(UsageError):
        wrong()


ENTRY = {
    "block": 512,
    "controlled": True,
    "controller": "me",
    "id": 3,
    "latency": 441,
    "logFileName": "",
    "logged": False,
    "lostLogged": 1,
    "lostMonitored": 2,
    "lostWatched": 3,
    "monitor": 100,
    "monitorRead": True,
    "name": "gain",
    "timestampMode": 0,
    "type": "f",
    "value": 0.5,
    "valueInput": 0.25,
    "watchRead": True,
    "watched": True,
}
TABLE = {"id": 4, "name": "table", "received": 7, "size": 1024, "type": "f"}


def listing(id_=1, frame=10, **more):
    content = {
        "buffers": [TABLE],
        "cmd": "list",
        "id": id_,
        "protocol": 2,
        "refused": 5,
        "sampleRate": 44100,
        "timestamp": frame,
        "watchers": [ENTRY],
    }
    return json.dumps({"watcher2": {**content, **more}})


def original(frame=10):
    entry = {k: ENTRY[k] for k in ("name", "type", "timestampMode", "value", "valueInput")}
    return json.dumps({"watcher": {"sampleRate": 44100, "timestamp": frame, "watchers": [entry]}})


def test_a_list_tells_everything():
    board = read_control(listing(id_=9))
    assert (board.protocol, board.id, board.refused, board.frame) == (2, 9, 5, 10)
    assert board.arrays == (HostArray("table", 4, VarType.FLOAT, 1024, 7),)
    (gain,) = board.variables
    assert (gain.id, gain.controlled, gain.watched, gain.monitor_period_frames) == (3, True, True, 100)
    assert gain.exact == Exact(
        512,
        441,
        watch_reads=True,
        monitor_reads=True,
        controller="me",
        lost_watched=3,
        lost_monitored=2,
        lost_logged=1,
    )


ANSWERS = [
    ({"cmd": "set", "id": 7, "timestamp": 44100}, Done("set", 7, 44100)),
    ({"cmd": "set", "error": "range", "id": 7, "watcher": "gain"}, Refused("set", "range", 7, "gain")),
    ({"cmd": "x", "error": "command"}, Refused("x", "command")),
    (
        {"ended": "watch", "timestamp": 30000, "values": 7712, "watcher": "fast"},
        Ended("watch", "fast", 30000, 7712),
    ),
    (
        {
            "cmd": "log",
            "id": 9,
            "logFileName": "myvar.bin",
            "timestamp": 50000,
            "timestampEnd": 54410,
            "watcher": "myvar",
        },
        LogStarted("myvar", "myvar.bin", 50000, 54410, 2, 9),
    ),
]


@pytest.mark.parametrize(("content", "expected"), ANSWERS, ids=lambda x: type(x).__name__)
def test_answers_are_read(content, expected):
    assert read_control(json.dumps({"watcher2": content})) == expected


BROKEN = [
    {},
    {"cmd": "set", "id": -1, "timestamp": 1},
    {"cmd": "set", "id": 1.5, "timestamp": 1},
    {"cmd": 3, "error": "x"},
    {"error": "x"},
    {"cmd": "set", "error": 3},
    {"ended": "watch", "watcher": "x", "timestamp": 1},
    {"watchers": [{"name": "a"}], "sampleRate": 1, "timestamp": 1, "protocol": 2},
    {"watchers": [], "sampleRate": 0, "timestamp": 1, "protocol": 2},
    {"watchers": [], "buffers": 3, "sampleRate": 1, "timestamp": 1, "protocol": 2},
    {"watchers": [], "buffers": [3], "sampleRate": 1, "timestamp": 1, "protocol": 2},
    {"watchers": [{**ENTRY, "block": "x"}], "sampleRate": 1, "timestamp": 1, "protocol": 2},
    {"logFileName": "x"},
]


@pytest.mark.parametrize("content", BROKEN, ids=str)
def test_what_is_broken_is_unreadable(content):
    assert isinstance(read_control(json.dumps({"watcher2": content})), Unreadable)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda x: (
        st.lists(x, max_size=3)
        | st.dictionaries(st.sampled_from([*ENTRY, *json.loads(listing())["watcher2"], "error", "ended"]), x)
    ),
    max_leaves=20,
)


@given(JSON)
def test_nothing_raises(content):
    session = Session(first_id=1)
    session.ask_list()
    session.control_received(json.dumps({"watcher2": content}))


def second_session(first_id=1):
    session = Session(first_id=first_id)
    request = session.ask_list()
    session.control_received(listing(id_=first_id))
    assert request.done
    session.to_send()
    return session


def test_the_first_question_finds_out_which_board_it_is():
    session = Session(first_id=1)
    request = session.ask_list()
    assert session.to_send() == ['{"watcher":[{"cmd":"list","protocol":2,"id":1}]}']
    (event,) = session.control_received(listing(id_=1))
    assert isinstance(event, Listed)
    assert event.answered == (request,)
    assert (session.protocol, list(session.by_id)) == (2, [3])


def test_an_original_board_is_asked_in_its_own_words_from_then_on():
    session = Session(first_id=1)
    request = session.ask_list()
    assert session.control_received(original())[0].answered == (request,)
    session.to_send()
    session.ask_list()
    assert session.protocol == 1
    assert session.to_send() == ['{"watcher":[{"cmd":"list"}]}']


def test_a_list_for_an_original_client_that_comes_first_is_outgrown():
    session = Session(first_id=1)
    session.ask_list()
    session.control_received(original())
    assert session.protocol == 1
    assert session.control_received(listing(id_=1))[0].list.protocol == 2
    assert session.protocol == 2
    session.ask_list()
    assert '"protocol":2' in session.to_send()[-1]
    assert session.control_received(original()) == [], "its places need not be our ids"
    assert list(session.by_id) == [3]


def test_only_the_list_with_our_id_is_ours():
    session = second_session()
    request = session.ask_list()
    assert session.control_received(listing(id_=1000, frame=99))[0].answered == ()
    assert not request.done
    assert session.control_received(listing(id_=2, frame=99))[0].answered == (request,)


def test_a_session_of_the_original_protocol_hears_nothing_of_the_second():
    session = Session()
    for content, _ in ANSWERS:
        assert session.control_received(json.dumps({"watcher2": content})) == []
    assert session.control_received(listing()) == []
    assert (session.protocol, session.variables) == (1, {})


def test_each_command_has_an_id_and_its_answer_is_told_once():
    session = second_session()
    watch, set_ = c2.watch(["gain"]), c2.set_({"gain": 1})
    session.say([watch, c1.set_({"gain": 2}), set_])
    (text,) = session.to_send()
    assert [element.get("id") for element in json.loads(text)["watcher"]] == [2, None, 3]
    done = json.dumps({"watcher2": {"cmd": "watch", "id": 2, "timestamp": 5}})
    (event,) = session.control_received(done)
    assert isinstance(event, Answered)
    assert (event.command.names, event.answer) == (("gain",), Done("watch", 2, 5))
    assert session.control_received(done) == []
    error = {"cmd": "set", "error": "control", "id": 3, "watcher": "gain"}
    (event,) = session.control_received(json.dumps({"watcher2": error}))
    assert event.answer == Refused("set", "control", 3, "gain")
    assert session.control_received(json.dumps({"watcher2": {**error, "id": 777}})) == [], "another client's"


def test_the_parts_of_a_long_command_have_ids_of_their_own():
    session = second_session()
    session.say([c2.set_({f"variable{i}": i for i in range(2000)})])
    elements = [element for text in session.to_send() for element in json.loads(text)["watcher"]]
    assert len(elements) > 1
    assert [element["id"] for element in elements] == list(range(2, 2 + len(elements)))
    assert sum(len(element["watchers"]) for element in elements) == 2000


def test_ids_never_have_more_digits_than_a_board_writes():
    session = Session(first_id=LARGEST_ID)
    session.ask_list()
    session.ask_list()
    assert [json.loads(text)["watcher"][0]["id"] for text in session.to_send()] == [10**15 - 1, 0]


def test_a_board_that_answers_nothing_does_not_fill_the_memory():
    session = second_session()
    for _ in range(OPEN_COMMANDS + 10):
        session.say([c2.set_({"gain": 1})])
    assert session.control_received(json.dumps({"watcher2": {"cmd": "set", "id": 2, "timestamp": 5}})) == []
    newest = {"cmd": "set", "id": OPEN_COMMANDS + 11, "timestamp": 5}
    assert len(session.control_received(json.dumps({"watcher2": newest}))) == 1


def test_logs_are_answered_by_id_and_name_or_refused():
    session = second_session()
    first, second = session.ask_log(["a", "b"])
    assert '"protocol":2' in session.to_send()[0]
    started = {"cmd": "log", "logFileName": "a.bin", "timestamp": 1, "timestampEnd": 1.8e19, "watcher": "a"}
    session.control_received(json.dumps({"watcher2": {**started, "id": 55}}))
    assert not first.done
    session.control_received(json.dumps({"watcher2": {**started, "id": 2}}))
    assert first.answer.file_name == "a.bin"
    session.control_received(
        json.dumps({"watcher2": {"cmd": "log", "error": "logged", "id": 2, "watcher": "b"}})
    )
    assert second.done
    assert second.refused.error == "logged"
