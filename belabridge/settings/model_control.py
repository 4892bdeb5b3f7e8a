"""One MIDI control as a rule names it: ``{cc: 7, channel: 1}``, ``bend``, ``nanoKONTROL2.slider1``."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from belabridge.controls import Control, Kind, Relative, Zone, note_number
from belabridge.rules import MidiIn, MidiOut
from belabridge.settings.control_words import (
    BY_INCREMENT,
    NOTES,
    PORTS,
    TEXT,
    Alone,
    Bits,
    Channel,
    Controller,
    Controller14,
    ControlName,
    Key,
    Mpe,
    Note,
    Parameter,
    RelativeKind,
    Steps,
    Sysex,
    Velocity,
)
from belabridge.settings.model_base import Part
from belabridge.settings.refusal import Refused, Wrong, did_you_mean, one_of, refuse, shown
from belabridge.settings.words import Name, Number, Short, Word, name

STEPS_OF_A_RANGE = 100.0  # an encoder crosses a range in so many, unless its rule says otherwise
DEFAULT_VELOCITY = 100  # forte, and what most programs write for a note without one

# kinds by what else they need
NUMBERED = (Kind.CC, Kind.CC14, Kind.RPN, Kind.NRPN, Kind.NOTE, Kind.POLY_PRESSURE, Kind.SYSEX)
KEYS = (Kind.NOTE, Kind.POLY_PRESSURE)
PARAMETERS = (Kind.RPN, Kind.NRPN)
WITHOUT_CHANNEL = (Kind.SYSEX, Kind.CLOCK, Kind.START, Kind.STOP, Kind.CONTINUE, Kind.TEMPO, Kind.BEAT)
PULSES = (Kind.CLOCK, Kind.START, Kind.STOP, Kind.CONTINUE)
IN_ZONES = (Kind.NOTE, Kind.BEND, Kind.PRESSURE, Kind.CC)
# these say a number of their own, and no position from 0 to 1
NATURAL = (Kind.PROGRAM, Kind.TEMPO, Kind.BEAT)

_LIKE_A_NOTE = re.compile(r"[A-Ha-h][#b♯♭]?-?[0-9]+")
_DOTTED = re.compile(r"[A-Za-z]\w*\.\w+", re.ASCII)


class ControlPart(Part):
    """A MIDI control, by exactly one kind."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [word]} for word in (*map(str, Kind), "control")]}
    )

    cc: Controller | None = None
    """A controller, 0 to 127: 7 bits."""
    cc14: Controller14 | None = None
    """A 14-bit controller, 0 to 31: its low bits come by the controller 32 above."""
    rpn: Parameter | None = None
    """A registered parameter, 0 to 16383."""
    nrpn: Parameter | None = None
    """A non-registered parameter, 0 to 16383."""
    bend: Alone | None = None
    """Pitch bend: 14 bits, 0.5 in the middle."""
    pressure: Alone | None = None
    """Channel pressure (aftertouch)."""
    poly_pressure: Key | None = None
    """The pressure on a key: its note, or any."""
    note: Key | None = None
    """A note: its number or its name (middle C is C4, 60), or any."""
    program: Alone | None = None
    """Program change: its number, 0 to 127, is the value."""
    sysex: Sysex | None = None
    """A SysEx message: F0 43 10 value F7; low and high stand for the two halves of 14 bits."""
    clock: Alone | None = None
    """Clock, 24 a beat."""
    start: Alone | None = None
    """Start."""
    stop: Alone | None = None
    """Stop."""
    continue_: Alone | None = Field(None, alias="continue")
    """Continue."""
    tempo: Alone | None = None
    """The tempo of the clock, in beats a minute."""
    beat: Alone | None = None
    """The beats since start."""
    control: ControlName | None = None
    """A control by the name that its controller's profile gives it: nanoKONTROL2.slider1."""
    channel: Channel | None = None
    """1 to 16, or any. Unless said, any is heard, and 1 is sent to."""
    bits: Bits | None = None
    """Of the data of rpn and nrpn: 7 (unless said) or 14."""
    mpe: Mpe | None = None
    """Instead of a channel: the channels of this MPE zone, lower or upper."""

    @model_validator(mode="after")
    def _is_one(self) -> ControlPart:
        kinds = self.kinds()
        if not kinds:
            raise refuse("this says no control", "add one, such as cc: 7 or note: C4")
        if len(kinds) > 1:
            problem = f"{kinds[0]} and {kinds[1]} are two controls"
            raise refuse(problem, "write a rule for each", path=(kinds[1],), key=True)
        wrongs = [*self._odd_words(kinds[0]), *self._wrongs(kinds[0])]
        if wrongs:
            raise Refused(*wrongs)
        return self

    def kinds(self) -> list[Kind]:
        """Give the kinds that are named."""
        return [kind for kind in Kind if getattr(self, _FIELDS[kind]) is not None]

    def _odd_words(self, kind: Kind) -> list[Wrong]:
        wrongs = []
        if self.bits is not None and kind not in {Kind.RPN, Kind.NRPN}:
            instead = "write cc14 for 14 bits" if kind is Kind.CC else "remove it"
            wrongs.append(Wrong(f"only rpn and nrpn have bits, not {kind}", instead, ("bits",), key=True))
        if self.channel is not None and kind in WITHOUT_CHANNEL:
            wrongs.append(Wrong(f"{kind} has no channel", "remove it", ("channel",), key=True))
        if self.mpe is not None and kind not in IN_ZONES:
            wrongs.append(
                Wrong(f"{kind} does not belong to MPE", "write a channel instead", ("mpe",), key=True)
            )
        elif self.mpe is not None and self.channel is not None:
            wrongs.append(Wrong("an MPE zone is many channels", "remove `channel`", ("channel",), key=True))
        return wrongs

    def _wrongs(self, kind: Kind) -> list[Wrong]:  # noqa: ARG002 - for those that know more
        return []

    def kind(self) -> Kind:
        """Give the kind."""
        return self.kinds()[0]

    def value(self, *, default_channel: int | None, port: str | None = None) -> Control:
        """Give the control.

        Args:
            default_channel: when the user says none; None is any.
            port: that it is on, or None.
        """
        kind = self.kind()
        said = getattr(self, _FIELDS[kind])
        said = said.number if isinstance(said, NotePart) else said
        number = said if kind in NUMBERED and isinstance(said, int) else None
        template = self.sysex if self.sysex is not None else ()
        zone = Zone(self.mpe) if self.mpe is not None else None
        at: int | None = None
        if kind not in WITHOUT_CHANNEL and zone is None:
            at = None if self.channel == "any" else self.channel or default_channel
        return Control(kind, number, at, self.bits or 7, zone, port, template)


