"""One input rule at work: takes the arguments of messages, and says what the board gets."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.mapping.arguments import all_numbers, first_number, shown
from belabridge.mapping.function import IDENTITY
from belabridge.mapping.intents import NOT_FINITE, WRONG_TYPE, Intent, Refused, SendBuffer, SetValue
from belabridge.mapping.limit import Limit
from belabridge.mapping.reach import Reach
from belabridge.mapping.shape import compile_shape
from belabridge.mapping.way import COALESCE_S, Way
from belabridge.rules import Scale

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from belabridge.mapping.truth import Truth
    from belabridge.rules import InRule

EVERY_TYPE_TAKES = 3e38  # rounded or saturated; only beyond it a value has to be looked at


class Input(ABC):
    """What all input rules have in common.

    Attributes:
        index: the place of the rule in the plan's ``in_``.
        rule: the rule.
        deadline: when ``tick`` has something to do; infinity when nothing waits.
        received: messages that came, those that were refused among them.
        refused: messages that could not be used.
        value: the number of the last usable message, as it came; None before the first.
    """

    __slots__ = ("deadline", "index", "received", "refused", "rule", "value")

    def __init__(self, index: int, rule: InRule) -> None:
        self.index = index
        self.rule = rule
        self.deadline = math.inf
        self.received = self.refused = 0
        self.value: float | None = None

    @abstractmethod
    def tick(self, now: float, intents: list[Intent]) -> None:
        """Do what is due."""

    def shown(self) -> float | None:
        """What its address says when it is asked; None when there is nothing to say."""
        return self.value


class OscInput(Input):
    """What all input rules of OSC have in common."""

    __slots__ = ()

    @abstractmethod
    def take(self, args: Sequence[Any], origin: Hashable, now: float, intents: list[Intent]) -> None:
        """Take a message's arguments, of which there is at least one."""

    def _refuse(self, reason: str, what: str, intents: list[Intent]) -> None:
        self.refused += 1
        intents.append(Refused(reason, f"{self.rule.osc}: {what}", self.rule.osc or ""))


class VariableInput(OscInput):
    """Sets a variable to the first number of each message."""

    __slots__ = ("_shape", "_truth", "_way", "is_free", "var")

    def __init__(self, index: int, rule: InRule, truth: Truth) -> None:
        super().__init__(index, rule)
        self._truth, self.var = truth, truth.name
        compiled = compile_shape(rule.shape)
        self._shape = None if compiled.before is IDENTITY else compiled.before.one
        self._way = Way(rule.shape, compiled.after, rule.rate_hz)
        self.is_free = self._way.is_free

    def take(self, args: Sequence[Any], origin: Hashable, now: float, intents: list[Intent]) -> None:
        """Take a message's arguments."""
        self.received += 1
        x = args[0] if type(args[0]) is float else first_number(args)
        if x is None:
            self._refuse(WRONG_TYPE, f"a number is needed, not {shown(args)}", intents)
            return
        y = x if self._shape is None else self._shape(x)
        if y - y != 0.0 or x - x != 0.0:
            self._refuse(NOT_FINITE, f"{x:g} becomes {y:g}, which no board takes", intents)
            return
        self.value = x
        if self.is_free:
            self._truth.set(y, origin, now)
            intents.append(SetValue(self.index, self.var, y))
            return
        if self._way.offer(y, now, origin):
            self._go(now, intents)
        self.deadline = self._way.deadline

    def shown(self) -> float | None:
        """The number that an address says when it is asked: the one that makes the variable what it is.

        None when there is none, or when it cannot be told: an ``expr`` has no way back.
        """
        current, shape = self._truth.current(), self.rule.shape
        one = (lambda x: x) if self._shape is None else self._shape
        if current is None or (self.value is not None and self._truth.same(one(self.value), current)):
            return self.value
        if shape.expr is not None:
            return None
        if shape.scale is None and not shape.invert:
            return current
        low, high = sorted((shape.scale or Scale()).start)
        x = Reach(shape, low, high).position_of(current)
        return x if self._truth.same(one(x), current) else None

    def pass_on(self, x: float, origin: Hashable, now: float) -> float | None:
        """What the board gets at once for a number; None when that is not so simple, and nothing was done.

        It is the commonest case of ``take`` in one step: nothing is done in time, and the variable is there.
        """
        y = x if self._shape is None else self._shape(x)
        # NaN is not less than anything
        truth = self._truth
        if not (truth.present and -EVERY_TYPE_TAKES < y < EVERY_TYPE_TAKES and -math.inf < x < math.inf):
            return None
        self.received += 1
        self.value = x
        truth.set_surely(y, origin, now)
        return y

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Set what waited, or the next output of the filter."""
        if self._way.tick(now):
            self._go(now, intents)
        self.deadline = self._way.deadline

    def _go(self, now: float, intents: list[Intent]) -> None:
        if self._way.value is not None:
            self._truth.set(self._way.value, self._way.origin, now)
            intents.append(SetValue(self.index, self.var, self._way.value))


class BufferInput(OscInput):
    """Fills a buffer of the program with the numbers of each message."""

    __slots__ = ("_buffer", "_limit", "_next", "_shape")

    def __init__(self, index: int, rule: InRule, buffer: int | str) -> None:
        super().__init__(index, rule)
        before = compile_shape(rule.shape).before
        self._shape = None if before is IDENTITY else before.many
        self._limit = None if rule.rate_hz is None else Limit(rule.rate_hz)
        self._buffer = buffer
        self._next: SendBuffer | None = None

    def take(self, args: Sequence[Any], origin: Hashable, now: float, intents: list[Intent]) -> None:  # noqa: ARG002 - a buffer does not come back, so there is no echo
        """Take a message's arguments."""
        self.received += 1
        values = all_numbers(args)
        if values is None or values.size == 0:
            what = f"numbers or one blob of float32 are needed, not {shown(args)}"
            self._refuse(WRONG_TYPE, what, intents)
            return
        finite = np.isfinite(values)
        if self._shape is not None:
            values = self._shape(values)
            finite &= np.isfinite(values)
        if not finite.all():
            what = f"{np.count_nonzero(~finite)} of {values.size} values are not finite"
            self._refuse(NOT_FINITE, what, intents)
            return
        self.value = float(values.item(-1))
        message = SendBuffer(self.index, self._buffer, self.rule.buffer_type, values)
        if self._limit is None or self._limit.open(now):
            self._go(message, now, intents)
        else:
            self._next = message
            self.deadline = self._limit.opens

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Send the buffer that waited."""
        if self._next is not None and self.deadline <= now + COALESCE_S:
            self._go(self._next, now, intents)

    def _go(self, message: SendBuffer, now: float, intents: list[Intent]) -> None:
        if self._limit is not None:
            self._limit.passed(now)
        self._next = None
        self.deadline = math.inf
        intents.append(message)
