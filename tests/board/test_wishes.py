"""What is wanted of a board, as tables: the board before, the wish, the commands."""

from __future__ import annotations

import json

import pytest

from belabridge.board.wishes import Want, Wishes
from belabridge.values import TimestampMode, Variable, VarType
from belabridge.wire.commands import encode


def variable(name, *, watched=False, monitor=0, controlled=False, value=0.0):
    return Variable(
        name=name,
        id=0,
        type=VarType.FLOAT,
        mode=TimestampMode.DENSE,
        value=value,
        value_input=0.0,
        controlled=controlled,
        watched=watched,
        monitor_period_frames=monitor,
    )


def table(*variables):
    return {v.name: v for v in variables}


def said(commands):
    """The commands as the board reads them: (cmd, {variable: value})."""
    out = []
    for text in encode(commands):
        for command in json.loads(text)["watcher"]:
            rest = command.get("periods") or command.get("values") or [None] * len(command["watchers"])
            out.append((command["cmd"], dict(zip(command["watchers"], rest, strict=True))))
    return out


@pytest.mark.parametrize(
    ("board", "want", "expected"),
    [
        (variable("a"), Want(watch=True), [("watch", {"a": None})]),
        (variable("a", watched=True), Want(watch=True), []),
        (variable("a"), Want(monitor_period_frames=100), [("monitor", {"a": 100})]),
        (variable("a", monitor=100), Want(monitor_period_frames=100), []),
        (variable("a", monitor=50), Want(monitor_period_frames=100), []),  # another's faster one serves us
        (variable("a", monitor=500), Want(monitor_period_frames=100), [("monitor", {"a": 100})]),
        (
            variable("a"),
            Want(watch=True, monitor_period_frames=9),
            [("watch", {"a": None}), ("monitor", {"a": 9})],
        ),
        (variable("a", watched=True, monitor=7), Want(), []),  # what we did not touch stays
        (variable("b"), Want(watch=True), []),  # the board lacks it: no command
    ],
)
def test_what_is_wanted_becomes_commands(board, want, expected):
    wishes = Wishes()
    wishes.wanted = {"a": want}
    assert said(wishes.replay(table(board))) == expected


@pytest.mark.parametrize(
    ("before", "during", "expected"),
    [
        (
            variable("a"),
            variable("a", watched=True, monitor=100),
            [("unwatch", {"a": None}), ("monitor", {"a": 0})],
        ),
        (variable("a", watched=True), variable("a", watched=True, monitor=100), [("monitor", {"a": 0})]),
        (
            variable("a", monitor=700),
            variable("a", watched=True, monitor=100),
            [("unwatch", {"a": None}), ("monitor", {"a": 700})],
        ),
    ],
)
def test_a_board_is_left_as_it_was_found(before, during, expected):
    wishes = Wishes()
    wishes.wanted = {"a": Want(watch=True, monitor_period_frames=100)}
    wishes.replay(table(before))
    wishes.heard(wishes.said)
    assert said(wishes.release(table(during))) == expected


def test_an_old_table_does_not_hide_what_was_said_since():
    wishes = Wishes()
    wishes.wanted = {"a": Want(watch=True, monitor_period_frames=100)}
    old = table(variable("a"))
    wishes.replay(old)
    assert wishes.replay(old) == []
    assert said(wishes.release(old)) == [("unwatch", {"a": None}), ("monitor", {"a": 0})]


def test_a_later_list_is_believed_again():
    wishes = Wishes()
    wishes.wanted = {"a": Want(watch=True)}
    wishes.replay(table(variable("a")))
    wishes.heard(wishes.said)
    assert said(wishes.replay(table(variable("a")))) == [("watch", {"a": None})]


def test_a_list_from_before_is_not_believed():
    wishes = Wishes()
    mark = wishes.said
    wishes.wanted = {"a": Want(watch=True)}
    wishes.replay(table(variable("a")))
    wishes.heard(mark)
    assert wishes.replay(table(variable("a"))) == []


def test_less_wanted_later_gives_back_only_that():
    wishes = Wishes()
    wishes.wanted = {"a": Want(watch=True, monitor_period_frames=100)}
    wishes.replay(table(variable("a")))
    wishes.wanted = {"a": Want(monitor_period_frames=100)}
    assert said(wishes.replay(table(variable("a", watched=True, monitor=100)))) == [("unwatch", {"a": None})]


def test_a_slower_wish_slows_our_own_monitor():
    wishes = Wishes()
    wishes.wanted = {"a": Want(monitor_period_frames=100)}
    wishes.replay(table(variable("a")))
    wishes.wanted = {"a": Want(monitor_period_frames=900)}
    assert said(wishes.replay(table(variable("a", monitor=100)))) == [("monitor", {"a": 900})]


