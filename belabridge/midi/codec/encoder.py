"""What a control is told, as bytes: whole messages without running status, selectors only when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.controls import Control, Kind
from belabridge.errors import UsageError
from belabridge.midi.codec import levels, sysex
from belabridge.midi.codec.parameters import DATA_LOWER, DATA_UPPER, DECREMENT, INCREMENT, NULL
from belabridge.midi.codec.relative import MOST_STEPS, relative_raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.controls import Relative

_SELECT = {Kind.NRPN: (99, 98), Kind.RPN: (101, 100)}
_REAL_TIME = {Kind.CLOCK: b"\xf8", Kind.START: b"\xfa", Kind.CONTINUE: b"\xfb", Kind.STOP: b"\xfc"}
PULSES = frozenset(_REAL_TIME)
# A selection that is not used any more is closed, so that data which others send on the same cable do not
# reach our parameter (MIDI 1.0, "Null Function"); so late, it costs a control that moves nothing.
IDLE_S = 1.0


def pulse(kind: Kind) -> bytes:
    """One of ``PULSES``."""
    return _REAL_TIME[kind]


def note_on(channel: int, note: int, velocity: int) -> bytes:
    """A note begins; ``channel`` 1 to 16."""
    return bytes((0x8F + channel, note, velocity))


def note_off(channel: int, note: int) -> bytes:
    """A note ends, as fast as a keyboard without release velocity says it: 64."""
    return bytes((0x7F + channel, note, 64))


def control_change(channel: int, number: int, value: int) -> bytes:
    """A controller's 7 bits."""
    return bytes((0xAF + channel, number, value))


def level(control: Control, value: float) -> int:
    """The raw number that says ``value``: a position 0 to 1, or the number of a program.

    Raises:
        UsageError: nothing of this kind can be sent.
    """
    kind = control.kind
    if kind in _LEVEL_BITS:
        return levels.raw(value, _LEVEL_BITS[kind])
    if kind in _SELECT:
        return levels.raw(value, control.bits)
    if kind is Kind.PROGRAM:
        return int(min(value, 127.0) + 0.5) if value > 0.0 else 0
    if kind is Kind.SYSEX:
        return levels.raw(value, sysex.bits(control.template) or 7)
    raise UsageError(f"{kind} cannot be sent with a value: use tempo, clock or a controller")


# controllers that, sent as themselves, select something else: those of the selection, and "reset all"
_UNSELECTS = {98, 99, 100, 101, 121}

_LEVEL_BITS = {
    Kind.CC: 7,
    Kind.CC14: 14,
    Kind.BEND: 14,
    Kind.PRESSURE: 7,
    Kind.POLY_PRESSURE: 7,
    Kind.NOTE: 7,
}


class Encoder:
    """Writes for one port, and remembers which parameter each of its channels has selected."""

    def __init__(self) -> None:
        self._selected: dict[int, tuple[Kind, int]] = {}
        self._used_at: dict[int, float] = {}  # the channels with a selection, the longest unused first
        self._write: dict[Kind, Callable[[int, int, int], list[bytes]]] = {
            Kind.CC: self._plain,
            Kind.CC14: self._pair,
            Kind.BEND: lambda channel, _, raw: [bytes((0xDF + channel, raw & 127, raw >> 7))],
            Kind.PRESSURE: lambda channel, _, raw: [bytes((0xCF + channel, raw))],
            Kind.POLY_PRESSURE: lambda channel, note, raw: [bytes((0x9F + channel, note, raw))],
            Kind.PROGRAM: lambda channel, _, raw: [bytes((0xBF + channel, raw))],
            Kind.NOTE: lambda channel, note, raw: [
                note_on(channel, note, raw) if raw else note_off(channel, note)
            ],
        }

    def messages(self, control: Control, channel: int, number: int, raw: int, now: float) -> list[bytes]:
        """The messages that tell a control the number ``raw`` of ``level``.

        Args:
            control: of which kind it is, and what that kind needs.
            channel: 1 to 16.
            number: of the controller, parameter or note; 0 where the kind has none.
            raw: of a note: its velocity, 0 ends it.
            now: in seconds.
        """
        kind = control.kind
        if kind in _SELECT:
            return self._parameter(control, channel, number, raw, now)
        if kind is Kind.SYSEX:
            return [sysex.filled(control.template, raw)]
        return self._write[kind](channel, number, raw)

    def steps(
        self, control: Control, relative: Relative | None, steps: int, now: float
    ) -> tuple[list[bytes], int]:
        """The messages that turn a control, and how many of the steps they say: as many as one message can.

        Args:
            control: a cc, or a parameter, whose increment and decrement say one step.
            relative: how a cc says steps.
            steps: with their sign, not 0.
            now: in seconds.
        """
        channel, number = control.channel or 1, control.number or 0
        if relative is not None:
            said = min(max(steps, -MOST_STEPS), MOST_STEPS)
            return self._plain(channel, number, relative_raw(said, relative)), said
        step = 1 if steps > 0 else -1
        # MIDI 1.0 gives their value no meaning; 1 is right for those who read it as the number of steps, too
        turn = control_change(channel, INCREMENT if step > 0 else DECREMENT, 1)
        return [*self._selected_for(control.kind, channel, number, now), turn], step

    def forget(self) -> None:
        """Nobody knows what the port has selected: it was opened anew."""
        self._selected.clear()
        self._used_at.clear()

    def due(self) -> float | None:
        """When ``close`` has something to write."""
        first = next(iter(self._used_at.values()), None)
        return None if first is None else first + IDLE_S

    def close(self, now: float) -> list[bytes]:
        """The null selection for each channel whose parameter has not been used for ``IDLE_S``."""
        idle = [channel for channel, at in self._used_at.items() if at + IDLE_S <= now]
        out = []
        for channel in idle:
            del self._used_at[channel]
            kind, _ = self._selected.pop(channel)
            out += self._select(channel, kind, NULL)
        return out

    def _plain(self, channel: int, number: int, raw: int) -> list[bytes]:
        if number in _UNSELECTS and channel in self._selected:
            del self._selected[channel], self._used_at[channel]
        return [bytes((0xAF + channel, number, raw))]

    @staticmethod
    def _pair(channel: int, number: int, raw: int) -> list[bytes]:
        return [control_change(channel, number, raw >> 7), control_change(channel, number + 32, raw & 127)]

    @staticmethod
    def _select(channel: int, kind: Kind, number: int) -> list[bytes]:
        upper, lower = _SELECT[kind]
        return [control_change(channel, upper, number >> 7), control_change(channel, lower, number & 127)]

    def _selected_for(self, kind: Kind, channel: int, number: int, now: float) -> list[bytes]:
        """What selects a parameter, which is nothing while it is selected."""
        wanted = (kind, number)
        self._used_at.pop(channel, None)
        self._used_at[channel] = now
        if self._selected.get(channel) == wanted:
            return []
        self._selected[channel] = wanted
        return self._select(channel, *wanted)

    def _parameter(self, control: Control, channel: int, number: int, raw: int, now: float) -> list[bytes]:
        out = self._selected_for(control.kind, channel, number, now)
        if control.bits == 7:
            return [*out, control_change(channel, DATA_UPPER, raw)]
        return [
            *out,
            control_change(channel, DATA_UPPER, raw >> 7),
            control_change(channel, DATA_LOWER, raw & 127),
        ]
