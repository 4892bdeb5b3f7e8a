"""Which rules an event concerns, and what it says in their terms: compiled once, without a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from belabridge.controls import Kind, MidiOrigin, Touch
from belabridge.midi.codec import sysex
from belabridge.midi.codec.heard import Heard, Needs
from belabridge.midi.codec.levels import position
from belabridge.midi.codec.relative import relative_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.controls import Control
    from belabridge.rules import InRule, MidiIn

_REMEMBERED = (
    4096  # keys whose rules are known: all controls of a room; a sender of random ones starts afresh
)
_PARAMETERS = frozenset({Kind.RPN, Kind.NRPN})
_NO_CHANNEL = frozenset({Kind.SYSEX, Kind.CLOCK, Kind.START, Kind.STOP, Kind.CONTINUE, Kind.TEMPO, Kind.BEAT})


class Routes:
    """The rules of one port.

    Attributes:
        needs: what its decoder must put together for them.
        port: what the config calls it; it goes into the origin of each touch, as ``device`` does.
    """

    def __init__(
        self, rules: Sequence[InRule], port: str, device: int = 0, *, only_its_own: bool = False
    ) -> None:
        """Compile.

        Args:
            rules: all rules; those that this port does not concern are passed over.
            port: what the config calls it.
            device: which of the ports of that name it is.
            only_its_own: leave out the rules that name no port: they hear it by another of its names.
        """
        self.port, self._device = port, device
        ports = {port} if only_its_own else {None, port}
        self._rules = [
            (index, rule.midi)
            for index, rule in enumerate(rules)
            if rule.midi is not None and rule.midi.control.port in ports
        ]
        self.needs = _needs([midi.control for _, midi in self._rules])
        self._found: dict[tuple[object, ...], tuple[MidiOrigin, list[tuple[int, MidiIn]]]] = {}
        self._touches: dict[Heard, list[tuple[int, Touch, MidiOrigin]]] = {}

    def touches(self, heard: Heard) -> list[tuple[int, Touch, MidiOrigin]]:
        """The rules that an event concerns, by their places among all rules, with what it says to each.

        The list may be given again: it is not to be changed.
        """
        known = self._touches.get(heard) if heard.bits == 7 else None
        if known is not None:
            return known
        origin, rules = self._lookup(heard)
        if not rules:
            return []
        touches = [
            (index, touch, origin) for index, midi in rules if (touch := _said(heard, midi)) is not None
        ]
        # of 14 bits there are too many to remember, and the rest is rare
        if heard.bits == 7 and heard.kind is not Kind.SYSEX:
            _make_room(self._touches)
            self._touches[heard] = touches
        return touches

    def origin(self, heard: Heard) -> MidiOrigin:
        """The control that an event came from."""
        return self._lookup(heard)[0]

    def _lookup(self, heard: Heard) -> tuple[MidiOrigin, list[tuple[int, MidiIn]]]:
        key = (heard.kind, heard.channel, heard.number, heard.bits, heard.zone)
        found = self._found.get(key)
        if found is None:
            rules = [(index, midi) for index, midi in self._rules if _concerns(midi.control, heard)]
            steps = heard.bits == 0 and heard.kind in _PARAMETERS
            relative = steps or any(midi.relative is not None for _, midi in rules)
            origin = MidiOrigin(self.port, heard.kind, heard.channel, heard.number, relative, self._device)
            _make_room(self._found)
            found = self._found[key] = (origin, rules)
        return found


def _make_room(cache: dict[Any, Any]) -> None:
    if len(cache) >= _REMEMBERED:
        cache.clear()


def _needs(controls: list[Control]) -> Needs:
    def channels(control: Control) -> range:
        anywhere = control.channel is None or control.zone is not None
        return range(1, 17) if anywhere else range(control.channel or 1, (control.channel or 1) + 1)

    kinds = {control.kind for control in controls}
    zones = frozenset(control.zone for control in controls if control.zone is not None)
    return Needs(
        pairs=frozenset(
            (channel, control.number)
            for control in controls
            if control.kind is Kind.CC14 and control.number is not None
            for channel in channels(control)
        ),
        # the size of an MPE zone is a parameter
        parameters=bool(kinds & _PARAMETERS) or bool(zones),
        fine=frozenset(
            (control.kind, channel, control.number)
            for control in controls
            if control.kind in _PARAMETERS and control.bits == 14 and control.number is not None
            for channel in channels(control)
        ),
        zones=zones,
        tempo=bool(kinds & {Kind.TEMPO, Kind.BEAT}),
    )


def _concerns(control: Control, heard: Heard) -> bool:
    kind = heard.kind
    if control.kind is not kind or control.zone is not heard.zone:
        return False
    if control.zone is None and kind not in _NO_CHANNEL and control.channel not in {None, heard.channel}:
        return False
    if kind in _PARAMETERS and heard.bits not in {0, control.bits}:
        return False
    return control.number is None or control.number == heard.number


def _said(heard: Heard, midi: MidiIn) -> Touch | None:
    """What an event says to a rule; None when it says nothing: no step, another SysEx message."""
    kind, raw, bits = heard.kind, heard.raw, heard.bits
    if kind is Kind.NOTE:
        value = position(int(raw), 7) if heard.on else 0.0
        return Touch(value, note=heard.number, on=heard.on, channel=heard.channel)
    if kind is Kind.SYSEX:
        said = sysex.match(midi.control.template, heard.data)
        return None if said is None else Touch(said)
    if bits == 0:
        return Touch(float(raw), steps=kind in _PARAMETERS, channel=heard.channel)
    if midi.relative is not None:
        steps = relative_steps(int(raw), bits, midi.relative)
        return Touch(float(steps), steps=True, channel=heard.channel) if steps else None
    note = heard.number if kind is Kind.POLY_PRESSURE else -1
    return Touch(position(int(raw), bits), note=note, channel=heard.channel)
