"""The rules of a config that says nothing: every variable out, and every variable in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.rules import InRule, OscOut, OutRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from belabridge.values import Variable


def default_rules(
    variables: Iterable[Variable], sanitise: Callable[[str], str], prefix: str = "/bela"
) -> tuple[list[OutRule], list[InRule]]:
    """Every variable as ``prefix/name``, out as a float at the default rate, and in.

    Args:
        variables: of the board.
        sanitise: makes a name fit for an address; where two become the same, the later one gets ``_2``, …
        prefix: an OSC address.
    """
    out: list[OutRule] = []
    in_: list[InRule] = []
    taken: set[str] = set()
    for variable in variables:
        part = wanted = sanitise(variable.name)
        number = 1
        while part in taken:
            number += 1
            part = f"{wanted}_{number}"
        taken.add(part)
        address = f"{prefix}/{part}"
        out.append(OutRule(variable.name, osc=OscOut(address)))
        in_.append(InRule(address, var=variable.name))
    return out, in_
