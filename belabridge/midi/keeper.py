"""Keeps open what is wished of the system's MIDI ports, as they come and go; inside the ports' process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from belabridge.midi.kept import VIRTUAL, Kept, Opened
from belabridge.midi.library import LibraryError
from belabridge.midi.names import WHOLE, closeness, found
from belabridge.midi.pulse import Pulse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from belabridge.midi.kept import Key
    from belabridge.midi.library import Library
    from belabridge.midi.names import SystemPort
    from belabridge.rules import MidiPort

MOST_OF_A_NAME = 60  # of a wish's, in the name of our port: ALSA keeps 63 characters


class Keeper:
    """Wishes on one side, backends on the other.

    Args:
        heard: (port id, time, message) of each message that comes in; on any thread.

    Attributes:
        libraries: the backends that are open, by name, the first to be asked first.
        next_id: of a port; those that are open have smaller ones.
        is_settled: False when there must be another look soon.
        hung: backends that stand still. Nothing is asked of them, for it would wait for ever; nothing is
            sent to them, for it would be old when they go on; their ports are other ones after it.
    """

    def __init__(self, heard: Callable[[int, float, bytes], None]) -> None:
        self.libraries: dict[str, Library] = {}
        self.next_id = 1
        self.is_settled = True
        self.hung: frozenset[str] = frozenset()
        self._pulses: dict[str, Pulse] = {}
        self._left: list[tuple[str, Opened]] = []  # ports of backends that hung when they should be closed
        self._heard = heard
        self._ins: dict[int, Kept] = {}
        self._outs: dict[int, Kept] = {}
        self._seen: tuple[list[SystemPort], list[SystemPort]] = ([], [])

    def want(self, ins: Mapping[int, MidiPort], outs: Mapping[int, MidiPort]) -> None:
        """Have exactly these wishes, by number; one with a number as before keeps its ports."""
        for way, kept, wishes in (("in", self._ins, ins), ("out", self._outs, outs)):
            for number in set(kept) - set(wishes):
                self._leave(kept.pop(number))
            for number, wish in wishes.items():
                kept.setdefault(number, Kept(wish, way))

    def feel(self, now: float) -> int:
        """See which backends work; to be called several times a second.

        Returns:
            How many messages were thrown away, because they would come too late.
        """
        still = set()
        for name, library in self.libraries.items():
            pulse = self._pulses.setdefault(name, Pulse())
            if library.cycles is not None and pulse.is_still(library.cycles, now):
                still.add(name)
        before, self.hung = self.hung, frozenset(still)
        for name, left in [pair for pair in self._left if pair[0] not in still]:
            self._left.remove((name, left))
            left.port.close()
        late = 0
        for kept in (*self._ins.values(), *self._outs.values()):
            for (name, _), opened in kept.open.items():
                if name in before - self.hung:
                    opened.id = self._new_id()
                elif name in self.hung - before and kept.way == "out":
                    late += opened.port.forget()
        return late

    def look(self, now: float) -> None:
        """Look at the system's ports: open what a wish means now, close what is gone."""
        ins: list[SystemPort] = []
        outs: list[SystemPort] = []
        for name, library in self.libraries.items():
            if name not in self.hung:
                found_ins, found_outs = library.ports()
                ins += found_ins
                outs += found_outs
        both = {kept.wish.name for kept in self._ins.values() if kept.wish.virtual}
        both &= {kept.wish.name for kept in self._outs.values() if kept.wish.virtual}
        self.is_settled = True
        for kepts, ports in ((self._ins, ins), (self._outs, outs)):
            for kept in kepts.values():
                self._settle(kept, ports, both, now)
        self._seen = ins, outs

    def send(self, number: int, messages: Sequence[bytes]) -> int:
        """Send to all ports of an out wish; gives how many messages were thrown away."""
        kept = self._outs.get(number)
        if kept is None:
            return 0
        return sum(self._send(key, opened, messages) for key, opened in kept.open.items())

    def send_to(self, id_: int, messages: Sequence[bytes]) -> tuple[int, int]:
        """Send to one open port; gives the number of its wish, and how many messages were thrown away."""
        for number, kept in self._outs.items():
            for key, opened in kept.open.items():
                if opened.id == id_:
                    return number, self._send(key, opened, messages)
        return 0, 0  # it was closed meanwhile

    def silence(self) -> None:
        """End every note that sounds: nobody is left who would."""
        for kept in self._outs.values():
            for key, opened in kept.open.items():
                if key[0] not in self.hung:
                    opened.end_notes()

    def close(self) -> None:
        """Close everything, and what waits goes out first."""
        self.want({}, {})
        for name, library in self.libraries.items():
            if name not in self.hung:
                library.close()
        self.libraries = {}

    def state(self) -> dict[str, Any]:
        """What there is and what is open, as JSON can carry it."""

        def opened(kept: Mapping[int, Kept]) -> list[list[Any]]:
            return [
                [one.id, number, key[1] or wish.wish.name, key[1] == VIRTUAL]
                for number, wish in kept.items()
                for key, one in wish.open.items()
                if key[0] not in self.hung
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

    def _settle(self, kept: Kept, ports: Sequence[SystemPort], both: set[str], now: float) -> None:
        there = {(port.backend, port.name): port for port in ports}
        hung = {key for key in kept.open if key[0] in self.hung}
        for key in [key for key in kept.open if key[1] != VIRTUAL and key not in there and key not in hung]:
            kept.close(key)
        for key in [key for key in kept.cut if key not in there]:
            del kept.cut[key]  # it was not another program: the port itself is gone
        if kept.follow_cables(now, self._new_id, hung):
            self.is_settled = False
        for key, opened in kept.open.items():
            if key not in hung:
                opened.be_called(_label(kept, key, both))
        wanted = self._choose(kept, ports, there)
        for key, wished in wanted.items():
            if key not in kept.open and (key not in kept.cut or kept.cut[key].is_over(now)):
                self._open(kept, key, wished, _label(kept, key, both))
        for key in [key for key in kept.faults if key not in wanted and key not in kept.open]:
            del kept.faults[key]

    def _open(self, kept: Kept, key: Key, wished: SystemPort | None, label: str) -> None:
        opened = Opened(self._new_id(), label)
        library = self.libraries[key[0]]
        try:
            if kept.way == "in":
                # the id may be another one later
                opened.port = library.open_in(
                    label, wished, lambda at, data: self._heard(opened.id, at, data)
                )
            else:
                opened.port = library.open_out(label, wished)
        except LibraryError as error:
            kept.faults[key] = str(error)
            return
        kept.open[key] = opened
        kept.faults.pop(key, None)
        if key in kept.cut:
            kept.faults[key] = f"another program parted belabridge from {key[1]}: it is connected again"

    def _send(self, key: Key, opened: Opened, messages: Sequence[bytes]) -> int:
        return len(messages) if key[0] in self.hung else opened.send(messages)

    def _leave(self, kept: Kept) -> None:
        """Close everything, once that is possible."""
        for key in [key for key in kept.open if key[0] in self.hung]:
            self._left.append((key[0], kept.open.pop(key)))
        kept.close_all()

    def _new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _choose(
        self, kept: Kept, ports: Sequence[SystemPort], there: Mapping[Key, SystemPort]
    ) -> dict[Key, SystemPort | None]:
        """What is to be opened beside what is open; None = a port of our own."""
        wish = kept.wish
        wanted: dict[Key, SystemPort | None] = {
            (port.backend, port.name): port for port in found(wish, ports)
        }
        still = {key for key in kept.open if key[1] != VIRTUAL}
        if still and wish.pattern is None:
            can_go = still <= there.keys()
            if can_go and any(
                port and _is_closer(wish, port, there[key]) for port in wanted.values() for key in still
            ):
                for key in still:
                    kept.open[key].end_notes()  # another one takes its place
                    kept.close(key)
                still = set()
            else:
                wanted = {}  # what was taken is there: another one that came is no reason to let it go
        # a port of our own stays once it is there: others may be connected to it
        if wish.virtual and (not (wanted or still) or any(key[1] == VIRTUAL for key in kept.open)):
            wanted |= {(backend, VIRTUAL): None for backend in self.libraries if backend not in self.hung}
        return wanted


def _label(kept: Kept, key: Key, both: set[str]) -> str:
    """What a port of ours is called; a port for others only by its name, unless both directions have it."""
    name = kept.wish.name[:MOST_OF_A_NAME]
    return name if key[1] == VIRTUAL and kept.wish.name not in both else f"{name} {kept.way}"


def _is_closer(wish: MidiPort, port: SystemPort, taken: SystemPort) -> bool:
    """Whether a port is called just as wished, and the one that was taken in its place is not."""
    close, had = closeness(wish, port), closeness(wish, taken)
    return close is not None and close < WHOLE and (had is None or close < had)
