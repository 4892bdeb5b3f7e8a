"""The whole config as one model, and which keys belong where."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from belabridge.settings.model_base import Part
from belabridge.settings.model_ends import BoardPart, BoardParts, DestinationPart, LogPart, OscPart
from belabridge.settings.model_rules import InPart, OscOutPart, OutPart
from belabridge.settings.model_shape import OneEuroPart, ScalePart, SmoothPart
from belabridge.settings.refusal import Trail, Wrong, did_you_mean, one_of, refuse, shown
from belabridge.settings.words import Short, mapping


def _rules(example: str) -> Short:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            raise refuse("rules are a list", "put `- ` before each")
        if not isinstance(value, list):
            raise refuse(f"{shown(value)} is no list of rules", f"write `- {example}` below")
        return value

    return Short(read)


OutRules = Annotated[list[Annotated[OutPart, mapping("{var: NAME}")]], _rules("var: NAME")]
InRules = Annotated[
    list[Annotated[InPart, mapping("{osc: /address, var: NAME}")]], _rules("{osc: /address, var: NAME}")
]


Osc = Annotated[OscPart, mapping("listen and send below")]
Log = Annotated[LogPart, mapping("{level: info}")]


class ConfigPart(Part):
    """A config of belabridge: what goes from a Bela board to OSC and back."""

    board: BoardParts = Field(default_factory=list)
    """Where the board is: bela.local, host:port, or a list to try; the usual places unless said."""
    osc: Osc = OscPart()
    """The OSC ends."""
    out: OutRules | None = None
    """From the board; without it, every variable goes out."""
    in_: InRules | None = Field(None, alias="in")
    """To the board; without it, every variable can be set."""
    log: Log = LogPart()
    """How the daemon writes its log."""


# each section is read alone, so that a fault in one hides none in another
SECTIONS: dict[str, TypeAdapter[Any]] = {
    "board": TypeAdapter(BoardParts),
    "osc": TypeAdapter(Osc),
    "out": TypeAdapter(OutRules),
    "in": TypeAdapter(InRules),
    "log": TypeAdapter(Log),
}

# which part holds the keys at a place; list indices are left out
_PARTS: dict[tuple[str, ...], type[Part]] = {
    (): ConfigPart,
    ("board",): BoardPart,
    ("osc",): OscPart,
    ("log",): LogPart,
    ("out",): OutPart,
    ("in",): InPart,
    ("out", "osc"): OscOutPart,
    ("out", "scale"): ScalePart,
    ("in", "scale"): ScalePart,
    ("out", "smooth"): SmoothPart,
    ("in", "smooth"): SmoothPart,
    ("out", "smooth", "one_euro"): OneEuroPart,
    ("in", "smooth", "one_euro"): OneEuroPart,
}

# keys that users put one level too high, and where they belong
_BELONGS = {
    "listen": "`osc:`", "send": "`osc:`", "prefix": "`osc:`", "level": "`log:`", "format": "`log:`",
    "host": "`board:`", "var": "`out:` or `in:`", "from": "`scale:`", "curve": "`scale:`",
    "address": "`osc:`", "to": "`osc:`", "as": "`osc:`", "one_euro": "`smooth:`", "min_cutoff": "`one_euro:`",
    "beta": "`one_euro:`",
}  # fmt: skip


def keys_at(trail: Trail) -> list[str]:
    """Give the keys that a mapping at this place may have."""
    words = tuple(step for step in trail if isinstance(step, str))
    part = DestinationPart if words[:2] == ("osc", "send") else _PARTS[words]
    return [field.alias or name for name, field in part.model_fields.items()]


def unknown_key(trail: Trail) -> Wrong:
    """Say that the last step of ``trail`` is no key, and which one may be meant."""
    *above, last = trail
    key, known = str(last), keys_at(tuple(above))
    before, colon, after = key.partition(":")
    if colon and before in known:
        return Wrong(
            f"{shown(key)} has no space after the `:`",
            f"write {shown(f'{before}: {after}')}",
            trail,
            key=True,
        )
    home = _BELONGS.get(key)
    otherwise = f"it belongs below {home}" if home else f"here are {one_of(known)}"
    return Wrong(f"unknown key {shown(key)}", did_you_mean(key, known, otherwise), trail, key=True)
