"""The rules of a config that says nothing: every variable out, and every variable in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.naming import addresses
from belabridge.rules import InRule, OscOut, OutRule

if TYPE_CHECKING:
    from collections.abc import Iterable


def default_rules(names: Iterable[str], prefix: str) -> tuple[list[OutRule], list[InRule]]:
    """Every variable as ``prefix/name``, out as a float at the default rate, and in.

    Args:
        names: of the board's variables.
        prefix: an OSC address.
    """
    named = addresses(names, prefix).items()
    out = [OutRule(name, osc=OscOut(address)) for name, address in named]
    return out, [InRule(address, var=name) for name, address in named]
