"""RPN and NRPN as a receiver follows them: which parameter a channel has selected, and its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from belabridge.controls import Kind
from belabridge.midi.codec.heard import Heard
from belabridge.midi.codec.pairs import Pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Container

Parameter: TypeAlias = tuple[Kind, int, int]  # kind, channel, number

NULL = 0x3FFF  # 127, 127: no parameter; data are for nobody until another one is selected
DATA_UPPER, DATA_LOWER, INCREMENT, DECREMENT = 6, 38, 96, 97
RESET_ALL = 121  # MIDI RP-015: it selects the null parameter
# controller -> the kind and whether it is the upper half of the number
SELECTORS = {99: (Kind.NRPN, True), 98: (Kind.NRPN, False), 101: (Kind.RPN, True), 100: (Kind.RPN, False)}
CONTROLLERS = frozenset({DATA_UPPER, DATA_LOWER, INCREMENT, DECREMENT, RESET_ALL, *SELECTORS})


class Parameters:
    """The parameters of one port.

    Each value is heard once for each width: as 7 bits when its upper half comes, and as 14 bits, for the
    parameters in ``fine``, when it is whole.
    """

    def __init__(self, fine: Container[Parameter]) -> None:
        self._fine = fine
        self._halves: dict[tuple[Kind, int], tuple[int | None, int | None]] = {}
        self._kinds: dict[int, Kind] = {}  # channel -> which of the two selections was made last
        self._pairs: Pairs[Parameter] = Pairs()
        self._act: dict[int, Callable[[Parameter, int, float], list[Heard]]] = {
            DATA_UPPER: self._upper,
            DATA_LOWER: self._lower,
            INCREMENT: lambda parameter, _value, _now: self._step(parameter, 1),
            DECREMENT: lambda parameter, _value, _now: self._step(parameter, -1),
        }

    def control(self, channel: int, number: int, value: int, now: float) -> list[Heard]:
        """One of ``CONTROLLERS`` came."""
        if number in SELECTORS:
            return self._select(channel, number, value)
        if number == RESET_ALL:
            out = self._settle(channel)
            for kind in (Kind.RPN, Kind.NRPN):
                self._halves.pop((kind, channel), None)
            return out
        selected = self.selected(channel)
        return [] if selected is None else self._act[number](selected, value, now)

    def selected(self, channel: int) -> Parameter | None:
        """The parameter that data on this channel are for."""
        kind = self._kinds.get(channel)
        if kind is None:
            return None
        upper, lower = self._halves.get((kind, channel), (None, None))
        if upper is None or lower is None or upper << 7 | lower == NULL:
            return None
        return kind, channel, upper << 7 | lower

    def due(self) -> float | None:
        """When ``tick`` has something to say."""
        return self._pairs.due()

    def tick(self, now: float) -> list[Heard]:
        """The values whose lower half has not come in time."""
        return [_fine(parameter, raw) for parameter, raw in self._pairs.tick(now)]

    def _select(self, channel: int, number: int, value: int) -> list[Heard]:
        out = self._settle(channel)
        before = self.selected(channel)
        kind, is_upper = SELECTORS[number]
        upper, lower = self._halves.get((kind, channel), (None, None))
        self._halves[kind, channel] = (value, lower) if is_upper else (upper, value)
        self._kinds[channel] = kind
        if before is not None and before != self.selected(channel):
            self._pairs.forget(before)
        return out

    def _settle(self, channel: int) -> list[Heard]:
        selected = self.selected(channel)
        return [] if selected is None else [_fine(selected, raw) for raw in self._pairs.settle(selected)]

    def _upper(self, parameter: Parameter, value: int, now: float) -> list[Heard]:
        kind, channel, number = parameter
        coarse = Heard(kind, channel, number, value)
        if parameter not in self._fine:
            return [coarse]
        return [*(_fine(parameter, raw) for raw in self._pairs.upper(parameter, value, now)), coarse]

    def _lower(self, parameter: Parameter, value: int, now: float) -> list[Heard]:
        return [_fine(parameter, raw) for raw in self._pairs.lower(parameter, value, now)]

    def _step(self, parameter: Parameter, steps: int) -> list[Heard]:
        kind, channel, number = parameter
        out = self._settle(channel)
        return [*out, Heard(kind, channel, number, steps, bits=0)]


def _fine(parameter: Parameter, raw: int) -> Heard:
    return Heard(*parameter, raw, bits=14)
