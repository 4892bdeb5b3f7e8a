"""One connection: greetings, requests that are matched to broadcast replies, and what is queued."""

from __future__ import annotations

import json
import struct

import pytest

from belabridge.errors import UsageError
from belabridge.values import VarType
from belabridge.wire import commands
from belabridge.wire.control import Unreadable
from belabridge.wire.session import Greeted, Listed, Session

GREETING = '{"event":"connection","projectName":"demo"}'
REPLY = '{"event":"connection-reply"}'


def listing(frame, *entries):
    watchers = [
        {"name": n, "type": t, "timestampMode": 0, "value": v, "valueInput": v, "controlled": False}
        for n, t, v in entries or [("a", "f", 0.5)]
    ]
    return json.dumps({"watcher": {"sampleRate": 48000, "timestamp": frame, "watchers": watchers}})


def log_answer(name, frame=7):
    content = {"logFileName": f"{name}.bin", "timestamp": frame, "timestampEnd": 1.8e19, "watcher": name}
    return json.dumps({"watcher": content})


def monitored(session, frame, header=b"0/f"):
    session.data_received(header)
    return session.data_received(struct.pack("<Qf", frame, 1))


def test_every_greeting_is_answered_once():
    session = Session()
    assert session.project is None
    for _ in range(3):
        assert session.control_received(GREETING) == [Greeted("demo")]
    assert session.to_send() == [REPLY] * 3
    assert session.to_send() == []
    assert session.project == "demo"


def test_a_list_fills_the_table_and_answers_who_asked():
    session = Session()
    request = session.ask_list()
    assert session.to_send() == ['{"watcher":[{"cmd":"list"}]}']
    assert not request.done
    (event,) = session.control_received(listing(10, ("a", "f", 0.5), ("b", "d", 2), ("a", "i", 3)))
    assert isinstance(event, Listed)
    assert event.answered == (request,)
    assert request.answer is event.list
    assert request.done
    assert (session.sample_rate, session.frame) == (48000, 10)
    assert list(session.variables) == ["a", "b"]
    assert session.variables["a"].id == 0  # the first of two with one name
    assert [session.by_id[i].type for i in range(3)] == [VarType.FLOAT, VarType.DOUBLE, VarType.INT]


def test_another_clients_list_only_updates_the_table():
    session = Session()
    (event,) = session.control_received(listing(10, ("z", "f", 1)))
    assert event.answered == ()
    assert list(session.variables) == ["z"]


def test_a_reply_older_than_what_we_had_seen_is_not_ours():
    session = Session()
    session.control_received(listing(10))
    assert monitored(session, 500).frame == 500
    assert session.frame == 500
    request = session.ask_list()
    assert session.control_received(listing(499))[0].answered == ()
    assert not request.done
    assert session.control_received(listing(500))[0].answered == (request,)


def test_a_reply_must_hold_what_was_asked_for():
    session = Session()
    after_set = session.ask_list(lambda reply: reply.variables[0].value == 0.75)
    plain = session.ask_list()
    later = session.ask_list()
    assert session.control_received(listing(10, ("a", "f", 0.5)))[0].answered == (plain,)
    assert session.control_received(listing(11, ("a", "f", 0.75)))[0].answered == (after_set,)
    assert session.control_received(listing(12, ("a", "f", 0.75)))[0].answered == (later,)
    assert session.control_received(listing(13))[0].answered == ()
    assert after_set.answer.frame == 11


def test_a_cancelled_request_is_answered_no_more():
    session = Session()
    first, second = session.ask_list(), session.ask_list()
    log, other = session.ask_log(["a"])[0], session.ask_log(["a"])[0]
    for request in (first, first, log):
        session.cancel(request)
    assert session.control_received(listing(1))[0].answered == (second,)
    session.control_received(log_answer("a"))
    assert (first.done, log.done, other.done) == (False, False, True)


def test_log_answers_are_matched_by_name():
    session = Session()
    a, b = session.ask_log(["a", "b"], 100, [5, 6])
    again = session.ask_log(["a"])[0]
    texts = [json.loads(text)["watcher"][0] for text in session.to_send()]
    assert texts[0] == {"cmd": "log", "watchers": ["a", "b"], "timestamps": [100, 100], "durations": [5, 6]}
    session.control_received(log_answer("stranger"))
    session.control_received(log_answer("b", 100))
    assert (a.done, b.done, again.done) == (False, True, False)
    session.control_received(log_answer("a", 101))
    session.control_received(log_answer("a", 102))
    assert (a.answer.frame, again.answer.frame) == (101, 102)
    assert session.frame == 0  # a log may start in the future: it says nothing of now


def test_what_cannot_be_said_is_not_said_in_part():
    session = Session()
    long = commands.Command("control", ("x" * 20_000,))
    with pytest.raises(UsageError):
        session.say([commands.list_(), long])
    with pytest.raises(UsageError):
        session.ask_log([])
    assert session.to_send() == []
    assert session.control_received(log_answer("")) != []


def test_an_unreadable_message_is_an_event_and_changes_nothing():
    session = Session()
    session.control_received(listing(10))
    (event,) = session.control_received(b"\xff\x00")
    assert isinstance(event, Unreadable)
    assert list(session.variables) == ["a"]
    assert session.to_send() == []


@pytest.mark.parametrize(
    ("values", "value"),
    [([5], 200), ([-3], -56), ([-3, 5], -56), ([200], 200), ([5, -3, 9], -56)],
)
def test_a_list_shows_whether_char_is_signed(values, value):
    session = Session()
    for frame, shown in enumerate(values):
        session.control_received(listing(frame, ("letter", "c", shown), ("x", "f", -1)))
    session.data_received(b"0/c")
    assert session.data_received(struct.pack("<QB", 5, 200)).values[0] == value


def test_blocks_that_come_before_the_list_are_counted():
    session = Session()
    assert monitored(session, 5) is None
    assert session.reader.lost == {"unlisted": 1}
    session.control_received(listing(10))
    assert monitored(session, 15).frame == 15
