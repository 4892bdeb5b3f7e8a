"""One port's messages to events: what was heard, each once, however many messages it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.controls import Kind
from belabridge.midi.codec.clock import ClockIn
from belabridge.midi.codec.heard import Heard, Needs
from belabridge.midi.codec.mpe import Group
from belabridge.midi.codec.pairs import Pairs
from belabridge.midi.codec.parameters import CONTROLLERS, Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from mido import Message

_LEAST_CHANGE_BPM = 0.05  # a tempo that differs by less is the same one: jitter is no change
_TRANSPORT = (Kind.START, Kind.STOP, Kind.CONTINUE)


class Decoder:
    """Follows one port from its opening on: what it remembers is worth nothing for another port."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._pairs: Pairs[tuple[int, int]] = Pairs()
        self._parameters = Parameters(needs.fine)
        self._groups = [Group(zone, needs.zones) for zone in sorted(needs.zones)]
        self._clock = ClockIn()
        self._bpm = 0.0  # as last told
        wanted = {n + half for _, n in needs.pairs for half in (0, 32)}
        if needs.parameters:
            wanted |= CONTROLLERS
        self._plain = tuple(n not in wanted for n in range(128))  # controllers that are only themselves
        self._read: dict[str, Callable[[Message, float], list[Heard]]] = {
            "control_change": self._control_change,
            "note_on": self._note_on,
            "note_off": lambda m, _: [Heard(Kind.NOTE, m.channel + 1, m.note)],
            "pitchwheel": lambda m, _: [Heard(Kind.BEND, m.channel + 1, 0, m.pitch + 8192, 14)],
            "aftertouch": lambda m, _: [Heard(Kind.PRESSURE, m.channel + 1, 0, m.value)],
            "polytouch": lambda m, _: [Heard(Kind.POLY_PRESSURE, m.channel + 1, m.note, m.value)],
            "program_change": lambda m, _: [Heard(Kind.PROGRAM, m.channel + 1, 0, m.program, 0)],
            "sysex": lambda m, _: [Heard(Kind.SYSEX, data=tuple(m.data))],
            "clock": self._tick,
            "start": self._transport,
            "stop": self._transport,
            "continue": self._transport,
            "songpos": self._position,
        }

    def feed(self, message: Message, now: float) -> list[Heard]:
        """What a message completes, often one event, in the order in which it is to act."""
        read = self._read.get(message.type)
        if read is None:
            return []
        heard = read(message, now)
        return self._with_groups(heard) if self._groups else heard

    def due(self) -> float | None:
        """When ``tick`` has something to say; None while nothing waits."""
        return min(
            (due for due in (self._pairs.due(), self._parameters.due()) if due is not None), default=None
        )

    def tick(self, now: float) -> list[Heard]:
        """What is whole because no more of it has come in time."""
        heard = [Heard(Kind.CC14, *key, raw, bits=14) for key, raw in self._pairs.tick(now)]
        heard += self._parameters.tick(now)
        return self._with_groups(heard) if self._groups else heard

    def _with_groups(self, heard: list[Heard]) -> list[Heard]:
        return heard + [said for one in heard for group in self._groups for said in group.hear(one)]

    def _control_change(self, message: Message, now: float) -> list[Heard]:
        channel, number, value = message.channel + 1, message.control, message.value
        heard = Heard(Kind.CC, channel, number, value)
        if self._plain[number]:
            return [heard]
        out = [heard]
        key = (channel, number & 31)
        if number < 64 and key in self._needs.pairs:
            pairs = self._pairs
            whole = pairs.upper(key, value, now) if number < 32 else pairs.lower(key, value, now)
            out += [Heard(Kind.CC14, *key, raw, bits=14) for raw in whole]
        if self._needs.parameters and number in CONTROLLERS:
            out += self._parameters.control(channel, number, value, now)
        return out

    def _note_on(self, message: Message, _now: float) -> list[Heard]:
        velocity = message.velocity  # 0 ends the note: MIDI 1.0, "Note-On"
        return [Heard(Kind.NOTE, message.channel + 1, message.note, velocity, on=velocity > 0)]

    def _tick(self, _message: Message, now: float) -> list[Heard]:
        out = [Heard(Kind.CLOCK, raw=1, bits=0)]
        if not self._needs.tempo:
            return out
        clock = self._clock
        counted = clock.tick(now)
        if clock.bpm is not None and abs(clock.bpm - self._bpm) >= _LEAST_CHANGE_BPM:
            self._bpm = clock.bpm
            out.append(Heard(Kind.TEMPO, raw=clock.bpm, bits=0))
        if counted and clock.beats is not None:
            out.append(Heard(Kind.BEAT, raw=clock.beats, bits=0))
        return out

    def _transport(self, message: Message, _now: float) -> list[Heard]:
        kind = Kind(message.type)
        if kind is Kind.START:
            self._clock.start()
        elif kind is Kind.STOP:
            self._clock.stop()
        else:
            self._clock.go_on()
        # the one that it is comes last: a variable that follows two of them ends with the newer
        return [Heard(k, raw=float(k is kind), bits=0) for k in sorted(_TRANSPORT, key=lambda k: k is kind)]

    def _position(self, message: Message, _now: float) -> list[Heard]:
        self._clock.position(message.pos)
        return []
