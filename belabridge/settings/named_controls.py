"""Controls by the names of controller profiles, put in the place of their names before a config is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from belabridge.settings.refusal import Wrong, did_you_mean, one_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from belabridge.settings.controllers import Profile

PLACEHOLDER = {"cc": 0}  # stands for a control that nobody knows, which has been said


def resolve(
    rules: Any, section: str, profiles: Mapping[str, Profile], ins: Sequence[str], outs: Sequence[str]
) -> Iterator[Wrong]:
    """Replace names such as ``nanoKONTROL2.slider1`` in plain rules by what the profiles say of them.

    Args:
        rules: of one section, as plain values; they are changed.
        section: its name: ``in``, ``out`` or ``links``.
        profiles: by name.
        ins: names of the ports that are heard.
        outs: names of the ports that are sent to.

    Returns:
        What is wrong with the names.
    """
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        midi = rule.get("midi") if isinstance(rule, dict) else None
        more: dict[str, Any] = {}
        path: tuple[str | int, ...] = (section, index, "midi")
        if isinstance(midi, dict) and isinstance(midi.get("control"), str):
            more = {key: value for key, value in midi.items() if key != "control"}
            midi, path = midi["control"], (*path, "control")
        if not isinstance(midi, str) or "." not in midi:
            continue
        found, wrong = _control(midi, profiles, section, ins, outs)
        if wrong is not None:
            yield Wrong(*wrong, path)
        rule["midi"] = {**found, **more}


def _control(
    text: str, profiles: Mapping[str, Profile], section: str, ins: Sequence[str], outs: Sequence[str]
) -> tuple[Mapping[str, Any], tuple[str, str] | None]:
    controller, _, control = text.partition(".")
    if controller not in profiles:
        names = list(profiles)
        known = f"there are {one_of(names)}" if names else "write {cc: 7, channel: 1}"
        instead = did_you_mean(controller, names, known) if names else known
        return PLACEHOLDER, (f"there is no profile of a controller {shown(controller)}", instead)
    profile = profiles[controller]
    if control not in profile.controls:
        names = list(profile.controls)
        few = one_of(names) if len(names) < 10 else f"{', '.join(names[:8])} and {len(names) - 8} more"
        instead = did_you_mean(control, names, f"it has {few}") if names else "write {cc: 7, channel: 1}"
        return PLACEHOLDER, (f"{shown(controller)} has no control {shown(control)}", instead)
    words: dict[str, Any] = dict(profile.controls[control])
    if section == "out":
        words.pop("relative", None)  # says how it is heard
        port = profile.port_of(outs)
        return ({**words, "to": port} if port else words), None
    port = profile.port_of(ins)
    return ({**words, "port": port} if port else words), None
