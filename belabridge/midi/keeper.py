"""Keeps open what is wished of the system's MIDI ports, as they come and go; inside the ports' process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from belabridge.midi.library import LibraryError
from belabridge.midi.names import WHOLE, closeness, found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from belabridge.midi.library import InPort, Library, OutPort
    from belabridge.midi.names import SystemPort
    from belabridge.rules import MidiPort

_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_VIRTUAL = ""  # in the place of a system port's name: a port of our own


@dataclass(slots=True)
class _Kept:
    """A wish and what is open for it, by (backend, name)."""

    wish: MidiPort
    open: dict[tuple[str, str], Any] = field(default_factory=dict)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    sounding: dict[tuple[str, str], set[tuple[int, int]]] = field(default_factory=dict)  # channel, note


class Keeper:
    """Wishes on one side, backends on the other.

    Args:
        heard: (port id, time, message) of each message that comes in; on any thread.

    Attributes:
        libraries: the backends that are open, by name, the first to be asked first.
    """

    def __init__(self, heard: Callable[[int, float, bytes], None]) -> None:
        self.libraries: dict[str, Library] = {}
        self._heard = heard
        self._ins: dict[int, _Kept] = {}
        self._outs: dict[int, _Kept] = {}
        self._next_id = 1
        self._seen: tuple[list[SystemPort], list[SystemPort]] = ([], [])

    def want(self, ins: Mapping[int, MidiPort], outs: Mapping[int, MidiPort]) -> None:
        """Have exactly these wishes, by number; one with a number as before keeps its ports."""
        for kept, wishes in ((self._ins, ins), (self._outs, outs)):
            for number in set(kept) - set(wishes):
                self._close(kept.pop(number))
            for number, wish in wishes.items():
                kept.setdefault(number, _Kept(wish))

    def look(self) -> None:
        """Look at the system's ports: open what a wish means now, close what is gone."""
        ins: list[SystemPort] = []
        outs: list[SystemPort] = []
        for library in self.libraries.values():
            found_ins, found_outs = library.ports()
            ins += found_ins
            outs += found_outs
        for kept in self._ins.values():
            self._settle(kept, ins, self._open_in)
        for kept in self._outs.values():
            self._settle(kept, outs, self._open_out)
        self._seen = ins, outs

    def send(self, number: int, messages: Sequence[bytes]) -> int:
        """Send to all ports of an out wish; gives how many messages were thrown away."""
        kept = self._outs.get(number)
        return 0 if kept is None else sum(_send(kept, key, messages) for key in kept.open)

    def send_to(self, id_: int, messages: Sequence[bytes]) -> tuple[int, int]:
        """Send to one open port; gives the number of its wish, and how many messages were thrown away."""
        for number, kept in self._outs.items():
            for key, own in kept.ids.items():
                if own == id_:
                    return number, _send(kept, key, messages)
        return 0, 0  # it was closed meanwhile

    def silence(self) -> None:
        """End every note that sounds: nobody is left who would."""
        for kept in self._outs.values():
            for key in kept.open:
                self._end_notes(kept, key)

    def close(self) -> None:
        """Close everything, and what waits goes out first."""
        self.want({}, {})
        for library in self.libraries.values():
            library.close()
        self.libraries = {}

    def state(self) -> dict[str, Any]:
        """What there is and what is open, as JSON can carry it."""

        def opened(kept: Mapping[int, _Kept]) -> list[list[Any]]:
            return [
                [wish.ids[key], number, key[1] or wish.wish.name, key[1] == _VIRTUAL]
                for number, wish in kept.items()
                for key in wish.open
            ]

        faults = [
            fault
            for kept in (self._ins, self._outs)
            for wish in kept.values()
            for fault in wish.faults.values()
        ]
        return {
            "ins": [[port.name, *port.also] for port in self._seen[0]],
            "outs": [[port.name, *port.also] for port in self._seen[1]],
            "wishes": [*self._ins, *self._outs],
            "open_ins": opened(self._ins),
            "open_outs": opened(self._outs),
            "faults": faults,
        }

    def _settle(
        self,
        kept: _Kept,
        ports: Sequence[SystemPort],
        opener: Callable[[int, _Kept, Library, SystemPort | None], Any],
    ) -> None:
        there = {(port.backend, port.name): port for port in ports}
        for key in [key for key in kept.open if key[1] != _VIRTUAL and key not in there]:
            self._close_one(kept, key)
        wanted = self._choose(kept, ports, there)
        for key, wished in wanted.items():
            if key not in kept.open:
                number = self._next_id
                try:
                    kept.open[key] = opener(number, kept, self.libraries[key[0]], wished)
                except LibraryError as error:
                    kept.faults[key] = str(error)
                else:
                    self._next_id += 1
                    kept.ids[key] = number
                    kept.faults.pop(key, None)
        for key in [key for key in kept.faults if key not in wanted]:
            del kept.faults[key]

    def _choose(
        self,
        kept: _Kept,
        ports: Sequence[SystemPort],
        there: Mapping[tuple[str, str], SystemPort],
    ) -> dict[tuple[str, str], SystemPort | None]:
        """What is to be opened beside what is open; None = a port of our own."""
        wish = kept.wish
        wanted: dict[tuple[str, str], SystemPort | None] = {
            (port.backend, port.name): port for port in found(wish, ports)
        }
        still = {key for key in kept.open if key[1] != _VIRTUAL}
        if still and wish.pattern is None:
            if any(port and _is_closer(wish, port, there[key]) for port in wanted.values() for key in still):
                for key in still:
                    self._end_notes(kept, key)
                    self._close_one(kept, key)
                still = set()
            else:
                wanted = {}  # what was taken is there: another one that came is no reason to let it go
        # a port of our own stays once it is there: others may be connected to it
        if wish.virtual and (not (wanted or still) or any(key[1] == _VIRTUAL for key in kept.open)):
            wanted |= {(backend, _VIRTUAL): None for backend in self.libraries}
        return wanted

    @staticmethod
    def _end_notes(kept: _Kept, key: tuple[str, str]) -> None:
        """End what sounds on a port that another one takes the place of."""
        sounding = sorted(kept.sounding.get(key, ()))  # on an in port nothing does
        if sounding:
            _send(kept, key, [bytes((_NOTE_OFF | channel, note, 64)) for channel, note in sounding])

    def _open_in(self, number: int, kept: _Kept, library: Library, port: SystemPort | None) -> InPort:
        return library.open_in(kept.wish.name, port, lambda time, message: self._heard(number, time, message))

    @staticmethod
    def _open_out(_number: int, kept: _Kept, library: Library, port: SystemPort | None) -> OutPort:
        return library.open_out(kept.wish.name, port)

    def _close(self, kept: _Kept) -> None:
        for key in list(kept.open):
            self._close_one(kept, key)

    @staticmethod
    def _close_one(kept: _Kept, key: tuple[str, str]) -> None:
        port = kept.open.pop(key)
        kept.ids.pop(key, None)
        kept.sounding.pop(key, None)
        port.close()


def _send(kept: _Kept, key: tuple[str, str], messages: Sequence[bytes]) -> int:
    """Send to one port, noting what sounds on it; gives how many messages were thrown away."""
    port: OutPort = kept.open[key]
    sounding = kept.sounding.setdefault(key, set())
    lost = 0
    for message in messages:
        lost += not port.send(message)
        if len(message) == 3 and message[0] & 0xE0 == _NOTE_OFF:  # a note-off or a note-on
            note = message[0] & 0x0F, message[1]
            if message[0] >= _NOTE_ON and message[2]:
                sounding.add(note)
            else:
                sounding.discard(note)
    return lost


def _is_closer(wish: MidiPort, port: SystemPort, taken: SystemPort) -> bool:
    """Whether a port is called just as wished, and the one that was taken in its place is not."""
    close, had = closeness(wish, port), closeness(wish, taken)
    return close is not None and close < WHOLE and (had is None or close < had)
