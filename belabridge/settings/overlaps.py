"""Controls that two rules mean: no fault, for it may be wanted, but often a slip."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from belabridge.controls import Control, Kind, control_name

if TYPE_CHECKING:
    from belabridge.rules import InRule
    from belabridge.settings.config import Config


def overlaps(config: Config) -> list[tuple[tuple[int, int], str]]:
    """Find controls that move two variables, and controllers that are half of one of 14 bits.

    Args:
        config: without faults.

    Returns:
        The place of the second rule of each pair, and a sentence.
    """
    rules = [rule for rule in config.in_ or () if rule.midi is not None]
    return [
        (second.place, said)
        for first, second in combinations(rules, 2)
        if (said := _said(first, second)) is not None
    ]


def _said(first: InRule, second: InRule) -> str | None:
    if first.midi is None or second.midi is None:
        return None
    one, other = first.midi.control, second.midi.control
    apart = one.zone != other.zone or any(
        None not in pair and pair[0] != pair[1]
        for pair in ((one.channel, other.channel), (one.port, other.port))
    )
    if apart:
        return None
    if (one.kind, one.number, one.template) == (other.kind, other.number, other.template):
        names = " and ".join(dict.fromkeys([*first.variables, *second.variables]))
        return f"{control_name(other)} moves {names}: is that meant?"
    for whole, half in ((one, other), (other, one)):
        if _is_half(whole, half):
            return f"{control_name(half)} is half of {control_name(whole)}: is that meant?"
    return None


def _is_half(whole: Control, half: Control) -> bool:
    number = whole.number or 0
    return whole.kind is Kind.CC14 and half.kind is Kind.CC and half.number in {number, number + 32}
