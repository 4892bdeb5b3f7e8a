"""What each control of a port should say, what it was told, and what waits for room or for a hand to go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from belabridge.controls import Control, Kind, MidiOrigin
from belabridge.midi.codec.feedback import Hands
from belabridge.rules import MidiOut

if TYPE_CHECKING:
    from collections.abc import Container, Hashable
    from typing import TypeGuard

    from belabridge.midi.codec.cable import Cable

Key: TypeAlias = tuple[Kind, int, int | tuple[int, ...]]  # kind, channel, number or SysEx template

_NEVER_WAIT = frozenset({Kind.SYSEX, Kind.NOTE})
# The finest parameter has so many: who hears more in one direction has been at its end for long.
MOST_STEPS = 16383


@dataclass(slots=True)
class State:
    """One control.

    Attributes:
        control: how it is told.
        raw: what it should say; of a light its velocity, 0 is off.
        feedback: it is a motor or a ring: it is not told anything while a hand is on it.
        told: the last that it was told; None when nobody knows what it shows.
    """

    control: Control
    raw: int
    feedback: bool
    told: int | None = None


class Told:
    """The controls of one port.

    Attributes:
        hands: what is being touched.
        superseded: how many values never went because a newer one of the same control did.
    """

    def __init__(self, name: str, cable: Cable, feedback_after_s: float) -> None:
        self.hands: Hands[Key] = Hands(feedback_after_s)
        self.superseded = 0
        self._name = name
        self._cable = cable
        self._states: dict[Key, State] = {}
        self._steps: dict[MidiOut, int] = {}  # how many still have to go
        # the longest waiting first; a dict because it keeps the order
        self._waiting: dict[Key | MidiOut, None] = {}

    def adopt(self, other: Told) -> None:
        """Know what another port's controls should say, and its settings."""
        self.hands.after_s = other.hands.after_s
        for key, state in other._states.items():
            self._states.setdefault(key, replace(state, told=None))

    def value(self, key: Key, state: State, skip: Hashable | None, now: float, *, repeat: bool) -> None:
        """A control should say something, maybe what it says already."""
        state = self._remember(key, state)
        if not state.feedback and self.is_echo(skip, key):
            state.told = None  # the hand has moved it
        elif not self._is_held(key, state) and (repeat or state.told != state.raw):
            self._queue(key, state, now)
            return
        self._waiting.pop(key, None)

    def turn(self, midi: MidiOut, steps: int, skip: Hashable | None) -> None:
        """A control hears so many steps more, with their sign; those that wait add up."""
        control = midi.control
        if _is_of(skip, self._name, (control.kind, control.channel or 1, control.number or 0)):
            return
        waiting = self._steps.pop(midi, 0) + steps
        if waiting:
            self._steps[midi] = min(max(waiting, -MOST_STEPS), MOST_STEPS)
            self._waiting.setdefault(midi)
        else:  # back again before any went
            self._waiting.pop(midi, None)

    def at_once(self, key: Key, state: State, now: float) -> None:
        """A control must say something before what comes next; no hand and no limit holds it back."""
        state = self._remember(key, state)
        self._waiting.pop(key, None)
        if state.told != state.raw:
            self._tell(key, state, now)

    def is_echo(self, skip: Hashable | None, key: Key) -> bool:
        """Whether a value would go back to the control that it came from."""
        return _is_of(skip, self._name, key) and not skip.relative

    def touched(self, origin: MidiOrigin, now: float) -> None:
        """A control of some device moved."""
        if origin.port != self._name or origin.relative:
            return
        key: Key = (origin.kind, origin.channel, origin.number)
        self.hands.touched(key, now)
        state = self._states.get(key)
        if state is not None:
            state.told = None
            if state.feedback:
                self._waiting.pop(key, None)

    def refresh(self, now: float) -> None:
        """Tell every control what it should say, as there is room; those under a hand when it has gone."""
        for key, state in self._states.items():
            state.told = None
            if not self._is_held(key, state):
                self._queue(key, state, now)

    def put_out(self) -> None:
        """All lights went out: nobody knows what they show."""
        for key, state in self._states.items():
            if key[0] is Kind.NOTE:
                state.told = None

    def moved(self, key: Key) -> None:
        """Something else than we told this control what it shows now."""
        state = self._states.get(key)
        if state is not None:
            state.told = None

    def show_again(self, now: float) -> None:
        """Tell motors and lights what they should show, where something else has changed that."""
        for key, state in self._states.items():
            if state.feedback and state.told is None and not self.hands.held(key):
                self._queue(key, state, now)

    def keep(self, controls: Container[Control], now: float) -> None:
        """Forget all but these; a light that is forgotten is put out."""
        for key, state in list(self._states.items()):
            if state.control in controls:
                continue
            del self._states[key]
            self._waiting.pop(key, None)
            if key[0] is Kind.NOTE and state.told:
                state.raw = 0
                self._tell(key, state, now)

    def keep_turns(self, outs: Container[MidiOut]) -> None:
        """Forget the steps that wait for others than these."""
        for midi in [midi for midi in self._steps if midi not in outs]:
            del self._steps[midi], self._waiting[midi]

    def due(self) -> float | None:
        """When ``tick`` has something to do."""
        off = self.hands.due()
        if not self._waiting:
            return off
        opens = self._cable.limit.opens()
        return opens if off is None else min(opens, off)

    def tick(self, now: float) -> None:
        """Tell what waited, as far as there is room, and those whose hand has gone."""
        for key in self.hands.let_go(now):
            state = self._states.get(key)
            if state is not None and state.feedback:
                self._queue(key, state, now)
        while self._waiting and self._cable.is_open(now):
            next_ = next(iter(self._waiting))
            del self._waiting[next_]
            if isinstance(next_, MidiOut):
                self._turn(next_, now)
            else:
                self._tell(next_, self._states[next_], now)

    def _turn(self, midi: MidiOut, now: float) -> None:
        """One message of steps; the rest waits behind what others wait for."""
        steps = self._steps.pop(midi)
        left = steps - self._cable.turn(midi, steps, now)
        if left:
            self._steps[midi] = left
            self._waiting[midi] = None

    def _remember(self, key: Key, state: State) -> State:
        known = self._states.setdefault(key, state)
        known.control, known.raw, known.feedback = state.control, state.raw, state.feedback
        return known

    def _is_held(self, key: Key, state: State) -> bool:
        return state.feedback and self.hands.held(key)

    def _queue(self, key: Key, state: State, now: float) -> None:
        if key[0] in _NEVER_WAIT or (not self._waiting and self._cable.is_open(now)):
            self._tell(key, state, now)
        else:
            self.superseded += key in self._waiting
            self._waiting[key] = None

    def _tell(self, key: Key, state: State, now: float) -> None:
        kind, channel, number = key
        state.told = state.raw
        if isinstance(number, tuple):
            number = 0  # a SysEx template has its own
        if kind is Kind.NOTE:
            self._cable.light(channel, number, state.raw, now)
        else:
            self._cable.tell(state.control, channel, number, state.raw, now)


def _is_of(skip: Hashable | None, port: str, key: Key) -> TypeGuard[MidiOrigin]:
    """Whether it is the control ``key`` of that port."""
    return (
        isinstance(skip, MidiOrigin) and skip.port == port and (skip.kind, skip.channel, skip.number) == key
    )
