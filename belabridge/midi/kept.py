"""One wish for MIDI ports, and what is open for it now; inside the ports' process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from belabridge.midi.cables import CUT_FOR_S, Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from belabridge.rules import MidiPort

_NOTE_OFF, _NOTE_ON = 0x80, 0x90
VIRTUAL = ""  # in the place of a system port's name: a port of our own

Key = tuple[str, str]  # backend, name of the system's port


@dataclass(slots=True)
class Opened:
    """A port of ours that is open.

    Attributes:
        id: never used twice; another one when it must be taken for another port.
        label: what it is called.
        port: as its library has it.
        sounding: channel (from 0) and number of the notes that were begun on it.
        cut_at: since when it is not connected to the port that it was opened for.
    """

    id: int
    label: str
    port: Any = None
    sounding: set[tuple[int, int]] = field(default_factory=set)
    cut_at: float | None = None

    def send(self, messages: Sequence[bytes]) -> int:
        """Send, noting what sounds; gives how many messages were thrown away."""
        lost = 0
        for message in messages:
            lost += not self.port.send(message)
            if len(message) == 3 and message[0] & 0xE0 == _NOTE_OFF:  # a note-off or a note-on
                note = message[0] & 0x0F, message[1]
                if message[0] >= _NOTE_ON and message[2]:
                    self.sounding.add(note)
                else:
                    self.sounding.discard(note)
        return lost

    def end_notes(self) -> None:
        """End what sounds; on an in port nothing does."""
        if self.sounding:
            self.send([bytes((_NOTE_OFF | channel, note, 64)) for channel, note in sorted(self.sounding)])

    def be_called(self, label: str) -> None:
        """Have this name."""
        if label != self.label:
            self.label = label
            self.port.rename(label)


@dataclass(slots=True)
class Kept:
    """A wish.

    Attributes:
        wish: from the config.
        way: ``in`` or ``out``.
        open: what is open for it.
        faults: what cannot be opened, and why.
        cut: ports whose connection to ours another program has cut.
    """

    wish: MidiPort
    way: str
    open: dict[Key, Opened] = field(default_factory=dict)
    faults: dict[Key, str] = field(default_factory=dict)
    cut: dict[Key, Patience] = field(default_factory=dict)

    def close(self, key: Key) -> None:
        """Close one port."""
        self.open.pop(key).port.close()

    def close_all(self) -> None:
        """Close everything."""
        for key in list(self.open):
            self.close(key)

    def follow_cables(self, now: float, new_id: Callable[[], int], skip: Collection[Key]) -> bool:
        """Close what is not connected any more; what has other connections is another port from now on.

        Returns:
            Whether it must be asked again soon: something is not connected, but its port may be just going.
        """
        is_open = False
        for key, opened in list(self.open.items()):
            if key in skip:
                continue
            if not opened.port.cables.is_cut:
                opened.cut_at = None
                if opened.port.cables.are_new():
                    opened.id = new_id()
            elif opened.cut_at is None:
                opened.cut_at, is_open = now, True
            elif now - opened.cut_at < CUT_FOR_S:
                is_open = True
            else:
                self.cut.setdefault(key, Patience()).cut(now)
                self.close(key)
        return is_open