def test_the_first_set_takes_control_and_the_next_does_not():
    wishes = Wishes()
    board = table(variable("gain"))
    assert said(wishes.set_values({"gain": 0.5}, board)) == [
        ("control", {"gain": None}),
        ("set", {"gain": 0.5}),
    ]
    assert said(wishes.set_values({"gain": 0.25}, board)) == [("set", {"gain": 0.25})]


def test_what_another_client_controls_is_set_and_left_controlled():
    wishes = Wishes()
    board = table(variable("gain", controlled=True))
    assert said(wishes.set_values({"gain": 0.5}, board)) == [("set", {"gain": 0.5})]
    assert said(wishes.release(board)) == []


def test_a_value_that_the_board_lacks_waits_for_it():
    wishes = Wishes()
    assert said(wishes.set_values({"gain": 0.5}, {})) == []
    board = table(variable("gain"))
    assert said(wishes.replay(board, fresh=True)) == [("control", {"gain": None}), ("set", {"gain": 0.5})]


def test_a_value_set_while_the_board_was_away_reaches_it():
    wishes = Wishes()
    wishes.set_values({"gain": 0.5}, table(variable("gain")))
    wishes.set_values({"gain": 0.75}, {})
    controlled = table(variable("gain", controlled=True, value=0.5))
    assert said(wishes.replay(controlled, fresh=True)) == [("set", {"gain": 0.75})]


def test_a_look_never_fights_another_client_about_a_value():
    wishes = Wishes()
    wishes.set_values({"gain": 0.5}, table(variable("gain")))
    assert said(wishes.replay(table(variable("gain", controlled=True, value=0.9)))) == []


def test_control_that_was_taken_from_us_is_taken_back():
    wishes = Wishes()
    wishes.set_values({"gain": 0.5}, table(variable("gain")))
    wishes.heard(wishes.said)
    assert said(wishes.replay(table(variable("gain")))) == [
        ("control", {"gain": None}),
        ("set", {"gain": 0.5}),
    ]


def test_letting_go_gives_back_only_what_was_taken():
    wishes = Wishes()
    board = table(variable("gain"), variable("freq"))
    wishes.set_values({"gain": 0.5}, board)
    assert said(wishes.let_go(["gain", "freq"], board)) == [("uncontrol", {"gain": None})]
    assert said(wishes.let_go(["gain"], board)) == []


def test_a_restarted_board_owes_nothing():
    wishes = Wishes()
    wishes.wanted = {"a": Want(watch=True)}
    wishes.replay(table(variable("a", watched=True)))
    wishes.reconnected(restarted=True)
    wishes.replay(table(variable("a")))
    assert said(wishes.release(table(variable("a", watched=True)))) == [("unwatch", {"a": None})]


def test_replay_of_a_board_as_wanted_gives_nothing():
    wishes = Wishes()
    wishes.wanted = {"a": Want(watch=True, monitor_period_frames=5)}
    wishes.set_values({"g": 1.0}, table(variable("g")))
    board = table(variable("a", watched=True, monitor=5), variable("g", controlled=True))
    assert wishes.replay(board) == []


def test_what_is_held_is_controlled_as_it_is_and_given_back():
    wishes = Wishes()
    free = table(variable("a"), variable("b", controlled=True))
    assert said(wishes.hold(["a", "b"], free)) == [("control", {"a": None})]
    taken = table(variable("a", controlled=True), variable("b", controlled=True))
    assert wishes.replay(taken) == []
    wishes.reconnected(restarted=True)
    assert said(wishes.replay(free, fresh=True)) == [("control", {"a": None})]
    assert said(wishes.let_go(["a"], taken)) == [("uncontrol", {"a": None})]


def test_what_is_held_and_set_keeps_its_value_and_goes_once():
    wishes = Wishes()
    free = table(variable("a"))
    wishes.hold(["a"], free)
    assert said(wishes.set_values({"a": 0.5}, free)) == [("set", {"a": 0.5})]
    wishes.reconnected(restarted=True)
    assert said(wishes.replay(free, fresh=True)) == [("control", {"a": None}), ("set", {"a": 0.5})]
    taken = table(variable("a", controlled=True, value=0.5))
    assert said(wishes.release(taken)) == [("uncontrol", {"a": None})]
    assert wishes.replay(taken) == []


def test_what_is_held_before_the_board_is_there_is_taken_when_it_comes():
    wishes = Wishes()
    assert wishes.hold(["a"], {}) == []
    assert said(wishes.replay(table(variable("a")), fresh=True)) == [("control", {"a": None})]