_FIELDS = {kind: f"{kind}_" if kind is Kind.CONTINUE else str(kind) for kind in Kind}


class InControlPart(ControlPart):
    """A control that is heard."""

    relative: RelativeKind | None = None
    """An encoder that says steps; up and down are: twos 1, 127; offset 65, 63; sign 1, 65."""
    port: Name | None = None
    """The port of midi.in that it is on; all of them unless said."""

    def _wrongs(self, kind: Kind) -> list[Wrong]:
        if self.relative is not None and kind in PARAMETERS:
            instead = "remove `relative`: increment and decrement are heard anyway"
            return [Wrong(f"{kind} says its steps by itself", instead, ("relative",), key=True)]
        if self.relative is not None and kind is not Kind.CC:
            return [Wrong(f"{kind} says no steps", "write cc, or remove it", ("relative",), key=True)]
        return []

    def heard(self, **more: Any) -> MidiIn:
        """Give what a rule hears; ``more`` is what the rule says."""
        relative = Relative(self.relative) if self.relative is not None else None
        return MidiIn(self.value(default_channel=None, port=self.port), relative, **more)


class NotePart(Part):
    """Which note is sent."""

    number: Note | None = None
    """The note itself, which is shorter without this word."""
    var: Name | None = None
    """The variable that says the note's number."""
    hz: Name | None = None
    """The variable that says its frequency."""

    @model_validator(mode="after")
    def _is_one(self) -> NotePart:
        if len(self.model_fields_set) != 1:
            raise refuse("one word says the note", "write C4, {var: NAME}, or {hz: NAME} for a frequency")
        return self


def says_a_variable(word: str) -> bool:
    """Whether a word at ``note`` of an output is a variable's name: it is no note, and not like one."""
    return word != "any" and note_number(word) is None and not _LIKE_A_NOTE.fullmatch(word)


