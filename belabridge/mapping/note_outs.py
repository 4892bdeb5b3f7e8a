"""A variable's gate as notes: when one begins, which, how loud, and when it ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from belabridge.controls import raw7
from belabridge.mapping.intents import NOT_FINITE, Intent, Refused, SendNote, SendOsc
from belabridge.mapping.midi_ends import End
from belabridge.mapping.note_ins import A4_HZ, A4_NOTE
from belabridge.mapping.way import COALESCE_S

if TYPE_CHECKING:
    from collections.abc import Hashable

    from belabridge.rules import MidiOut

HIGHEST = 127
# Values of one moment come in messages of their own, in any order, but within the same packets. For so long
# a gate waits for the pitch of its own frame or later; longer, and the note would be late.
GATHER_S = 0.004
# A pitch that wanders about the border between two notes changes the note only when it is this far away
# from the one that sounds, in semitones.
STAYS_WITHIN = 0.6


class NoteEnd(End):
    """Begins a note when the value rises to ``on``, and ends it when it falls below ``off``.

    While the gate is open and the pitch comes to another note, that one begins and then the old one ends:
    played legato. The velocity is that of the moment when a note begins.

    Attributes:
        needs: the other variables that it has to hear.
        sent: notes that began.
        deadline: when ``tick`` has something to do; infinity when nothing waits.
        sounding: the number of the note that sounds, or None.
    """

    __slots__ = (
        "_frame", "_frames", "_midi", "_muted", "_open", "_origin", "_values", "_var", "needs", "sounding"
    )  # fmt: skip

    def __init__(self, index: int, midi: MidiOut, var: str) -> None:
        super().__init__(index)
        self._midi, self._var = midi, var
        names = (midi.note_var, midi.velocity_var)
        # the gate itself may say how loud: then its own way's value counts
        self.needs = [name for name in dict.fromkeys(names) if name is not None and name != var]
        self._values: dict[str, float] = {}
        self._frames: dict[str, int] = {}
        self._open = False
        self._muted = False  # open, and silent until it has closed
        self._origin: Hashable | None = None
        self._frame = 0
        self.sounding: int | None = None

    def take(self, y: float, message: SendOsc, now: float, intents: list[Intent]) -> None:
        """Take a finite value of the gate."""
        self._values[self._var] = y
        if not self._open and y >= self._midi.on:
            self._open, self._origin, self._frame = True, message.skip, message.frame
            if all(self._frames.get(name, -1) >= message.frame for name in self.needs):
                self._begin(intents)
            else:
                self.deadline = now + GATHER_S
        elif self._open and y < self._midi.off:
            if self.deadline < math.inf:  # it was shorter than the wait, and is heard nevertheless
                self._begin(intents)
            self._open = self._muted = False
            self._end(intents)

    def hear(self, name: str, x: float, frame: int, intents: list[Intent]) -> None:
        """Take a value of another variable that this note needs."""
        if x - x != 0.0:
            intents.append(Refused(NOT_FINITE, f"{name}: {x:g} says nothing of a note", name))
            return
        self._values[name] = x
        self._frames[name] = frame
        if not self._open or self._muted:
            return
        if self.deadline < math.inf or self.sounding is None:
            if all(self._frames.get(need, -1) >= self._frame for need in self.needs):
                self._begin(intents)
        elif name == self._midi.note_var:
            self._follow(intents)

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Begin the note that waited, with what is known."""
        if self.deadline <= now + COALESCE_S:
            self._begin(intents)

    def forget(self) -> None:
        """An open gate is heard as opening when its value comes again, unless its note sounds."""
        if self.sounding is None and not self._muted:
            self._open = False
            self.deadline = math.inf

    def silenced(self) -> None:
        """All notes were ended; what is open begins again when its value comes anew."""
        self.sounding = None
        self._open = self._muted
        self.deadline = math.inf

    def begin_anew(self, intents: list[Intent]) -> None:
        """The note was ended; while the gate is open it begins again."""
        if self._open and not self._muted and self.deadline == math.inf:  # else it is about to begin anyway
            self.sounding = None
            self._begin(intents)

    def mute(self) -> None:
        """All notes were ended and are not wanted any more: silence until the gate opens the next time."""
        # where the board is away, the gate is as it was last
        self._muted = self._open = self._open or self._values.get(self._var, -math.inf) >= self._midi.on
        self.sounding = None
        self.deadline = math.inf

    def _begin(self, intents: list[Intent]) -> None:
        self.deadline = math.inf
        note = self._note()
        if note is None:
            return
        self._end(intents)
        self.sent += 1
        self.sounding = note
        intents.append(self._say(note, self._velocity(), self._origin))

    def _follow(self, intents: list[Intent]) -> None:
        pitch, old = self._pitch(), self.sounding
        if old is None or pitch is None or abs(pitch - old) <= STAYS_WITHIN:
            return
        self.sounding = None
        self._begin(intents)
        if self.sounding is None:
            self.sounding = old
        else:
            intents.append(self._say(old))

    def _end(self, intents: list[Intent]) -> None:
        if self.sounding is not None:
            intents.append(self._say(self.sounding))
            self.sounding = None

    def _say(self, note: int, velocity: int = 0, skip: Hashable | None = None) -> SendNote:
        return SendNote(self.index, self._midi, on=velocity > 0, note=note, velocity=velocity, skip=skip)

    def _note(self) -> int | None:
        pitch = self._pitch()
        if pitch is None:
            return self._midi.control.number
        note = round(pitch)
        return note if 0 <= note <= HIGHEST else None

    def _pitch(self) -> float | None:
        name = self._midi.note_var
        if name is None or name not in self._values:
            return None
        x = self._values[name]
        if not self._midi.note_is_hz:
            return min(max(x, -1.0), HIGHEST + 1.0)  # beyond the ends there is no note, however far
        return A4_NOTE + 12.0 * math.log2(x / A4_HZ) if x > 0.0 else -1.0

    def _velocity(self) -> int:
        name = self._midi.velocity_var
        position = None if name is None else self._values.get(name)
        velocity = self._midi.velocity if position is None else raw7(position)
        return max(velocity, 1)  # 0 would end the note
