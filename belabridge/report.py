"""What a bridge tells about itself: all of it, and in one line."""

from __future__ import annotations

from statistics import quantiles
from typing import TYPE_CHECKING, Any

from belabridge.board.status import LinkState
from belabridge.controls import control_name

if TYPE_CHECKING:
    from belabridge.bridge import Bridge
    from belabridge.mapping.rule_status import RuleStatus
    from belabridge.rules import InRule, OutRule


def report(bridge: Bridge, now: float) -> dict[str, Any]:
    """The whole status, as JSON can carry it; ``now`` on the loop's clock."""
    link = bridge.link.status
    out, in_ = bridge.plan.status()
    return {
        "board": {
            "address": str(link.address) if link.address else None,
            "looking_at": [str(address) for address in bridge.link.looking_at],
            "connected": link.state is LinkState.CONNECTED,
            "project": link.project or None,
            "sampleRate": link.sample_rate,
            "since_s": now - link.since,
            "silent_s": now - link.listed_at if link.state is LinkState.CONNECTED else None,
            "reconnects": max(0, link.connections - 1),
            "variables": len(bridge.variables),
        },
        "listen": None if bridge.server is None else f"{bridge.server.host}:{bridge.server.port}",
        "out": [
            _out(rule, how) | _type(bridge, rule.var) for rule, how in zip(bridge.plan.out, out, strict=True)
        ],
        "in": [
            _in(rule, how) | _type(bridge, rule.var) for rule, how in zip(bridge.plan.in_, in_, strict=True)
        ],
        "midi": bridge.midi.status(),
        "destinations": [
            {
                "name": sender.name,
                "host": sender.host,
                "port": sender.port,
                "sent": sender.sent,
                "refused": sender.refused,
                "dropped": sender.dropped + sender.too_large + sender.unresolved,
                "down": sender.is_down,
            }
            for sender in bridge.ends.senders
        ],
        "subscribers": [
            {"host": host, "port": port, "left_s": left_s, "sent": sent}
            for (host, port), left_s, sent in bridge.ends.subscribers()
        ],
        "drops": dict(bridge.tally.counts),
        "latency_ms": _latency(bridge.link.delays_s),
        "errors": [
            {"ago_s": now - complaint.at, "reason": complaint.reason, "text": complaint.text}
            for complaint in bridge.tally.recent
        ],
    }


def summary(bridge: Bridge) -> str:
    """One line for a service manager."""
    link = bridge.link.status
    if link.state is LinkState.CONNECTED:
        n_out, n_in = len(bridge.plan.out), len(bridge.plan.in_)
        return f"{link.project} at {link.address}: {n_out} outputs, {n_in} inputs"
    return "looking for a board at " + ", ".join(map(str, bridge.link.looking_at))


def _out(rule: OutRule, how: RuleStatus) -> dict[str, Any]:
    return {
        "var": rule.var,
        "take": rule.take.value,
        **_goal(rule),
        "value": how.value,
        "per_s": how.per_s,
        "sent": how.count,
        "superseded": how.superseded,
        "refused": how.refused,
        "missing": how.missing,
    }


def _type(bridge: Bridge, name: str | None) -> dict[str, str]:
    """The type of a variable, while the board has it."""
    variable = bridge.variables.get(name) if name is not None else None
    return {} if variable is None else {"type": variable.type.value}


def _goal(rule: OutRule) -> dict[str, Any]:
    """Where it goes: an OSC address, or a control of MIDI."""
    if rule.midi is not None:
        return {"midi": control_name(rule.midi.control), "to": list(rule.midi.to)}
    return {"address": rule.osc.address, "to": list(rule.osc.to)} if rule.osc else {"address": "", "to": []}


def _meant(rule: InRule) -> tuple[str, ...]:
    return rule.variables if rule.log is None else rule.log.names


def _in(rule: InRule, how: RuleStatus) -> dict[str, Any]:
    return {
        **({"midi": control_name(rule.midi.control)} if rule.midi else {"osc": rule.osc}),
        **({"buffer": rule.buffer} if rule.buffer is not None else {"var": " ".join(_meant(rule))}),
        "value": how.value,
        "per_s": how.per_s,
        "received": how.count,
        "refused": how.refused,
        "missing": how.missing,
    }


def _latency(delays_s: tuple[float, ...]) -> dict[str, float | None]:
    """Milliseconds that bursts of samples spent in this program."""
    if len(delays_s) < 2:
        return {"median": None, "p99": None}
    cuts = quantiles(delays_s, n=100)
    return {"median": cuts[49] * 1e3, "p99": cuts[98] * 1e3}
