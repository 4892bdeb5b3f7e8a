"""Reads the messages of ``/gui_control``: greetings, variable lists and log answers."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Final

from belabridge.values import TimestampMode, Variable, VarType
from belabridge.wire.formats import LATEST_FRAME, can_be_said

LONGEST_MESSAGE: Final = 4 << 20  # characters: a list of 25 000 variables; more is no board
_LONGEST_SHOWN = 40  # characters of a peer's text in a reason that ends up in our log


@dataclass(frozen=True, slots=True)
class Greeting:
    """Some client, perhaps another one, opened the control socket; wants a connection-reply.

    Attributes:
        project: the name of the program on the board; None when the board did not say.
    """

    project: str | None


@dataclass(frozen=True, slots=True)
class VariableList:
    """The answer to ``list``, whoever asked.

    Attributes:
        sample_rate: of the audio frames, in Hz, > 0.
        frame: the board's current audio frame.
        variables: in the order of the list; ``id`` is the place. A NaN or infinite value on the board is NaN.
        unreadable: names that cannot be commanded, as the board writes them, and those whose type or mode we
            do not know; they keep their place, outside ``variables``.
    """

    sample_rate: float
    frame: int
    variables: tuple[Variable, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogStarted:
    """The board opened a log file, or will at ``frame``.

    Attributes:
        variable: its name.
        file_name: in the folder of the board's project.
        frame: of the first value.
        end_frame: of the last value; None = until ``unlog``.
    """

    variable: str
    file_name: str
    frame: int
    end_frame: int | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is none of the above; nothing happened.

    Attributes:
        reason: a few words for the log; at most a short, escaped piece of the peer's text is in it.
    """

    reason: str


class _Wrong(Exception):
    """A field is not what it must be; never leaves this file."""


def read_control(message: str | bytes) -> Greeting | VariableList | LogStarted | Unreadable:
    """Read one control message; never raises, whatever the message is."""
    if len(message) > LONGEST_MESSAGE:
        return Unreadable(f"{len(message)} characters are too long for a control message")
    try:
        tree = json.loads(message)
    except (ValueError, RecursionError):  # bad JSON, bad UTF-8, numbers of thousands of digits, deep nesting
        return Unreadable("no JSON")
    if not isinstance(tree, dict):
        return Unreadable("JSON, but no object")
    try:
        return _read(tree)
    except _Wrong as wrong:
        return Unreadable(str(wrong))


def _read(tree: dict[str, Any]) -> Greeting | VariableList | LogStarted:
    watcher = tree.get("watcher")
    if isinstance(watcher, dict):
        if "watchers" in watcher:
            return _list(watcher)
        if "logFileName" in watcher:
            return LogStarted(
                variable=_text(watcher, "watcher"),
                file_name=_text(watcher, "logFileName"),
                frame=_frame(watcher, "timestamp"),
                end_frame=_end_frame(watcher),
            )
        raise _Wrong("a watcher message of an unknown kind")
    if tree.get("event") == "connection":
        project = tree.get("projectName")
        return Greeting(project if isinstance(project, str) else None)
    raise _Wrong("no message of the watcher")


def _list(watcher: dict[str, Any]) -> VariableList:
    entries = watcher["watchers"]
    sample_rate = _number(watcher, "sampleRate")
    if not isinstance(entries, list):
        raise _Wrong("watchers is no list")
    if not 0 < sample_rate < math.inf:
        raise _Wrong("sampleRate is not above 0")
    variables: list[Variable] = []
    unreadable: list[str] = []
    for id_, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise _Wrong(f"entry {id_} of the list is no object")
        variable = _variable(id_, entry)
        if variable is None or not can_be_said(variable.name):
            unreadable.append(_text(entry, "name"))
        else:
            variables.append(variable)
    return VariableList(sample_rate, _frame(watcher, "timestamp"), tuple(variables), tuple(unreadable))


def _variable(id_: int, entry: dict[str, Any]) -> Variable | None:
    try:
        type_ = VarType(_text(entry, "type"))
        mode = TimestampMode(_frame(entry, "timestampMode"))
    except ValueError:
        return None
    return Variable(
        name=_text(entry, "name"),
        id=id_,
        type=type_,
        mode=mode,
        value=_number(entry, "value"),
        value_input=_number(entry, "valueInput"),
        controlled=entry.get("controlled") is True,
        watched=entry.get("watched") is True,
        logged=entry.get("logged") is True,
        monitor_period_frames=_frame(entry, "monitor") if "monitor" in entry else 0,
        log_file_name=_text(entry, "logFileName") if "logFileName" in entry else "",
    )


def _field(owner: dict[str, Any], key: str) -> Any:
    try:
        return owner[key]
    except KeyError:
        raise _Wrong(f"{key} is missing") from None


def _wrong(key: str, value: object) -> _Wrong:
    shown = ascii(value) if isinstance(value, (str, int, float)) else type(value).__name__
    return _Wrong(f"{key} is {shown[:_LONGEST_SHOWN]}")


def _text(owner: dict[str, Any], key: str) -> str:
    value = _field(owner, key)
    if not isinstance(value, str):
        raise _wrong(key, value)
    return value


def _number(owner: dict[str, Any], key: str) -> float:
    """A number as float; ``null``, which a board writes for NaN and infinity, is NaN."""
    value = _field(owner, key)
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(key, value)
    try:
        return float(value)
    except OverflowError:
        raise _Wrong(f"{key} is too large") from None


def _frame(owner: dict[str, Any], key: str) -> int:
    """A whole number from 0 to ``LATEST_FRAME``."""
    value = _number(owner, key)
    if not 0 <= value <= LATEST_FRAME or value != int(value):
        raise _wrong(key, owner[key])
    return int(value)


def _end_frame(watcher: dict[str, Any]) -> int | None:
    value = _number(watcher, "timestampEnd")
    return None if value > LATEST_FRAME else _frame(watcher, "timestampEnd")
