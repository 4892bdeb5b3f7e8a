"""What is known of one variable of the board: who owns it, what was last taken of it, who set it."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from belabridge.stored import equal, was_set
from belabridge.values import Block, Variable, VarType

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from belabridge.mapping.outs import Output

# A list that was asked for before a value was set may still be on its way: for so long it is not believed
# when it says that nobody controls the variable.
STALE_LIST_S = 1.0
# A buffer of an audio-rate variable comes within 0.1 s; without any for so long, perhaps none ever comes.
SILENT_S = 1.0
# Values that were set and that no list has shown yet: a fader at 200 messages/s, and a second between lists.
SETS_REMEMBERED = 256


class Truth:
    """One mapped variable.

    Attributes:
        name: as the board writes it.
        values: its outputs that take a monitor's single values.
        streams: its outputs that take every sample.
        controlled: a client owns the value, so the program's own is not what it reads.
        present: the board has it.
    """

    __slots__ = (
        "_denied",
        "_fed",
        "_heard",
        "_kind",
        "_owed_since",
        "_sets",
        "_taken_until",
        "_undo",
        "controlled",
        "name",
        "present",
        "streams",
        "values",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: list[Output] = []
        self.streams: list[Output] = []
        self.controlled = False
        self.present = False
        self._kind = VarType.DOUBLE
        self._heard: Block | None = None
        self._fed: float | None = None
        self._owed_since: float | None = None  # the streams have not been fed: perhaps samples come
        self._sets: deque[tuple[float, Hashable]] = deque(maxlen=SETS_REMEMBERED)
        self._taken_until = -math.inf
        self._denied = (
            math.nan
        )  # the ``_taken_until`` of the set that the board has answered with another value
        self._undo = (False, -math.inf, False)

    def bind(self, variable: Variable | None) -> None:
        """A new table: this variable is ``variable`` now, or the board does not have it (None).

        Who controls a variable that was there before is left to ``read``, which knows of stale tables.
        """
        if variable is None:
            self.present = self.controlled = False
            return
        self.controlled = variable.controlled or (self.present and self.controlled)
        self.present = True
        self._kind = variable.type

    def hear(self, block: Block) -> None:
        """The program sent a value of its own, and it counts."""
        self._heard = block
        if self._sets:
            self._sets.clear()

    def set(self, value: float, origin: Hashable | None, now: float) -> None:
        """We take control and set ``value``, on behalf of ``origin``."""
        self._undo = (self.controlled, self._taken_until, origin is not None)
        self.controlled = True
        self._taken_until = now + STALE_LIST_S
        if origin is not None:
            self._sets.append((value, origin))

    def set_surely(self, value: float, origin: Hashable, now: float) -> None:
        """The same as ``set`` for a value that nothing can refuse any more."""
        self.controlled = True
        self._taken_until = now + STALE_LIST_S
        self._sets.append((value, origin))

    def unset(self) -> None:
        """The last ``set`` was refused: the board has never heard of it."""
        self.controlled, self._taken_until, remembered = self._undo
        if remembered and self._sets:
            self._sets.pop()

    def read(self, variable: Variable, now: float, *, first: bool) -> Sequence[Output]:
        """The program reads ``variable.value``; the outputs to which that has to be fed.

        The first answer of a connection feeds every output of single values. Those that take every sample are
        fed only when no samples tell it: what somebody controls, or has given back, and once the value of a
        variable that the program, as it seems, assigns nothing. One that changes by itself is assigned, and
        its samples are on their way.
        """
        if not variable.controlled and now < self._taken_until and not first:
            return ()
        owned = self.controlled or variable.controlled
        self.controlled = variable.controlled
        self._kind = variable.type
        if self._sets and (first or now >= self._taken_until) and not self.tells(variable.value):
            self._denied = self._taken_until
        heard, self._heard = self._heard, None
        if heard is not None:
            self._owed_since = None
            self._fed = float(heard.values.item(-1))
            if not (variable.controlled or first):
                return ()
        if first:
            self._fed = variable.value
            self._owed_since = None if variable.controlled else now
            return (*self.values, *self.streams) if variable.controlled else self.values
        same = self._fed is not None and equal(self._kind, self._fed, variable.value)
        owed = self._owed_since is not None and now - self._owed_since >= SILENT_S
        self._fed = variable.value
        if not same or owed:
            self._owed_since = None
        if same:
            return self.streams if owed else ()
        return (*self.values, *self.streams) if owned else self.values

    def told(self, value: float, now: float) -> Sequence[Output]:
        """A monitor tells what the program reads, whoever owns it; the outputs to feed with a new value."""
        if self._sets and now >= self._taken_until and not self.tells(value):
            self._denied = self._taken_until
        self._heard = self._owed_since = None
        if self._fed is not None and equal(self._kind, self._fed, value):
            return ()
        self._fed = value
        return (*self.values, *self.streams) if self.controlled else self.values

    def current(self) -> float | None:
        """What the program reads, as far as it is known here; None before anything is.

        A value that was just set counts at once; what the board tells instead, only when it cannot have been
        on its way before.
        """
        if not self.controlled:
            return self._fed if self._heard is None else float(self._heard.values.item(-1))
        return self._sets[-1][0] if self._sets and self._denied != self._taken_until else self._fed

    def same(self, one: float | None, other: float | None) -> bool:
        """Whether two answers of ``current`` are the same value to a variable of this type."""
        if one is None or other is None:
            return one is other
        return one == other or was_set(self._kind, one, other) or was_set(self._kind, other, one)

    def tells(self, value: float) -> bool:
        """Whether ``value`` is what a board tells after the newest ``set``."""
        return was_set(self._kind, self._sets[-1][0], value)

    def origin_of(self, value: float) -> Hashable | None:
        """Who set ``value``: the newest one; None when it was changed elsewhere, which ends the search."""
        for place in range(len(self._sets) - 1, -1, -1):
            value_set, origin = self._sets[place]
            if was_set(self._kind, value_set, value):
                for _ in range(place):
                    self._sets.popleft()
                return origin
        self._sets.clear()
        return None
