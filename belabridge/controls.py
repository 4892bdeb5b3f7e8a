"""MIDI's controls as values: which control is meant, and what one says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

HIGHEST_NOTE = 127

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "b": -1}
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NOTE = re.compile(r"([A-Ga-g])([#b]?)(-?[0-9])", re.ASCII)


class Kind(StrEnum):
    """What carries a value in MIDI, by the word that a config uses for it."""

    CC = "cc"
    CC14 = "cc14"
    RPN = "rpn"
    NRPN = "nrpn"
    BEND = "bend"
    PRESSURE = "pressure"
    POLY_PRESSURE = "poly_pressure"
    NOTE = "note"
    PROGRAM = "program"
    SYSEX = "sysex"
    CLOCK = "clock"
    START = "start"
    STOP = "stop"
    CONTINUE = "continue"
    TEMPO = "tempo"
    BEAT = "beat"


class Relative(StrEnum):
    """How an encoder says by how many steps it was turned; the two bytes are one step up, one step down."""

    TWOS = "twos"  # 1, 127
    OFFSET = "offset"  # 65, 63
    SIGN = "sign"  # 1, 65


class Zone(StrEnum):
    """A group of channels that MPE uses as one instrument: its master channel, and the members beside it."""

    LOWER = "lower"  # master 1, members from 2 upwards
    UPPER = "upper"  # master 16, members from 15 downwards


@dataclass(frozen=True, slots=True)
class Control:
    """One control.

    Attributes:
        kind: what carries the value.
        number: of the controller (0 to 127; 0 to 31 of a 14-bit one), the parameter of RPN and NRPN (0 to
            16383) or the note; None = any note, and where the kind has none.
        channel: 1 to 16; None = any (in), and where the kind has none.
        bits: 7 or 14, of RPN and NRPN data.
        zone: the MPE group that stands in the place of a channel, or None.
        port: part of the name of the port in the config (``MidiPort.name``) that it is on; None = all.
        template: of a SysEx message, from F0 to F7: a byte 0 to 127 (F0 and F7 themselves apart), or a place
            of the value: -1 its only or low 7 bits, -2 its high 7 bits; empty for other kinds.
    """

    kind: Kind
    number: int | None = None
    channel: int | None = None
    bits: int = 7
    zone: Zone | None = None
    port: str | None = None
    template: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """What a control said, in the terms of a rule.

    Attributes:
        value: a position 0 to 1 (exact at both ends and in the middle) of cc, cc14, rpn, nrpn, bend,
            pressure, poly_pressure, sysex; the velocity's position of a note; steps, with their sign, of a
            relative control and of increment and decrement; the number of a program; beats a minute of tempo;
            beats since start of beat; 1 of clock; of start, stop and continue 1 when it is the latest of the
            three, else 0.
        steps: whether ``value`` is steps and not a position.
        note: the number of a note, of poly_pressure; -1 otherwise.
        on: a note begins; False when it ends.
        channel: 1 to 16; 0 where the kind has none.
    """

    value: float
    steps: bool = False
    note: int = -1
    on: bool = False
    channel: int = 0


@dataclass(frozen=True, slots=True)
class MidiOrigin:
    """The control that a value came from: what it set does not go back there while a hand is on it.

    Attributes:
        port: name of the port as the config or the system calls it.
        kind: of the control; its ring or motor has the same kind, channel and number on a port of that name.
        channel: 1 to 16; 0 where the kind has none.
        number: 0 where the kind has none.
        relative: it says steps: it has no position that could fight, and its ring follows at once.
        device: counts the ports of that name as they were opened: one that was away is another one.
    """

    port: str
    kind: Kind
    channel: int = 0
    number: int = 0
    relative: bool = False
    device: int = 0


def control_name(control: Control) -> str:
    """A control in words: ``cc 20 on channel 1``, ``note C2 on channel 10``, ``bend in the lower zone``."""
    words = [control.kind.value]
    if control.number is not None:
        is_key = control.kind in {Kind.NOTE, Kind.POLY_PRESSURE}
        words.append(note_name(control.number) if is_key else str(control.number))
    if control.zone is not None:
        words.append(f"in the {control.zone} zone")
    elif control.channel is not None:
        words.append(f"on channel {control.channel}")
    if control.port is not None:
        words.append(f"of {control.port}")
    return " ".join(words)


def note_name(number: int) -> str:
    """The name of a note 0 to 127, from C-1 to G9; middle C, 60, is C4."""
    octave, step = divmod(number, 12)
    return f"{_NAMES[step]}{octave - 1}"


def note_number(name: str) -> int | None:
    """The number of a note such as ``C4``, ``F#3``, ``Bb-1``; None when it is none of 0 to 127."""
    found = _NOTE.fullmatch(name)
    if found is None:
        return None
    letter, sign, octave = found.groups()
    number = 12 * (int(octave) + 1) + _LETTERS[letter.upper()] + _SIGNS[sign]
    return number if 0 <= number <= HIGHEST_NOTE else None


def raw7(position: float) -> int:
    """The nearest number 0 to 127 for a position, in which 0, 64 and 127 are exactly 0, 0.5 and 1.

    Beyond the ends it is the end, and what is no number is 0.
    """
    if not position > 0.0:  # NaN too
        return 0
    if position <= 0.5:
        return int(position * 128 + 0.5)
    return 127 if position >= 1.0 else 64 + int((position - 0.5) * 126 + 0.5)
