"""The rules of ``links``: one line for both ways between a variable and its controls."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import ConfigDict, model_validator

from belabridge.controls import Kind
from belabridge.rules import (
    DEFAULT_RATE_HZ,
    STEEPEST_POWER,
    InRule,
    MidiOut,
    Mode,
    OscOut,
    OutRule,
    Scale,
    Shape,
    Takeover,
)
from belabridge.settings.addresses import control_address
from belabridge.settings.hand import ModeWord, TakeoverMode, hand_wrongs
from belabridge.settings.model_control import NATURAL, PULSES, InControl
from belabridge.settings.model_rules import ADDRESS_SCHEMA, OscOutPart, midi_rate_hz, osc_out
from belabridge.settings.model_shape import ShapePart
from belabridge.settings.refusal import Refused, Wrong
from belabridge.settings.words import Flag, Name, Number, Rate, Short

LIGHT_ON = 0.5 / 127  # a velocity that is more than nothing: half of its smallest step


class LinkPart(ShapePart):
    """Both ways: a MIDI control, an OSC address or both, and the variable that they set and show.

    What changes the value is meant from the control to the variable; the way back is its inverse.
    """

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [way]} for way in ("osc", "midi")]})

    var: Name
    """The variable's name on the board."""
    midi: InControl | None = None
    """The MIDI control, such as {cc: 7, channel: 1}."""
    osc: Annotated[OscOutPart, Short(osc_out, lambda _long: [ADDRESS_SCHEMA])] | None = None
    """The OSC address that sets the variable, and where it is sent: /address, or {address: /a, to: NAME}."""
    takeover: TakeoverMode = Takeover.JUMP
    """When control and variable differ: jump (unless said), pickup, scale or relative."""
    step: Number | None = None
    """How far one step of a relative control moves: of the variable, or of the scale's from."""
    mode: ModeWord = Mode.ABSOLUTE
    """toggle: each press turns the variable over; absolute unless said."""
    feedback: Flag = False
    """Tell the MIDI control what its variable is: a light, a ring or a motor, but never the hand."""
    rate: Rate | None = None
    """At most this many messages a second, back; 50 unless said."""
    echo: Flag = False
    """Send an OSC value also to the program that it came from."""

    @model_validator(mode="after")
    def _fits(self) -> LinkPart:
        wrongs: list[Wrong] = []
        if self.midi is None and self.osc is None:
            instead = "add `midi: {cc: 7}`, `osc: /address`, or both"
            wrongs.append(Wrong("this links the variable to nothing", instead, needs=("midi", "osc")))
        if self.osc is not None and not self.osc.address:
            wrongs.append(Wrong("`address` is missing", "add `address: /synth/cutoff`", ("osc",)))
        elif self.osc is not None:
            try:
                control_address(self.osc.address)
            except Refused as refused:
                wrongs += [wrong.below("osc", "address") for wrong in refused.wrongs]
            if self.osc.as_ == "blob":
                wrongs.append(Wrong("a blob holds many samples", "write as: f", ("osc", "as")))
        wrongs += hand_wrongs(self, self.midi, self.takeover, self.mode)
        wrongs += self._feedback_wrongs()
        if self.feedback or self.osc is not None:
            wrongs += self._back_wrongs()
        if wrongs:
            raise Refused(*wrongs)
        return self

    def _feedback_wrongs(self) -> list[Wrong]:
        if not self.feedback:
            return []
        if self.midi is None:
            return [Wrong("only a MIDI control has feedback", "remove it", ("feedback",), key=True)]
        kind = self.midi.kind()
        if kind in PULSES or (kind in NATURAL and kind is not Kind.PROGRAM):
            return [Wrong(f"{kind} has no feedback", "remove it", ("feedback",), key=True)]
        if "any" in {self.midi.note, self.midi.poly_pressure}:
            return [Wrong("feedback needs one key", "write its note instead of any", ("midi", kind))]
        return []

    def _back_wrongs(self) -> list[Wrong]:
        if self.expr is not None:
            instead = "write a scale, or two rules in `in:` and `out:`"
            return [Wrong("an expression has no way back", instead, ("expr",), key=True)]
        curve = self.scale.curve if self.scale is not None else "lin"
        if not isinstance(curve, str) and curve < 1.0 / STEEPEST_POWER:
            instead = f"write a power of {1.0 / STEEPEST_POWER:g} or more"
            return [Wrong("this curve is too steep for its way back", instead, ("scale", "curve"))]
        return []

    def rules(self, place: tuple[int, int], outs: tuple[str, ...] = ()) -> tuple[list[OutRule], list[InRule]]:
        """Give the rules that it stands for.

        Args:
            place: of the link.
            outs: names of the ports that are sent to: feedback goes to the one of the control's port.
        """
        shape = self.shape()
        rate_hz = self.rate or DEFAULT_RATE_HZ
        out: list[OutRule] = []
        in_: list[InRule] = []
        if self.midi is not None:
            hand = self.midi.heard(step=self.step, takeover=Takeover(self.takeover), mode=Mode(self.mode))
            in_.append(InRule(var=self.var, shape=shape, midi=hand, place=place))
        if self.osc is not None:
            in_.append(InRule(self.osc.address, self.var, shape=shape, place=place))
            osc = OscOut(self.osc.address, self.osc.to, self.osc.as_)
            shown = replace(self._back(), on_change=self.on_change)
            out.append(OutRule(self.var, rate_hz=rate_hz, shape=shown, osc=osc, echo=self.echo, place=place))
        if self.midi is not None and self.feedback:
            rate_hz = self.rate or midi_rate_hz(self.midi.kind())
            midi = self._light(outs)
            out.append(
                OutRule(self.var, rate_hz=rate_hz, shape=self._ring(), midi=midi, feedback=True, place=place)
            )
        return out, in_

    def _light(self, outs: tuple[str, ...]) -> MidiOut:
        """Give what shows the variable: the same control, on the port of the same name if there is one."""
        assert self.midi is not None  # noqa: S101 - asked for only then
        to = (self.midi.port,) if self.midi.port is not None and self.midi.port in outs else ()
        control = self.midi.value(default_channel=1)
        if control.kind is Kind.NOTE:  # how bright is said by the velocity
            return MidiOut(control, to, LIGHT_ON, LIGHT_ON, velocity_var=self.var)
        return MidiOut(control, to)

    def _back(self) -> Shape:
        """Give the way from the variable to its controls."""
        forth = self.shape()
        scale = forth.scale or (Scale() if forth.invert else None)
        first, second = scale.start if scale is not None else (0.0, 1.0)
        clip = None if forth.clip is None else (min(first, second), max(first, second))
        if scale is None:
            return Shape(clip=clip, on_change=True)
        if forth.invert:
            first, second = second, first
        return Shape(scale=Scale(scale.end, (first, second), _turned(scale)), clip=clip, on_change=True)

    def _ring(self) -> Shape:
        """Give the way to the control itself: what an encoder counts in units of its own is 0 to 1 there."""
        back = self._back()
        if self.midi is None or self.midi.relative is None or back.scale is None:
            return back
        first, second = back.scale.end
        ends = (0.0, 1.0) if first < second else (1.0, 0.0)
        return Shape(scale=replace(back.scale, end=ends), on_change=True)


def _turned(scale: Scale) -> Literal["lin", "exp", "log"] | float:
    match scale.curve:
        case "exp":
            return "log"
        case "log":
            return "exp"
        case "lin":
            return "lin"
        case power:
            return 1.0 / power
