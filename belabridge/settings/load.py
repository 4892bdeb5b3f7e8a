"""A config file's text into a ``Config``, or all its faults at once."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from belabridge.errors import ConfigError, Fault
from belabridge.rules import MidiSettings
from belabridge.settings import cross, named_controls
from belabridge.settings.again import without
from belabridge.settings.config import Config
from belabridge.settings.marks import read
from belabridge.settings.model import SECTIONS, keys_at, unknown_key
from belabridge.settings.refusal import Refused, Wrong, nearest, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from belabridge.rules import InRule, OutRule
    from belabridge.settings.controllers import Profile
    from belabridge.settings.marks import Node
    from belabridge.settings.refusal import Trail

DEPTH_OF_A_RULE = 4  # parts within parts: each may be looked at only when those within it are right
_NO_PROFILES: Mapping[str, Profile] = MappingProxyType({})
_ADD = {
    "vars": "add `vars: [NAME]`, variables of the board",
    "var": "add `var: NAME`, a variable of the board",
    "address": "add `address: /synth/cutoff`",
    "host": "add `host: 192.168.7.2`, or another name or address",
    "port": "add `port: 9000`, or another number",
    "name": "add `name: NAME`, part of the port's name",
}


def parse(
    text: str,
    file: str,
    *,
    check_expr: Callable[[str], str | None] | None = None,
    check_rule: Callable[[OutRule | InRule], str | None] | None = None,
    profiles: Mapping[str, Profile] = _NO_PROFILES,
) -> Config:
    """Read a config.

    Args:
        text: of the whole file.
        file: its name in the faults.
        check_expr: says what is wrong with an ``expr``, or None; without it any text is taken.
        check_rule: says what makes a whole rule impossible, or None; asked when nothing else is wrong.
        profiles: of controllers, by name, for controls such as ``nanoKONTROL2.slider1``.

    Raises:
        ConfigError: with every fault, in the order of the file.
    """
    root, faults = read(text, file)
    if not isinstance(root.value, dict):
        problem = "a config is made of keys with values"
        raise ConfigError(
            [
                *faults,
                Fault(
                    file,
                    *root.place,
                    problem,
                    "begin with `board:`, `osc:`, `midi:`, `out:`, `in:` or `links:`",
                ),
            ]
        )
    wrongs = [*_unknown_sections(root), *cross.empty_keys(root)]
    sections = _read_sections(root, profiles, wrongs)
    if check_expr is not None:
        wrongs += cross.expressions(root, check_expr)
    osc = sections["osc"].settings() if "osc" in sections else Config().osc
    if "osc" in sections or root.get("osc") is None:
        wrongs += cross.destinations(root, osc.destinations)
    if "midi" in sections or root.get("midi") is None:
        wrongs += cross.midi_ports(root, _midi(sections))
    faults = _placed(wrongs, root, file, faults)
    if faults:
        raise ConfigError(list(dict.fromkeys(faults)))
    config = _config(root, sections)
    if check_rule is not None:
        rules: list[OutRule | InRule] = [*(config.out or ()), *(config.in_ or ())]
        problems = [(rule, check_rule(rule)) for rule in rules]
        if faults := [Fault(file, *rule.place, problem) for rule, problem in problems if problem]:
            raise ConfigError(faults)
    return config


def _read_sections(root: Node, profiles: Mapping[str, Profile], wrongs: list[Wrong]) -> dict[str, Any]:
    """Read each section alone, so that a fault in one hides none in another."""
    sections: dict[str, Any] = {}
    for name, adapter in SECTIONS.items():
        node = root.get(name)
        if node is None or node.value is None:
            continue
        plain = node.plain()
        if name in {"out", "in", "links"}:
            midi = _midi(sections)
            ins, outs = [port.name for port in midi.ins], [port.name for port in midi.outs]
            wrongs += named_controls.resolve(plain, name, profiles, ins, outs)
        try:
            sections[name] = adapter.validate_python(plain)
        except ValidationError as error:
            wrongs += _all_wrongs(error, name, plain, root)
    return sections


def _all_wrongs(error: ValidationError, section: str, plain: Any, root: Node) -> list[Wrong]:
    """Give what is wrong with a section, also what is looked for only where the single values are right."""
    wrongs = list(_wrongs(error, section, root))
    for _ in range(DEPTH_OF_A_RULE):
        plain = without(plain, error.errors(include_url=False))
        if plain is None:
            break
        try:
            SECTIONS[section].validate_python(plain)
            break
        except ValidationError as more:
            error = more
        seen = {root.find(wrong.path, key=wrong.key) for wrong in wrongs}
        # what stands where a fault is already comes of taking that out
        wrongs += [
            wrong
            for wrong in _wrongs(error, section, root)
            if root.find(wrong.path, key=wrong.key) not in seen
        ]
    return wrongs


def _midi(sections: Mapping[str, Any]) -> MidiSettings:
    return sections["midi"].settings() if "midi" in sections else MidiSettings()


def _placed(wrongs: Iterable[Wrong], root: Node, file: str, traps: Sequence[Fault]) -> list[Fault]:
    """Give the faults with their places; a word that is a trap already is not blamed twice."""
    faults = {(fault.line, fault.column): fault for fault in traps}
    found = []
    for wrong in wrongs:
        place = root.find(wrong.path, key=wrong.key)
        if place in faults and not wrong.key:
            # only here it is known what belongs there instead
            faults[place] = replace(faults[place], instead=wrong.instead)
        else:
            found.append(Fault(file, *place, wrong.problem, wrong.instead))
    return [*faults.values(), *found]


def _unknown_sections(root: Node) -> Iterator[Wrong]:
    if isinstance(root.value, dict):
        yield from (unknown_key((key,)) for key in root.value if key not in SECTIONS)


def _wrongs(error: ValidationError, section: str, root: Node) -> Iterator[Wrong]:
    for one in error.errors(include_url=False):
        trail = (section, *(step for step in one["loc"] if step != ""))
        match one["type"]:
            case "extra_forbidden":
                yield unknown_key(trail)
            case "missing":
                key = str(trail[-1])
                if not _is_said(root, trail):
                    yield Wrong(f"`{key}` is missing", _ADD[key], trail[:-1])
            case "value_error" if isinstance(refused := one["ctx"]["error"], Refused):
                for wrong in refused.wrongs:
                    if not any(_is_said(root, (*trail, *wrong.path, key)) for key in wrong.needs):
                        yield wrong.below(*trail)
            case _:
                yield Wrong(
                    f"{shown(one['input'])} cannot stand here", "see docs/config.md for what can", trail
                )


def _is_said(root: Node, trail: Trail) -> bool:
    """Whether a missing key is there after all, without a value or misspelled, which is said."""
    node, missing = root, str(trail[-1])
    for step in trail[:-1]:
        node = node.get(step) or node
    if not isinstance(node.value, dict):
        return False
    known = keys_at(trail[:-1])
    strange = [key for key in node.value if key not in known]
    return missing in node.value or any(
        missing in (key.split(":")[0], nearest(key, known)) for key in strange
    )


def _config(root: Node, sections: Mapping[str, Any]) -> Config:
    default = Config()
    midi = _midi(sections)
    names = tuple(port.name for port in midi.outs)
    outs, ins, links = (sections.get(name) for name in ("out", "in", "links"))
    out = [rule for n, part in enumerate(outs or ()) for rule in part.rules(root.find(("out", n)))]
    in_ = [part.rule(root.find(("in", n))) for n, part in enumerate(ins or ())]
    for n, part in enumerate(links or ()):
        more_out, more_in = part.rules(root.find(("links", n)), names)
        out += more_out
        in_ += more_in
    return Config(
        board=tuple(part.address() for part in sections.get("board", ())),
        osc=sections["osc"].settings() if "osc" in sections else default.osc,
        midi=midi,
        out=None if outs is None and links is None else tuple(out),
        in_=None if ins is None and links is None else tuple(in_),
        log=sections["log"].settings() if "log" in sections else default.log,
        logs=sections["logs"].settings() if "logs" in sections else default.logs,
        listen_place=root.find(("osc", "listen")),
    )
