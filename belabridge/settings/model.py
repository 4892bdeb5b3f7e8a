"""The whole config as one model, and which keys belong where."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from belabridge.settings.model_base import Part
from belabridge.settings.model_control import InControlPart, NotePart, OutControlPart
from belabridge.settings.model_ends import BoardPart, BoardParts, DestinationPart, LogPart, OscPart
from belabridge.settings.model_links import LinkPart
from belabridge.settings.model_logs import LogsPart, LogTriggerPart, SshPart
from belabridge.settings.model_midi import InPortPart, MidiPart, OutPortPart
from belabridge.settings.model_rules import InPart, OscOutPart, OutPart
from belabridge.settings.model_shape import OneEuroPart, ScalePart, SmoothPart
from belabridge.settings.refusal import Trail, Wrong, did_you_mean, nearest, one_of, refuse, shown
from belabridge.settings.words import Short, mapping, missing_space


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
LinkRules = Annotated[
    list[Annotated[LinkPart, mapping("{var: NAME, midi: {cc: 7}}")]], _rules("{var: NAME, midi: {cc: 7}}")
]

Osc = Annotated[OscPart, mapping("listen: 9001 and send: 127.0.0.1:9000 on lines of their own")]
Midi = Annotated[MidiPart, mapping("in: NAME and out: NAME on lines of their own")]
Log = Annotated[LogPart, mapping("level: info on a line of its own")]
Logs = Annotated[LogsPart, mapping("to: takes on a line of its own")]


class ConfigPart(Part):
    """A config of belabridge: what goes from a Bela board to OSC and MIDI, and back."""

    board: BoardParts = Field(default_factory=list)
    """Where the board is: bela.local, host:port, or a list to try; the usual places unless said."""
    osc: Osc = OscPart()
    """Where OSC is heard, and where it is sent."""
    midi: Midi = MidiPart()
    """The MIDI ports that are heard, and those that are sent to."""
    out: OutRules | None = None
    """From the board. Without `out`, `in` and `links`, every variable goes out and can be set by OSC."""
    in_: InRules | None = Field(None, alias="in")
    """To the board. Without `out`, `in` and `links`, every variable goes out and can be set by OSC."""
    links: LinkRules | None = None
    """Both ways in one line: a MIDI control, an OSC address or both, and the variable they set and show."""
    log: Log = LogPart()
    """Which lines the daemon logs, and how they look."""
    logs: Logs = LogsPart()
    """What becomes of the files that the board writes to its own disk."""


# each section is read alone, so that a fault in one hides none in another
SECTIONS: dict[str, TypeAdapter[Any]] = {
    "board": TypeAdapter(BoardParts),
    "osc": TypeAdapter(Osc),
    "midi": TypeAdapter(Midi),
    "out": TypeAdapter(OutRules),
    "in": TypeAdapter(InRules),
    "links": TypeAdapter(LinkRules),
    "log": TypeAdapter(Log),
    "logs": TypeAdapter(Logs),
}

_RULES = ("out", "in", "links")

# which part holds the keys at a place; list indices are left out
_PARTS: dict[tuple[str, ...], type[Part]] = {
    (): ConfigPart,
    ("board",): BoardPart,
    ("osc",): OscPart,
    ("log",): LogPart,
    ("logs",): LogsPart,
    ("logs", "ssh"): SshPart,
    ("out",): OutPart,
    ("in",): InPart,
    ("links",): LinkPart,
    ("midi",): MidiPart,
    ("midi", "in"): InPortPart,
    ("midi", "out"): OutPortPart,
    ("out", "osc"): OscOutPart,
    ("links", "osc"): OscOutPart,
    ("out", "midi"): OutControlPart,
    ("out", "midi", "note"): NotePart,
    ("in", "midi"): InControlPart,
    ("in", "log"): LogTriggerPart,
    ("links", "midi"): InControlPart,
    **{(section, "scale"): ScalePart for section in _RULES},
    **{(section, "smooth"): SmoothPart for section in _RULES},
    **{(section, "smooth", "one_euro"): OneEuroPart for section in _RULES},
}

# keys that users put one level too high, by where they put them, and where they belong
_BELONGS: dict[tuple[str, ...], dict[str, str]] = {
    (): {
        **dict.fromkeys(("listen", "send", "prefix"), "`osc:`"),
        **dict.fromkeys(("level", "format"), "`log:`"),
        **dict.fromkeys(("keep", "fetch", "delete_on_board", "ssh"), "`logs:`"),
        **dict.fromkeys(("host", "port"), "`board:`"),
        **dict.fromkeys(("feedback_after", "silence_on_board_loss", "clock"), "`midi:`"),
        **dict.fromkeys(("var", "take", "rate", "scale", "clip", "smooth", "expr"), "`out:` or `in:`"),
    },
    ("out",): {
        **dict.fromkeys(("address", "to", "as"), "`osc:`"),
        **dict.fromkeys(("from", "curve"), "`scale:`"),
        **dict.fromkeys(("one_euro", "min_cutoff", "beta"), "`smooth:`"),
    },
}
_OF_CONTROL = tuple(OutControlPart.model_fields.keys() | InControlPart.model_fields.keys())
_BELONGS["in",] = {key: home for key, home in _BELONGS["out",].items() if home != "`osc:`"}
for _section in _RULES:
    _BELONGS.setdefault((_section,), dict(_BELONGS["in",])).update(
        {key: "`midi:`" for key in _OF_CONTROL if key not in ("to", "on", "off", "control", "bits")}
    )
# where else a key may belong, and what has it there
_OTHER: dict[tuple[str, ...], tuple[tuple[str, ...], str]] = {
    ("out",): (("in",), "rules of `in:`"),
    ("in",): (("out",), "rules of `out:`"),
    ("links",): (("out",), "rules of `out:`"),
    ("out", "midi"): (("in", "midi"), "controls of `in:`"),
    ("in", "midi"): (("out", "midi"), "controls of `out:`"),
    ("links", "midi"): (("out", "midi"), "controls of `out:`"),
    ("midi", "in"): (("midi", "out"), "ports of `midi.out`"),
}


def keys_at(trail: Trail) -> list[str]:
    """Give the keys that a mapping at this place may have."""
    words = tuple(step for step in trail if isinstance(step, str))
    part = DestinationPart if words[:2] == ("osc", "send") else _PARTS[words]
    return [field.alias or name for name, field in part.model_fields.items()]


def is_strange(key: str) -> bool:
    """Whether a key is like none that any part of a config has."""
    known = {field.alias or name for part in _PARTS.values() for name, field in part.model_fields.items()}
    return nearest(key.partition(":")[0], known) is None


def unknown_key(trail: Trail) -> Wrong:
    """Say that the last step of ``trail`` is no key, and which one may be meant."""
    above, key = trail[:-1], str(trail[-1])
    known = keys_at(above)
    if spaced := missing_space(key, known):
        return Wrong(f"{shown(key)} has no space after the `:`", f"write {shown(spaced)}", trail, key=True)
    words = tuple(step for step in above if isinstance(step, str))
    other = _OTHER.get(words)
    homes = _BELONGS.get(words, {})
    instead = did_you_mean(key, known, f"the keys here are {one_of(known)}")
    near = nearest(key, [*known, *homes])
    if key in homes:
        instead = f"it belongs below {homes[key]}"
    elif words == ("in",) and key == "feedback":
        instead = "write the rule below `links:`"
    elif other is not None and key in keys_at(other[0]):
        instead = f"only {other[1]} have it: remove it"
    elif near in homes and near not in known:
        instead = f"did you mean `{near}`? it belongs below {homes[near]}"
    return Wrong(f"unknown key {shown(key)}", instead, trail, key=True)