def _note_out(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if value == "any":
        raise refuse("`any` is no note to send", "write one such as C4, or the variable that says it")
    if isinstance(value, str) and says_a_variable(value):
        return {"var": value}
    return {"number": value}


def _to(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [value]
    if not names:
        raise refuse("`to` names no port", "name one, or remove `to` to send to all of them")
    return tuple(name(one) for one in names)


NoteOut = Annotated[NotePart, Short(_note_out, lambda _long: [*NOTES, TEXT])]
OutPortNames = Annotated[tuple[str, ...], Word(_to, PORTS)]


class OutControlPart(ControlPart):
    """A control that is sent, or a note that a gate plays."""

    note: NoteOut | None = None  # type: ignore[assignment]  # there is more to say than what is heard
    """A note: number, name (middle C is C4, 60), a variable with its number, or {hz: NAME}."""
    on: Number | None = None
    """A note begins, and a pulse is sent, when the value rises to this; 0.5 unless said."""
    off: Number | None = None
    """The note ends when the value falls below this; the same as on unless said."""
    velocity: Velocity | None = None
    """How loud a note is: 1 to 127 (100 unless said), or a variable from 0 to 1."""
    relative: Steps | None = None
    """Send steps: twos, offset or sign of a cc; true (increment and decrement) of rpn and nrpn."""
    to: OutPortNames = ()
    """Names of ports of midi.out; all of them unless said."""

    def _wrongs(self, kind: Kind) -> list[Wrong]:
        wrongs = self._relative_wrongs(kind)
        if kind is Kind.BEAT:
            wrongs.append(Wrong("beat can only be heard", "send tempo, or clock", ("beat",), key=True))
        if self.channel == "any":
            wrongs.append(Wrong("`any` is no channel to send to", "write 1 to 16", ("channel",)))
        if self.poly_pressure == "any":
            wrongs.append(Wrong("`any` is no note to send", "write one such as C4", ("poly_pressure",)))
        words = [word for word in ("on", "off") if getattr(self, word) is not None]
        if kind is not Kind.NOTE and kind not in PULSES and kind is not Kind.SYSEX:
            problem = "{} begins and ends nothing: only notes and pulses have `{}`"
            wrongs += [Wrong(problem.format(kind, w), "remove it", (w,), key=True) for w in words]
        if kind is not Kind.NOTE and self.velocity is not None:
            wrongs.append(Wrong(f"{kind} has no velocity", "remove it", ("velocity",), key=True))
        if self._threshold() < (self.off if self.off is not None else self._threshold()):
            wrongs.append(Wrong("`off` is above `on`", "write a smaller one", ("off",)))
        return wrongs

    def _relative_wrongs(self, kind: Kind) -> list[Wrong]:
        if self.relative is None:
            return []
        wrongs = []
        by_increment = self.relative == BY_INCREMENT
        if kind not in {Kind.CC, *PARAMETERS}:
            wrongs.append(Wrong(f"{kind} says no steps", "write cc, or remove it", ("relative",), key=True))
        elif kind is Kind.CC and by_increment:
            wrongs.append(Wrong("a cc says steps in three ways", "write twos, offset or sign", ("relative",)))
        elif kind in PARAMETERS and not by_increment:
            problem = f"{kind} says steps by increment and decrement"
            wrongs.append(Wrong(problem, "write relative: true", ("relative",)))
        if self.mpe is not None:
            wrongs.append(Wrong("an MPE zone hears no steps", "write a channel instead", ("mpe",), key=True))
        return wrongs

    def _threshold(self) -> float:
        return 0.5 if self.on is None else self.on

    def sent(self, step: float | None = None, width: float = 1.0) -> MidiOut:
        """Give where an output goes.

        Args:
            step: of what says steps, as the rule says it.
            width: how far the value goes from one end to the other.
        """
        relative: Relative | None = None
        if self.relative is None:
            step = None
        elif self.relative == BY_INCREMENT:
            step = step or width / (16383.0 if self.bits == 14 else 127.0)  # a step of the parameter itself
        else:
            step, relative = step or width / STEPS_OF_A_RANGE, Relative(self.relative)
        on = self._threshold()
        said = self.note or NotePart.model_construct()
        return MidiOut(
            self.value(default_channel=1),
            self.to,
            on,
            on if self.off is None else self.off,
            said.hz or said.var,
            said.hz is not None,
            self.velocity if isinstance(self.velocity, int) else DEFAULT_VELOCITY,
            self.velocity if isinstance(self.velocity, str) else None,
            step,
            relative,
        )


_LONE = [str(kind) for kind in Kind if kind not in NUMBERED]


def by_word(value: Any) -> Any:
    """Give the long spelling of ``midi: bend``, and of a control that a profile names."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise refuse(f"{shown(value)} is no control", "write {cc: 7}, with the controller's number")
    if value in _LONE:
        return {value: True}
    if value in list(Kind):
        raise refuse(f"which {value}?", f"write {{{value}: {'C4' if value in KEYS else 7}}}")
    if _DOTTED.fullmatch(value):
        return {"control": value}
    raise refuse(
        f"{shown(value)} is no control",
        did_you_mean(value, _LONE, f"write {{cc: 7}}, one of {one_of(_LONE)}, or CONTROLLER.CONTROL"),
    )


def _spellings(_long: Any) -> list[Any]:
    return [{"enum": _LONE}, {"type": "string", "pattern": "^[A-Za-z]\\w*\\.\\w+$"}]


InControl = Annotated[InControlPart, Short(by_word, _spellings)]
OutControl = Annotated[OutControlPart, Short(by_word, _spellings)]
