"""How a rule is doing, as its plan tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """How a rule is doing.

    Attributes:
        value: the last value that went out, or the last number that came in; None before the first.
        count: messages sent (out), or received (in).
        per_s: of these, how many a second lately.
        superseded: values that the rate held back until newer ones replaced them (out).
        refused: values that could not be used.
        missing: the board does not have its variable.
    """

    value: float | None
    count: int
    per_s: float
    superseded: int
    refused: int
    missing: bool
