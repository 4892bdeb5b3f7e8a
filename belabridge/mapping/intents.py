"""What a plan wants to be done: the messages to send and the values to set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np
    from numpy.typing import NDArray

    from belabridge.mapping.function import Floats
    from belabridge.rules import LogTrigger, MidiOut, OscOut
    from belabridge.values import VarType


@dataclass(slots=True)
class SendOsc:
    """One output's message.

    Attributes:
        rule_index: the place of its rule in the plan's ``out``.
        osc: where it goes.
        value: the number; None when there are ``values``.
        values: for ``Take.ALL``: every sample (n,), finite, of the board's own type when the rule changes
            nothing, float64 otherwise; None when there is a ``value``.
        frame: audio frame of the value, or of the first of ``values``; for a statistic, of the last block.
        relative: for a sparse variable: frames of ``values`` after ``frame``, uint32 (n,); otherwise None.
        skip: the origin that must not get it, because it came from there; None when all do.
    """

    rule_index: int
    osc: OscOut
    value: float | None
    values: NDArray[Any] | None
    frame: int
    relative: NDArray[np.uint32] | None
    skip: Hashable | None


@dataclass(slots=True)
class SetValue:
    """Take control of a variable of the board and set it.

    Attributes:
        rule_index: the place of its rule in the plan's ``in_``.
        var: the variable's name.
        value: finite, not yet of the variable's type.
        is_edge: the program must see it even when the opposite follows at once, as that of a gate.
    """

    rule_index: int
    var: str
    value: float
    is_edge: bool = False


@dataclass(slots=True)
class SendBuffer:
    """Fill a buffer of the program.

    Attributes:
        rule_index: the place of its rule in the plan's ``in_``.
        buffer: its id or its name.
        type: its C type; None = as the board says.
        values: float64 (n,), finite, not yet of that type; n is at least 1.
    """

    rule_index: int
    buffer: int | str
    type: VarType | None
    values: Floats


@dataclass(slots=True)
class SendMidi:
    """Tell a control its value.

    Attributes:
        rule_index: the place of its rule in the plan's ``out``.
        midi: where it goes.
        value: a position 0 to 1; the number of a program, 0 to 127; beats a minute of a tempo; 1.0 for a
            pulse (clock, start, stop, continue); steps, whole and with their sign, of what says steps.
        skip: who set it, a ``MidiOrigin`` or another origin: it does not go back there; None = nobody.
    """

    rule_index: int
    midi: MidiOut
    value: float
    skip: Hashable | None


@dataclass(slots=True)
class SendNote:
    """Begin or end a note; each note that begins ends with the same number, whatever happens to the rule.

    Attributes:
        rule_index: the place of its rule in the plan's ``out``.
        midi: where it goes.
        on: it begins; False when it ends.
        note: 0 to 127.
        velocity: 1 to 127 of a note that begins; 0 of one that ends.
        skip: as in ``SendMidi``; of a note that ends None, so that none ever hangs.
    """

    rule_index: int
    midi: MidiOut
    on: bool
    note: int
    velocity: int
    skip: Hashable | None


@dataclass(slots=True)
class WriteLog:
    """Begin or end logs on the board's own disk.

    Attributes:
        rule_index: the place of its rule in the plan's ``in_``.
        trigger: which, and for how long.
        on: begin; False = end; None = end them if any runs, else begin.
    """

    rule_index: int
    trigger: LogTrigger
    on: bool | None


@dataclass(slots=True)
class Refused:
    """Something came that cannot be used; nothing goes out for it.

    Attributes:
        reason: a fixed word, for counting: one of ``REASONS``.
        detail: one line for a person; a peer's text in it is cut and escaped.
        name: of the rule: its address or control.
    """

    reason: str
    detail: str
    name: str = ""


NOT_FINITE = "mapping.not_finite"
WRONG_TYPE = "osc.wrong_type"
REASONS = frozenset({NOT_FINITE, WRONG_TYPE})

Intent = SendOsc | SendMidi | SendNote | SetValue | SendBuffer | WriteLog | Refused
