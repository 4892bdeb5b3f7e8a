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


Osc = Annotated[OscPart, mapping("listen: 9001 and send: 127.0.0.1:9000 on lines of their own")]
Log = Annotated[LogPart, mapping("level: info on a line of its own")]


class ConfigPart(Part):
    """A config of belabridge: what goes from a Bela board to OSC and back."""

    board: BoardParts = Field(default_factory=list)
    """Where the board is: bela.local, host:port, or a list to try; the usual places unless said."""
    osc: Osc = OscPart()
    """Where OSC is heard, and where it is sent."""
    out: OutRules | None = None
    """From the board. Without `out` and `in`, every variable goes out and can be set."""
    in_: InRules | None = Field(None, alias="in")
    """To the board. Without `out` and `in`, every variable goes out and can be set."""
    log: Log = LogPart()
    """Which lines the daemon logs, and how they look."""


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

# keys that users put one level too high, by where they put them, and where they belong
_BELONGS: dict[tuple[str, ...], dict[str, str]] = {
    (): {
        **dict.fromkeys(("listen", "send", "prefix"), "`osc:`"),
        **dict.fromkeys(("level", "format"), "`log:`"),
        **dict.fromkeys(("host", "port"), "`board:`"),
        **dict.fromkeys(("var", "take", "rate", "scale", "clip", "smooth", "expr"), "`out:` or `in:`"),
    },
    ("out",): {
        **dict.fromkeys(("address", "to", "as"), "`osc:`"),
        **dict.fromkeys(("from", "curve"), "`scale:`"),
        **dict.fromkeys(("one_euro", "min_cutoff", "beta"), "`smooth:`"),
    },
}
_BELONGS["in",] = {key: home for key, home in _BELONGS["out",].items() if home != "`osc:`"}
_OTHER: dict[tuple[str, ...], str] = {("out",): "in", ("in",): "out"}


def keys_at(trail: Trail) -> list[str]:
    """Give the keys that a mapping at this place may have."""
    words = tuple(step for step in trail if isinstance(step, str))
    part = DestinationPart if words[:2] == ("osc", "send") else _PARTS[words]
    return [field.alias or name for name, field in part.model_fields.items()]


def missing_space(key: str, known: list[str]) -> str | None:
    """Give ``var: pot1`` for ``var:pot1``, which YAML takes for one word, or None."""
    before, colon, after = key.partition(":")
    return f"{before}: {after}" if colon and before in known else None


def unknown_key(trail: Trail) -> Wrong:
    """Say that the last step of ``trail`` is no key, and which one may be meant."""
    above, key = trail[:-1], str(trail[-1])
    known = keys_at(above)
    if spaced := missing_space(key, known):
        return Wrong(f"{shown(key)} has no space after the `:`", f"write {shown(spaced)}", trail, key=True)
    words = tuple(step for step in above if isinstance(step, str))
    other = _OTHER.get(words)
    instead = did_you_mean(key, known, f"the keys here are {one_of(known)}")
    if home := _BELONGS.get(words, {}).get(key):
        instead = f"it belongs below {home}"
    elif other and key in keys_at((other,)):
        instead = f"only rules of `{other}:` have it: remove it"
    return Wrong(f"unknown key {shown(key)}", instead, trail, key=True)
