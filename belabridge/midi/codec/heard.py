"""What was heard: one event of one control, whole, however many messages it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from belabridge.controls import Kind, Zone


class Heard(NamedTuple):
    """One event.

    Attributes:
        kind: of the control.
        channel: 1 to 16; 0 where the kind has none.
        number: of the controller, the parameter or the note; 0 where the kind has none.
        raw: 0 to 127 or 0 to 16383 as ``bits`` says; the velocity of a note that begins; the number of a
            program; beats a minute, beats since start; 1 or 0 of transport; +1 or -1 of increment, decrement.
        bits: 7 or 14; 0 where ``raw`` is not a level: steps, program, tempo, beat, transport.
        on: a note begins; False when it ends, and for all other kinds.
        zone: set when it is heard as one of an MPE group.
        data: all bytes of a SysEx message between F0 and F7.
    """

    kind: Kind
    channel: int = 0
    number: int = 0
    raw: float = 0
    bits: int = 7
    on: bool = False
    zone: Zone | None = None
    data: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """What of a port must be put together, because a rule asks for it.

    Attributes:
        pairs: (channel, n) of the controllers 0 to 31 that are one of 14 bits with n + 32.
        parameters: whether RPN and NRPN are followed.
        fine: (kind, channel, number) of the parameters that have 14 bits.
        zones: the MPE groups.
        tempo: whether tempo and beat are worked out of the clock.
    """

    pairs: frozenset[tuple[int, int]] = frozenset()
    parameters: bool = False
    fine: frozenset[tuple[Kind, int, int]] = frozenset()
    zones: frozenset[Zone] = frozenset()
    tempo: bool = False
