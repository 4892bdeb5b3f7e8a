"""What is said of ports that a config names: which is missing and what there is instead, which went."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from belabridge.midi.names import calls, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.midi.names import SystemPort
    from belabridge.midi.ports import OpenPort
    from belabridge.rules import MidiPort

MOST_NAMED = 8  # of what there is: a line that a person reads


class Presence:
    """Remembers of which wishes it has said that nothing is there, so that it is said once."""

    def __init__(self) -> None:
        self._missing: set[tuple[str, str]] = set()  # way, name of the wish

    def look(
        self,
        way: str,
        wishes: Sequence[MidiPort],
        before: Mapping[int, OpenPort],
        now: Mapping[int, OpenPort],
        there: Sequence[SystemPort],
    ) -> list[str]:
        """Say which ports went, and which wishes have none and were not known to.

        Args:
            way: ``in`` or ``out``.
            wishes: that were looked for.
            before: what was open, by id.
            now: what is.
            there: all ports of that way.
        """
        names = {wish.name for wish in wishes}
        open_ = {port.wish for port in now.values()}
        again = {(port.wish, port.name) for port in now.values()}
        listed = {port.name for port in there}
        lines = []
        for id_, port in before.items():
            if id_ not in now and port.wish in names and not port.virtual:
                if (port.wish, port.name) not in again:  # else it was there anew before anybody looked
                    what = "is parted from us" if port.name in listed else "is gone"
                    lines.append(f"MIDI {way} port {port.name} {what}: it is opened again when it is back")
                if port.wish not in open_:
                    self._missing.add((way, port.wish))
        for wish in wishes:
            if wish.name in open_:
                self._missing.discard((way, wish.name))
            elif (way, wish.name) not in self._missing:
                self._missing.add((way, wish.name))
                lines.append(_said(way, wish, there))
        return lines


def _said(way: str, wish: MidiPort, there: Sequence[SystemPort]) -> str:
    near = _near(wish.name, there) if wish.pattern is None else []
    names = [port.name for port in there]
    if near:
        what = f"is {' or '.join(near)} meant?"
    elif names:
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        what = f"there are {', '.join(names[:MOST_NAMED])}{more}"
    else:
        what = "there is none at all"
    called = f"matches {wish.name}" if wish.pattern is not None else f"has {wish.name} in its name"
    return f"no MIDI {way} port {called}, which is opened when it comes: {what}"


def _near(wished: str, there: Sequence[SystemPort]) -> list[str]:
    """The names of the system's ports whose device is called almost so."""
    by_call = {
        plain(call): port.name for port in there for name in port.names for call in (calls(name), name)
    }
    by_call.pop("", None)
    close = get_close_matches(plain(wished), by_call, n=2, cutoff=0.7)
    return list(dict.fromkeys(by_call[name] for name in close))
