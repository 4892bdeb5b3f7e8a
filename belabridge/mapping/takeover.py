"""What a control does while its variable has another value than it shows: jump, pickup, scale, relative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from belabridge.controls import Kind
from belabridge.rules import Takeover

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.controls import Control, Touch
    from belabridge.mapping.reach import Reach

# Half of the wider steps of a control: a hand cannot show a value more exactly than that. The upper half of
# a 7-bit control has 63 steps, that of a 14-bit one 8191.
HALF_STEP_7 = 0.5 / 126
HALF_STEP_14 = 0.5 / 16382

# A motor fader is where feedback has brought it, and not where the hand left it. Its first word then leaps
# over many steps and lands next to the value; a hand that pushes it there without a motor jumps no further.
LEAP = 8 / 127
LANDS = 4 / 127


class Hand(Protocol):
    """Turns what a control says into the position that its rule acts on."""

    def move(self, touch: Touch, value: float | None) -> float | None:
        """Take what the control says.

        Args:
            touch: the control's words.
            value: what the variable is; None when nobody knows.

        Returns:
            A position within the control's reach; None when nothing is to be done.
        """
        ...

    def lose(self) -> None:
        """The variable was changed elsewhere: what was agreed on does not count any more."""

    def change(self) -> None:
        """Another control speaks now: nothing is known of where it was."""


def was_brought(position: float, before: float | None, value: float) -> bool:
    """Whether a motor has moved the control since it spoke last.

    Args:
        position: what it says now.
        before: what it said then; None = it has not spoken.
        value: the position where feedback brings it.
    """
    return abs(position - value) <= LANDS and (before is None or abs(position - before) > LEAP)


class Jump:
    """The variable jumps to where the control is."""

    __slots__ = ()

    def move(self, touch: Touch, value: float | None) -> float | None:  # noqa: ARG002 - it does not matter here
        """The position itself."""
        return touch.value

    def lose(self) -> None:
        """Nothing was agreed on."""

    def change(self) -> None:
        """Where it was does not matter."""


class Pickup:
    """Nothing happens until the control passes over the value; from then on the two are one.

    What counts is the way between two positions and not the distance from the value: a fast move skips over
    it. The way is as wide as the control is coarse. A value outside of what the control reaches is met at
    the end that is nearest to it.
    """

    __slots__ = ("_before", "_half", "_has", "_reach", "_same", "has_motor")

    def __init__(self, reach: Reach, half: float, same: Callable[[float, float], bool]) -> None:
        self._reach, self._half, self._same = reach, half, same
        self._before: float | None = None
        self._has = False
        self.has_motor = False

    def move(self, touch: Touch, value: float | None) -> float | None:
        """The position, once it has passed over the value."""
        position, spoke = touch.value, self._before
        before = position if spoke is None else spoke
        self._before = position
        if not self._has:
            self._has = value is None or self._passes(before, position, value)
        if not self._has and self.has_motor and value is not None:
            self._has = was_brought(position, spoke, self._reach.position_of(value))
        return position if self._has else None

    def _passes(self, before: float, position: float, value: float) -> bool:
        reach = self._reach
        first = reach.one(max(min(before, position) - self._half, 0.0))
        last = reach.one(min(max(before, position) + self._half, 1.0))
        value = reach.held(value)
        if min(first, last) <= value <= max(first, last):
            return True
        return self._same(first, value) or self._same(last, value)

    def lose(self) -> None:
        """Wait again."""
        self._has = False

    def change(self) -> None:
        """Wait again, from where the other control is."""
        self._has = False
        self._before = None


class CatchUp:
    """Value and control move together, each over what is left of its own way, until they meet.

    Up: when the control covers a part of its way to the upper end, the value covers the same part of its
    own; down, the same with the lower end. So nothing jumps, and both arrive at the ends together.
    """

    __slots__ = ("_at", "_before", "_half", "_has", "_reach", "_same", "has_motor")

    def __init__(self, reach: Reach, half: float, same: Callable[[float, float], bool]) -> None:
        self._reach, self._half, self._same = reach, half, same
        self._before: float | None = None
        self._at: float | None = None
        self._has = False
        self.has_motor = False

    def move(self, touch: Touch, value: float | None) -> float | None:
        """The position of the value, moved on by the control's part of the way."""
        position, before = touch.value, self._before
        self._before = position
        if self._at is None and value is not None:
            # of all positions that give a value, the control may be at another one
            self._has = self._has or self._same(self._reach.one(position), value)
            self._at = self._reach.position_of(value)
        if not self._has and self.has_motor and self._at is not None:
            self._has = was_brought(position, before, self._at)
        if self._has or self._at is None:
            self._has = True
            return position
        at = self._at
        if before is not None and position > before:
            self._at += (position - before) / (1.0 - before) * (1.0 - at)
        elif before is not None and position < before:
            self._at += (position - before) / before * at
        if abs(self._at - position) <= self._half:
            self._has = True
            return position
        return None if self._at == at else self._at

    def lose(self) -> None:
        """Begin where the value is now."""
        self._has = False
        self._at = None

    def change(self) -> None:
        """Begin where the other control is."""
        self.lose()
        self._before = None


class Offset:
    """The value moves by as much as the control does, from wherever it is."""

    __slots__ = ("_at", "_before", "_reach", "has_motor")

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self.has_motor = False
        self._before: float | None = None
        self._at: float | None = None

    def move(self, touch: Touch, value: float | None) -> float | None:
        """The position of the value, moved by as much as the control was."""
        position, before = touch.value, self._before
        self._before = position
        if value is None:
            self._at = position
            return position
        if self._at is None:
            self._at = self._reach.position_of(value)
        if self.has_motor and was_brought(position, before, self._at):
            before = self._at
        if before is None:
            return None
        at = self._at
        self._at = min(max(at + position - before, 0.0), 1.0)
        return None if self._at == at else self._at

    def lose(self) -> None:
        """Begin where the value is now."""
        self._at = None

    def change(self) -> None:
        """Begin where the other control is."""
        self._at = self._before = None


def make_takeover(
    mode: Takeover, control: Control, reach: Reach, same: Callable[[float, float], bool]
) -> Hand:
    """The hand for ``mode``.

    Args:
        mode: what the rule says.
        control: says how fine it is.
        reach: what its positions 0 to 1 give.
        same: whether two values are one to the variable.
    """
    half = HALF_STEP_14 if is_fine(control) else HALF_STEP_7
    match mode:
        case Takeover.JUMP:
            return Jump()
        case Takeover.PICKUP:
            return Pickup(reach, half, same)
        case Takeover.SCALE:
            return CatchUp(reach, half, same)
        case Takeover.RELATIVE:
            return Offset(reach)


def is_fine(control: Control) -> bool:
    """Whether it says its position in 14 bits."""
    return (
        control.kind in {Kind.CC14, Kind.BEND}
        or (control.kind in {Kind.RPN, Kind.NRPN} and control.bits == 14)
        or -2 in control.template
    )
