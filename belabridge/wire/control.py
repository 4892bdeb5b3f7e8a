"""Reads the messages of ``/gui_control``: greetings, lists, and the answers and errors of both protocols."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from belabridge.wire.fields import Wrong, end_frame, text, whole
from belabridge.wire.listing import VariableList, read_list

LONGEST_MESSAGE: Final = 4 << 20  # characters: a list of 25 000 variables; more is no board


@dataclass(frozen=True, slots=True)
class Greeting:
    """Some client, perhaps another one, opened the control socket; wants a connection-reply.

    Attributes:
        project: the name of the program on the board; None when the board did not say.
    """

    project: str | None


@dataclass(frozen=True, slots=True)
class LogStarted:
    """The board opened a log file, or will at ``frame``.

    Attributes:
        variable: its name.
        file_name: in the folder of the board's project.
        frame: of the first value.
        end_frame: of the last value; None = until ``unlog``.
        protocol: the file's format, 1 or 2.
        id: of the command; None when it had none, as in protocol 1.
    """

    variable: str
    file_name: str
    frame: int
    end_frame: int | None
    protocol: int = 1
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A board of protocol 2 has done a command.

    Attributes:
        cmd: the command's word.
        id: of the command.
        frame: at which its audio thread took it; of a ``set``, the last of its frames.
    """

    cmd: str
    id: int
    frame: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A board of protocol 2 did nothing of a command, because of an error in it.

    Attributes:
        cmd: the command's word, as we or another client wrote it.
        error: the board's word for what is wrong.
        id: of the command, or None.
        variable: the one that it is about, or None.
    """

    cmd: str
    error: str
    id: int | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A watch or a log of protocol 2 is over, whoever had begun it.

    Attributes:
        what: ``watch`` or ``log``.
        variable: its name.
        frame: all values are from before it.
        values: how many were handed over, without the lost ones.
    """

    what: str
    variable: str
    frame: int
    values: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is none of the above; nothing happened.

    Attributes:
        reason: a few words for the log; at most a short, escaped piece of the peer's text is in it.
    """

    reason: str


ControlMessage = Greeting | VariableList | LogStarted | Done | Refused | Ended | Unreadable


def read_control(message: str | bytes) -> ControlMessage:
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
    except Wrong as wrong:
        return Unreadable(str(wrong))


def _read(tree: dict[str, Any]) -> ControlMessage:
    watcher = tree.get("watcher")
    if isinstance(watcher, dict):
        if "watchers" in watcher:
            return read_list(watcher)
        if "logFileName" in watcher:
            return _log_started(watcher, protocol=1)
        raise Wrong("a watcher message of an unknown kind")
    second = tree.get("watcher2")
    if isinstance(second, dict):
        return _second(second)
    if tree.get("event") == "connection":
        project = tree.get("projectName")
        return Greeting(project if isinstance(project, str) else None)
    raise Wrong("no message of the watcher")


def _second(content: dict[str, Any]) -> ControlMessage:
    """A message of protocol 2."""
    if "error" in content:
        name = text(content, "watcher") if "watcher" in content else None
        return Refused(text(content, "cmd"), text(content, "error"), _id(content), name)
    if "ended" in content:
        what, name = text(content, "ended"), text(content, "watcher")
        return Ended(what, name, whole(content, "timestamp"), whole(content, "values"))
    if "watchers" in content:
        return read_list(content, protocol=2)
    if "logFileName" in content:
        return _log_started(content, protocol=2)
    return Done(text(content, "cmd"), whole(content, "id"), whole(content, "timestamp"))


def _log_started(content: dict[str, Any], *, protocol: int) -> LogStarted:
    return LogStarted(
        variable=text(content, "watcher"),
        file_name=text(content, "logFileName"),
        frame=whole(content, "timestamp"),
        end_frame=end_frame(content),
        protocol=protocol,
        id=_id(content) if protocol > 1 else None,
    )


def _id(content: dict[str, Any]) -> int | None:
    return whole(content, "id") if "id" in content else None
