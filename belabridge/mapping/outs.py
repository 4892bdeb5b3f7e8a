"""One output rule at work: takes what the board sends, and says which messages go out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.mapping.function import IDENTITY
from belabridge.mapping.intents import NOT_FINITE, Intent, Refused, SendOsc
from belabridge.mapping.limit import Limit
from belabridge.mapping.shape import compile_shape
from belabridge.mapping.take import make_accumulator
from belabridge.mapping.way import COALESCE_S, Way
from belabridge.rules import OscOut, OutRule, Take

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    from belabridge.values import Block

# A board's clock may run this much faster than ours. The board itself paces the values of a monitor, and a
# limit a hair slower than the board would hold back each of them a little longer than the one before.
CLOCKS_DIFFER = 1.0005


class Output(ABC):
    """What all output rules have in common.

    Attributes:
        index: the place of the rule in the plan's ``out``.
        rule: the rule.
        deadline: when ``tick`` has something to do; infinity when nothing waits.
        refused: values that could not be used.
        sent: messages that went out.
    """

    __slots__ = ("index", "osc", "refused", "rule")

    deadline: float

    def __init__(self, index: int, rule: OutRule, osc: OscOut) -> None:
        self.index = index
        self.rule = rule
        self.osc = osc
        self.refused = 0

    @property
    @abstractmethod
    def sent(self) -> int:
        """Messages that went out."""

    @property
    @abstractmethod
    def superseded(self) -> int:
        """Values that the rate held back until newer ones replaced them."""

    @property
    @abstractmethod
    def value(self) -> float | None:
        """The last value that went out; for ``Take.ALL`` the last of the last samples."""

    @abstractmethod
    def block(self, block: Block, now: float, intents: list[Intent]) -> None:
        """Take a block of at least one sample."""

    @abstractmethod
    def one(
        self, x: float, now: float, intents: list[Intent], origin: Hashable | None = None, frame: int = 0
    ) -> None:
        """Take what the program reads, as one sample; ``origin`` is who set it, if it must not go back."""

    @abstractmethod
    def tick(self, now: float, intents: list[Intent]) -> None:
        """Do what is due."""

    def forget(self) -> None:
        """Let the next value go out, whether or not it differs from the last."""

    def _refuse(self, what: str, intents: list[Intent]) -> None:
        self.refused += 1
        name = f"{self.rule.var} → {self.osc.address}"
        intents.append(Refused(NOT_FINITE, f"{name}: {what}", name))


class ValueOutput(Output):
    """Each value that comes, one by one."""

    __slots__ = ("_shape", "deadline", "way")

    def __init__(self, index: int, rule: OutRule, osc: OscOut) -> None:
        super().__init__(index, rule, osc)
        compiled = compile_shape(rule.shape)
        self._shape = None if compiled.before is IDENTITY else compiled.before.one
        paced = rule.take is Take.VALUE and rule.rate_hz is not None
        rate_hz = rule.rate_hz * CLOCKS_DIFFER if paced and rule.rate_hz is not None else rule.rate_hz
        self.way = Way(rule.shape, compiled.after, rate_hz)
        self.deadline = math.inf

    @property
    def sent(self) -> int:
        """Messages that went out."""
        return self.way.sent

    @property
    def superseded(self) -> int:
        """Values that the rate held back until newer ones replaced them."""
        return self.way.superseded

    @property
    def value(self) -> float | None:
        """The last value that went out."""
        return self.way.value

    def block(self, block: Block, now: float, intents: list[Intent]) -> None:
        """Take the newest value of a block."""
        self.one(float(block.values.item(-1)), now, intents, None, block.frame)

    def one(
        self, x: float, now: float, intents: list[Intent], origin: Hashable | None = None, frame: int = 0
    ) -> None:
        """Take a value."""
        y = x if self._shape is None else self._shape(x)
        # the difference of a finite number with itself is 0, of any other NaN: one test for both
        if y - y != 0.0 or x - x != 0.0:
            self._refuse(f"{x:g} became {y:g}" if x - x == 0.0 else f"the value is {x:g}", intents)
            return
        way = self.way
        if way.offer(y, now, origin, frame):
            intents.append(SendOsc(self.index, self.osc, way.value, None, frame, None, way.origin))
        self.deadline = way.deadline

    def forget(self) -> None:
        """Let the next value go out, whether or not it differs from the last."""
        self.way.forget()

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Send what waited, or the next output of the filter."""
        way = self.way
        if way.tick(now):
            intents.append(SendOsc(self.index, self.osc, way.value, None, way.frame, None, way.origin))
        self.deadline = way.deadline


