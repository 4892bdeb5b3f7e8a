"""The MIDI ports of a status as rows of its picture: which are open, and what passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from belabridge.cli.figures import count_text
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Row:
    """One port of the config.

    Attributes:
        name: what the config calls it.
        where: the system's ports that it stands for now.
        problem: what is wrong; empty when nothing is.
        count: what passed.
    """

    name: str
    where: str
    problem: str
    count: str


def midi_rows(status: Mapping[str, Any]) -> list[Row]:
    """The rows, in ports first; none when the config names no port."""
    midi = status.get("midi")
    if not isinstance(midi, dict):
        return []
    return [
        _row(port, str(midi.get("state")), word, arrow)
        for way, word, arrow in (("in", "heard", "←"), ("out", "sent", "→"))
        for port in midi.get(way, ())
        if isinstance(port, dict)
    ]


def _row(port: Mapping[str, Any], state: str, word: str, arrow: str) -> Row:
    ports = [printable(str(name)) for name in port.get("ports", ())]
    problem = "" if ports else "not there" if state == "running" else printable(state)
    where = f"MIDI {arrow} {', '.join(ports)}" if ports else f"MIDI {arrow}"
    return Row(printable(str(port.get("name"))), where, problem, f"{count_text(port.get('messages'))} {word}")
