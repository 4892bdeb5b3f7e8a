"""Rules at work that the next plan takes over, because it has the same rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from belabridge.mapping.ins import Input
from belabridge.mapping.outs import Output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from belabridge.rules import InRule, OutRule

WorkT = TypeVar("WorkT", Output, Input)


class Kept(Generic[WorkT]):
    """What an old plan had at work, to be taken over once each.

    Attributes:
        taken: what was taken over.
    """

    def __init__(self, works: Iterable[WorkT]) -> None:
        self.taken: set[WorkT] = set()
        self._works: dict[OutRule | InRule, list[WorkT]] = {}
        for work in works:
            self._works.setdefault(work.rule, []).append(work)

    def take(self, rule: OutRule | InRule) -> WorkT | None:
        """The next one with this very rule; None when there is none left."""
        works = self._works.get(rule)
        if not works:
            return None
        self.taken.add(works[0])
        return works.pop(0)