class StatisticOutput(ValueOutput):
    """One number for all samples since the last message."""

    __slots__ = ("_accumulator", "_add", "_frame", "_origin", "_owes")

    def __init__(self, index: int, rule: OutRule, osc: OscOut) -> None:
        super().__init__(index, rule, osc)
        self._accumulator = make_accumulator(rule.take)
        self._add = self._accumulator.add
        self._owes = False
        self._origin: Hashable | None = None
        self._frame = 0

    def block(self, block: Block, now: float, intents: list[Intent]) -> None:
        """Take all samples of a block."""
        self._add(block.values)
        self._frame = block.frame
        self._origin = None
        if now >= self.way.opens:
            self._settle(now, intents)
        elif not self._owes:
            self._owe()

    def one(
        self, x: float, now: float, intents: list[Intent], origin: Hashable | None = None, frame: int = 0
    ) -> None:
        """Take one sample."""
        self._accumulator.add_one(x)
        self._frame = frame
        self._origin = origin
        if now >= self.way.opens:
            self._settle(now, intents)
        elif not self._owes:
            self._owe()

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Send what the samples so far amount to, or the next output of the filter."""
        if self._owes and self.way.opens <= now + COALESCE_S:
            # as if at the very time: a tick comes early when its wake-up was put together with others
            self._settle(max(now, self.way.opens), intents)
        else:
            super().tick(now, intents)
            if self._owes:
                self._owe()

    def _settle(self, now: float, intents: list[Intent]) -> None:
        self._owes = False
        super().one(self._accumulator.result(), now, intents, self._origin, self._frame)

    def _owe(self) -> None:
        self._owes = True
        self.deadline = min(self.way.deadline, self.way.opens)


class AllOutput(Output):
    """Every sample, a block at a time."""

    __slots__ = ("_limit", "_next", "_sent", "_shape", "_superseded", "_value", "deadline")

    def __init__(self, index: int, rule: OutRule, osc: OscOut) -> None:
        super().__init__(index, rule, osc)
        before = compile_shape(rule.shape).before
        self._shape = None if before is IDENTITY else before.many
        self._limit = None if rule.rate_hz is None else Limit(rule.rate_hz)
        self._next: SendOsc | None = None
        self._sent = self._superseded = 0
        self._value: float | None = None
        self.deadline = math.inf

    @property
    def sent(self) -> int:
        """Blocks that went out."""
        return self._sent

    @property
    def superseded(self) -> int:
        """Blocks that the rate held back until newer ones replaced them."""
        return self._superseded

    @property
    def value(self) -> float | None:
        """The last sample that went out."""
        return self._value

    def block(self, block: Block, now: float, intents: list[Intent]) -> None:
        """Take a block."""
        message = SendOsc(self.index, self.osc, None, block.values, block.frame, block.relative, None)
        self._take(message, block.values, now, intents)

    def one(
        self, x: float, now: float, intents: list[Intent], origin: Hashable | None = None, frame: int = 0
    ) -> None:
        """Take one sample: a block of one."""
        values = np.array([x])
        self._take(SendOsc(self.index, self.osc, None, values, frame, None, origin), values, now, intents)

    def tick(self, now: float, intents: list[Intent]) -> None:
        """Send the block that waited."""
        if self._next is not None and self.deadline <= now + COALESCE_S:
            self._go(self._next, now, intents)

    def _take(self, message: SendOsc, values: NDArray[Any], now: float, intents: list[Intent]) -> None:
        if self._shape is not None:
            with np.errstate(all="ignore"):  # a program may send NaN in all its forms
                values = self._shape(values.astype(np.float64))
            message.values = values
        finite = np.isfinite(values)
        if not finite.all():
            self._refuse(f"{np.count_nonzero(~finite)} of {values.size} samples are not finite", intents)
            return
        if self._next is not None:
            self._superseded += 1
        if self._limit is None or self._limit.open(now):
            self._go(message, now, intents)
        else:
            self._next = message
            self.deadline = self._limit.opens

    def _go(self, message: SendOsc, now: float, intents: list[Intent]) -> None:
        if self._limit is not None:
            self._limit.passed(now)
        self._next = None
        self.deadline = math.inf
        self._sent += 1
        if message.values is not None:
            self._value = float(message.values.item(-1))
        intents.append(message)


def make_output(index: int, rule: OutRule, osc: OscOut) -> Output:
    """The output for ``rule``; ``osc`` is its address with what the rule leaves open filled in.

    Raises:
        UsageError: when a part of its shape is impossible.
    """
    match rule.take:
        case Take.VALUE:
            return ValueOutput(index, rule, osc)
        case Take.ALL:
            return AllOutput(index, rule, osc)
        case _:
            return StatisticOutput(index, rule, osc)
