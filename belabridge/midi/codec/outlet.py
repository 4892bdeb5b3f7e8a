"""One out port: controls that are told values, notes, transport, a clock and MPE zones, put together.

Values of controls wait while the port's limit or a hand on a motor fader says so, and the newest of each
control replaces the one that waits. Notes, transport, SysEx and clock never wait.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from belabridge.controls import Control, Kind, MidiOrigin, Zone
from belabridge.midi.codec import sysex
from belabridge.midi.codec.cable import Cable
from belabridge.midi.codec.clock import ClockOut
from belabridge.midi.codec.encoder import PULSES, control_change, level, pulse
from belabridge.midi.codec.ledger import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN
from belabridge.midi.codec.mpe import ZONE_RPN, Allocation, is_of_a_note, usual_members
from belabridge.midi.codec.told import State, Told

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from belabridge.rules import MidiOut


class Outlet:
    """What goes to one port; after each call, and when ``due``, ``take`` gives the bytes to send.

    Args:
        name: of the port, as ``MidiOrigin.port`` says it of the same device's other direction.
        limit_bytes_s: how many bytes a second the port takes; None = any number.
        feedback_after_s: a hand is off a control so long after its last move.
        clock_bpm: the tempo of the clock that it sends; None = no clock.
        zones: of the MPE groups that its rules play.
    """

    def __init__(
        self,
        name: str,
        *,
        limit_bytes_s: float | None = None,
        feedback_after_s: float = 0.3,
        clock_bpm: float | None = None,
        zones: Iterable[Zone] = (),
    ) -> None:
        self.name = name
        self._cable = Cable(limit_bytes_s)
        self._told = Told(name, self._cable, feedback_after_s)
        self._clock = ClockOut()
        self._clock_bpm = clock_bpm
        self._clock.tempo(clock_bpm, 0.0)
        self._allocations: dict[Zone, Allocation] = {}
        self._announced: set[Zone] = set()  # whose size the port was told
        # what a note of a zone begins with: the latest of bend, pressure and timbre
        self._own: dict[Zone, dict[tuple[Kind, int], tuple[Control, int]]] = {}
        self._allocate(frozenset(zones))

    @property
    def superseded(self) -> int:
        """How many values never went because a newer one of the same control did."""
        return self._told.superseded

    def adopt(self, other: Outlet) -> None:
        """Have the settings of another outlet, and say what that one says, of which nothing was told here."""
        self._cable.limit.bytes_s = other._cable.limit.bytes_s
        self._clock_bpm, self._clock = other._clock_bpm, copy(other._clock)
        own = {**self._own, **other._own}
        self._allocate(frozenset(own))
        self._own = {zone: dict(controls) for zone, controls in own.items()}
        self._told.adopt(other._told)

    def configure(
        self,
        *,
        limit_bytes_s: float | None,
        feedback_after_s: float,
        clock_bpm: float | None,
        zones: Iterable[Zone],
        now: float,
    ) -> None:
        """Take other settings; what is the same goes on undisturbed, a clock whose tempo a rule set too."""
        self._cable.limit.bytes_s = limit_bytes_s
        self._told.hands.after_s = feedback_after_s
        if clock_bpm != self._clock_bpm:
            self._clock_bpm = clock_bpm
            self._clock.tempo(clock_bpm, now)
        if frozenset(zones) != frozenset(self._allocations):
            self._end_notes(now)
            self._allocate(frozenset(zones))

    def keep(self, outs: Iterable[MidiOut], now: float) -> None:
        """Forget the controls that none of these sends: nobody says any more what they should show."""
        outs = list(outs)
        kept = {out.control for out in outs}
        self._told.keep(kept, now)
        self._told.keep_turns(outs)
        for own in self._own.values():
            for name in [name for name, (control, _) in own.items() if control not in kept]:
                del own[name]
        if not any(control.kind is Kind.TEMPO for control in kept):
            self._clock.tempo(self._clock_bpm, now)

    def send(
        self,
        midi: MidiOut,
        value: float,
        now: float,
        *,
        skip: Hashable | None = None,
        feedback: bool = False,
        repeat: bool = False,
    ) -> None:
        """Tell a control a value.

        Args:
            midi: which control.
            value: a position 0 to 1, or the natural unit of program and tempo; 1.0 for a pulse; steps with
                their sign of what says steps.
            now: in seconds.
            skip: where the value comes from; it does not go back to that control.
            feedback: it is for a motor or a ring: it waits while a hand is on it, and goes once afterwards.
            repeat: send it also when the control was told the same before.

        Raises:
            UsageError: nothing of this kind can be sent.
        """
        control = midi.control
        kind = control.kind
        if midi.step is not None:
            self._told.turn(midi, int(value), skip)
            return
        if kind in PULSES:
            if value > 0.0:
                self._cable.put([pulse(kind)], now)
            return
        if kind is Kind.TEMPO:
            self._clock.tempo(value, now)
            return
        raw = level(control, value)
        if kind is Kind.SYSEX and not sysex.bits(control.template):
            if value > 0.0:
                self._cable.put([sysex.filled(control.template, raw)], now)
            return
        state = State(control, raw, feedback)
        channel = control.channel or 1
        if control.zone is not None:
            in_zone = self._zone_channel(control.zone, state, now)
            if in_zone is None:
                return
            channel = in_zone
        number = control.template if kind is Kind.SYSEX else control.number or 0
        self._told.value((kind, channel, number), state, skip, now, repeat=repeat)

    def note(
        self,
        midi: MidiOut,
        on: bool,  # noqa: FBT001  # which of the two is the event itself
        note: int,
        velocity: int,
        now: float,
        *,
        skip: Hashable | None = None,
        feedback: bool = False,
    ) -> None:
        """Begin or end a note; with ``feedback`` it is a light, which a hand on its pad holds back.

        Args:
            midi: its channel or zone.
            on: whether it begins. The end of a note that does not sound, because it was silenced, is nothing.
            note: its number; beyond 0 to 127 it is the nearest.
            velocity: of the beginning; beyond 1 to 127 (0 would be an end) it is the nearest.
            now: in seconds.
            skip: where it comes from; it does not go back to that control.
            feedback: see above.
        """
        note = min(max(note, 0), 127)
        velocity = min(max(velocity, 1), 127)
        control = midi.control
        zone = control.zone
        channel = control.channel or 1
        if feedback and zone is None:
            state = State(control, velocity if on else 0, feedback)
            self._told.value((Kind.NOTE, channel, note), state, skip, now, repeat=False)
        elif not on:
            ended = channel if zone is None else self._allocation(zone).end(note)
            if ended is not None:
                self._cable.end(ended, note, now)
        elif not self._told.is_echo(skip, (Kind.NOTE, channel, note)):
            if zone is not None:
                channel = self._begin_in_zone(zone, note, now)
            self._cable.begin(channel, note, velocity, now)

    def touched(self, origin: MidiOrigin, now: float) -> None:
        """A control of a device moved: what it was told last is not what it shows any more."""
        self._told.touched(origin, now)

    def refresh(self, now: float) -> None:
        """Tell everything again: every control what it should say, selectors, the size of MPE zones."""
        self._cable.encoder.forget()
        for zone, allocation in self._allocations.items():
            if zone in self._announced and allocation.newest is None:  # a receiver would end what sounds
                self._announce(zone, now)
        self._told.refresh(now)

    def opened(self, now: float) -> None:
        """The port is there, maybe again, or messages were lost: end all that may sound, tell everything."""
        self._cable.cut()
        self._cable.end_doubtful(now)
        self._end_notes(now)
        self.refresh(now)

    def silence(self, now: float) -> None:
        """End every note that sounds, and then all that might, on the channels that were played."""
        self._end_notes(now)
        self._cable.put(
            [control_change(channel, ALL_NOTES_OFF, 0) for channel in self._cable.ledger.channels()], now
        )

    def panic(self, now: float) -> None:
        """End everything on all channels, also what others began and what a pedal holds; lights shine on."""
        self._end_notes(now)
        for channel in range(1, 17):
            ends = ((SUSTAIN, 0), (ALL_SOUND_OFF, 0), (ALL_NOTES_OFF, 0))
            self._cable.put([control_change(channel, number, value) for number, value in ends], now)
            self._told.moved((Kind.CC, channel, SUSTAIN))
        self._told.show_again(now)

    def due(self) -> float | None:
        """When ``take`` has something to give; None while nothing waits for a time."""
        dues = (self._clock.due(), self._told.due(), self._cable.encoder.due())
        return min((due for due in dues if due is not None), default=None)

    def take(self, now: float) -> list[bytes]:
        """The messages to send now, each whole, in order; a tick of the clock comes first."""
        ticks = self._clock.take(now)
        self._told.tick(now)
        self._cable.put(self._cable.encoder.close(now), now)
        messages = self._cable.take()
        if ticks:
            self._cable.limit.sent(ticks, now)
            messages[:0] = [pulse(Kind.CLOCK)] * ticks
        return messages

    def _end_notes(self, now: float) -> None:
        self._cable.end_all(now)
        for allocation in self._allocations.values():
            allocation.clear()
        self._told.put_out()

    def _allocate(self, zones: frozenset[Zone]) -> None:
        self._allocations = {zone: Allocation(zone, usual_members(zone, zones)) for zone in sorted(zones)}
        self._announced.clear()
        self._own = {zone: {} for zone in zones}

    def _allocation(self, zone: Zone) -> Allocation:
        if zone not in self._allocations:
            self._allocate(frozenset({*self._allocations, zone}))
        return self._allocations[zone]

    def _announce(self, zone: Zone, now: float) -> None:
        self._announced.add(zone)
        allocation = self._allocation(zone)
        size = Control(Kind.RPN, ZONE_RPN, allocation.master)
        self._cable.tell(size, allocation.master, ZONE_RPN, len(allocation.channels), now)

    def _zone_channel(self, zone: Zone, state: State, now: float) -> int | None:
        """The channel that a zone's control goes to; None while there is no note that it belongs to."""
        allocation = self._allocation(zone)
        if zone not in self._announced:
            self._announce(zone, now)
        control = state.control
        if not is_of_a_note(control.kind, control.number):
            return allocation.master
        self._own[zone][control.kind, control.number or 0] = (control, state.raw)
        return allocation.newest

    def _begin_in_zone(self, zone: Zone, note: int, now: float) -> int:
        """The channel of a note that is to begin, with its own controls told before (MPE 1.1, 3.3.3)."""
        allocation = self._allocation(zone)
        if zone not in self._announced:
            self._announce(zone, now)
        channel = allocation.begin(note)
        for (kind, number), (control, raw) in self._own[zone].items():
            state = State(control, raw, feedback=False)
            self._told.at_once((kind, channel, number), state, now)
        return channel
