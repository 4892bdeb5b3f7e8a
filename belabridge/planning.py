"""The plan of a config for a board: rules that were left out, and addresses that nobody has written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from belabridge.mapping.defaults import default_rules
from belabridge.mapping.plan import Plan
from belabridge.naming import addresses
from belabridge.rules import OscOut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.rules import InRule, OutRule
    from belabridge.settings.config import Config
    from belabridge.values import Variable


def planned(config: Config, variables: Mapping[str, Variable], old: Plan | None = None) -> Plan:
    """The plan of a config for a board with these variables, the heir of an ``old`` one.

    Raises:
        UsageError: a rule is impossible.
    """
    prefix = config.osc.prefix
    out: Sequence[OutRule] = config.out or ()
    in_: Sequence[InRule] = config.in_ or ()
    if config.out is None and config.in_ is None:
        out, in_ = default_rules(variables, prefix)
    named = addresses([rule.var for rule in out if _lacks_address(rule)], prefix)
    addressed = [
        replace(rule, osc=replace(rule.osc or OscOut(""), address=named[rule.var]))
        if _lacks_address(rule)
        else rule
        for rule in out
    ]
    return Plan(addressed, in_, old)


def _lacks_address(rule: OutRule) -> bool:
    """Whether it goes to OSC, at the default address of its variable."""
    return rule.midi is None and (rule.osc is None or not rule.osc.address)
