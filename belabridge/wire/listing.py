"""Reads the answer to ``list``: a board's variables, in either protocol."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from belabridge.values import Exact, TimestampMode, Variable, VarType
from belabridge.wire.fields import Wrong, number, text, truth, whole
from belabridge.wire.formats import can_be_said


@dataclass(frozen=True, slots=True)
class HostArray:
    """An array of the program that clients fill; ``wire.host_buffer.encode_buffer`` makes the message.

    Attributes:
        name: as the board writes it.
        id: the number in front of its messages.
        type: its C type.
        size: how many values it holds.
        received: messages that it has taken.
    """

    name: str
    id: int
    type: VarType
    size: int
    received: int


@dataclass(frozen=True, slots=True)
class VariableList:
    """The answer to ``list``, whoever asked.

    Attributes:
        sample_rate: of the audio frames, in Hz, > 0.
        frame: the board's current audio frame.
        variables: in the order of the list. A NaN or infinite value on the board is NaN.
        unreadable: names that cannot be commanded, as the board writes them, and those whose type or mode we
            do not know; they keep their place, outside ``variables``.
        protocol: 1, or 2 when the question was of protocol 2 and the board knows that.
        id: of the question; None when it had none, as in protocol 1.
        arrays: what clients may fill; only protocol 2 tells.
        refused: binary messages that lied about their length; only protocol 2 tells.
    """

    sample_rate: float
    frame: int
    variables: tuple[Variable, ...]
    unreadable: tuple[str, ...] = ()
    protocol: int = 1
    id: int | None = None
    arrays: tuple[HostArray, ...] = ()
    refused: int = 0


def read_list(content: dict[str, Any], *, protocol: int = 1) -> VariableList:
    """Read the object that has ``watchers``.

    Raises:
        Wrong: a field is missing, or is not what it must be.
    """
    entries = _objects(content, "watchers")
    sample_rate = number(content, "sampleRate")
    if not 0 < sample_rate < math.inf:
        raise Wrong("sampleRate is not above 0")
    variables: list[Variable] = []
    unreadable: list[str] = []
    for place, entry in enumerate(entries):
        variable = _variable(entry, place if protocol == 1 else whole(entry, "id"), protocol)
        if variable is None or not can_be_said(variable.name):
            unreadable.append(text(entry, "name"))
        else:
            variables.append(variable)
    found = VariableList(sample_rate, whole(content, "timestamp"), tuple(variables), tuple(unreadable))
    if protocol == 1:
        return found
    return VariableList(
        found.sample_rate,
        found.frame,
        found.variables,
        found.unreadable,
        protocol=whole(content, "protocol"),
        id=whole(content, "id") if "id" in content else None,
        arrays=tuple(filter(None, map(_array, _objects(content, "buffers")))) if "buffers" in content else (),
        refused=_count(content, "refused"),
    )


def _objects(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    entries = content[key]
    if not isinstance(entries, list):
        raise Wrong(f"{key} is no list")
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise Wrong(f"entry {place} of the list is no object")
    return entries


def _variable(entry: dict[str, Any], id_: int, protocol: int) -> Variable | None:
    try:
        type_ = VarType(text(entry, "type"))
        mode = TimestampMode(whole(entry, "timestampMode"))
    except ValueError:
        return None
    return Variable(
        name=text(entry, "name"),
        id=id_,
        type=type_,
        mode=mode,
        value=number(entry, "value"),
        value_input=number(entry, "valueInput"),
        controlled=truth(entry, "controlled"),
        watched=truth(entry, "watched"),
        logged=truth(entry, "logged"),
        monitor_period_frames=_count(entry, "monitor"),
        log_file_name=text(entry, "logFileName") if "logFileName" in entry else "",
        exact=_exact(entry) if protocol > 1 else None,
    )


def _exact(entry: dict[str, Any]) -> Exact:
    return Exact(
        block_values=_count(entry, "block"),
        latency_frames=_count(entry, "latency"),
        watch_reads=truth(entry, "watchRead"),
        monitor_reads=truth(entry, "monitorRead"),
        controller=text(entry, "controller") if "controller" in entry else "",
        lost_watched=_count(entry, "lostWatched"),
        lost_monitored=_count(entry, "lostMonitored"),
        lost_logged=_count(entry, "lostLogged"),
    )


def _array(entry: dict[str, Any]) -> HostArray | None:
    """None when it is of a type that we do not know."""
    try:
        type_ = VarType(text(entry, "type"))
    except ValueError:
        return None
    return HostArray(
        text(entry, "name"), whole(entry, "id"), type_, whole(entry, "size"), _count(entry, "received")
    )


def _count(owner: dict[str, Any], key: str) -> int:
    """A whole number; what is missing is 0."""
    return whole(owner, key) if key in owner else 0
