"""A controller's profile: names for its controls, so that a config may say ``nanoKONTROL2.slider1``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from belabridge.errors import ConfigError, Fault
from belabridge.settings.marks import read
from belabridge.settings.refusal import did_you_mean, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from belabridge.settings.marks import Node, Place

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_KEYS = ("title", "ports", "controls")

# what may be counted up, and its greatest number
_NUMBERED = {"cc": 127, "cc14": 31, "note": 127, "poly_pressure": 127, "rpn": 16383, "nrpn": 16383}
_WORDS = (*_NUMBERED, "bend", "pressure", "program", "channel", "bits", "relative")


@dataclass(frozen=True, slots=True)
class Profile:
    """One controller.

    Attributes:
        title: what it is called in a shop.
        ports: parts of the names that its ports have.
        controls: by name, each as a config writes it after ``midi:``, such as ``{"cc": 0, "channel": 1}``.
    """

    title: str
    ports: tuple[str, ...]
    controls: Mapping[str, Mapping[str, Any]]

    def port_of(self, names: Iterable[str]) -> str | None:
        """Give the one of these names of ports that can only be this controller's, or None.

        Args:
            names: as a config has them in ``midi.in`` (parts of the system's names), or the system's own.
        """
        mine = [name for name in names if self.is_port(name)]
        return mine[0] if len(mine) == 1 else None

    def is_port(self, name: str) -> bool:
        """Whether a port of this name is this controller's."""
        low = name.casefold()
        return bool(low) and any(part.casefold() in low for part in self.ports)

    def name_of(self, control: Mapping[str, Any]) -> str | None:
        """Give the name of a control, written as in ``controls``; or None."""
        return next((name for name, known in self.controls.items() if known == control), None)


def profile(text: str, file: str) -> Profile:
    """Read a profile.

    A control with a list of numbers is several: ``knob: {cc: [16, 17], channel: 1}`` is knob1 and knob2.

    Args:
        text: of the whole file, YAML: ``title``, ``ports`` and ``controls``.
        file: its name in the faults.

    Raises:
        ConfigError: with every fault.
    """
    root, faults = read(text, file)
    reader = _Reader(file, list(faults))
    found = reader.profile(root)
    if reader.faults:
        raise ConfigError(reader.faults)
    return found


class _Reader:
    """Makes a profile of a tree, and collects what is wrong with it."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file = file
        self.faults = faults

    def profile(self, root: Node) -> Profile:
        parts = root.value if isinstance(root.value, dict) else {}
        for key in parts:
            if key not in _KEYS:
                instead = did_you_mean(key, list(_KEYS), "a profile has title, ports and controls")
                self._fault(root.keys[key], f"unknown key {shown(key)}", instead)
        for key in _KEYS:
            if key not in parts:
                self._fault(root.place, f"`{key}` is missing", f"add `{key}:`")
        title = parts["title"].value if "title" in parts else ""
        return Profile(str(title), self._ports(parts.get("ports")), self._controls(parts.get("controls")))

    def _fault(self, place: Place, problem: str, instead: str) -> None:
        self.faults.append(Fault(self.file, *place, problem, instead))

    def _ports(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        items = node.value if isinstance(node.value, list) else [node]
        names = [item.value for item in items]
        if not names or not all(isinstance(name, str) and name for name in names):
            self._fault(node.place, "`ports` are parts of names", "write ports: [nanoKONTROL2]")
            return ()
        return tuple(str(name) for name in names)

    def _controls(self, node: Node | None) -> dict[str, dict[str, Any]]:
        controls: dict[str, dict[str, Any]] = {}
        if node is None:
            return controls
        if not isinstance(node.value, dict):
            self._fault(node.place, "`controls` are names", "write `fader: {cc: 7, channel: 1}` below")
            return controls
        for name, control in node.value.items():
            place = node.keys[name]
            if not _NAME.fullmatch(name):
                self._fault(place, f"{shown(name)} is no name", "use letters, digits and `_`")
                continue
            for each, one in self._several(name, control):
                if each in controls:
                    self._fault(place, f"{shown(each)} is given twice", "call one of the two otherwise")
                controls[each] = one
        return controls

    def _several(self, name: str, node: Node) -> list[tuple[str, dict[str, Any]]]:
        """Give the controls of one line by their names."""
        if not isinstance(node.value, dict):
            self._fault(node.place, f"{shown(name)} says no control", "write {cc: 7, channel: 1}")
            return []
        fine = [self._word(word, node) for word in node.value]
        kinds = [word for word in node.value if word in _WORDS[: _WORDS.index("channel")]]
        if len(kinds) != 1:
            self._fault(node.place, f"{shown(name)} must be one kind of control", "write {cc: 7, channel: 1}")
            return []
        if not all(fine):
            return []
        plain = node.plain()
        numbers = plain[kinds[0]]
        if not isinstance(numbers, list):
            return [(name, plain)]
        return [(f"{name}{at}", plain | {kinds[0]: number}) for at, number in enumerate(numbers, start=1)]

    def _word(self, word: str, control: Node) -> bool:
        """Whether one word of a control is right."""
        node = control.get(word)
        if word not in _WORDS or node is None:
            instead = did_you_mean(word, list(_WORDS), "write cc, note or channel")
            self._fault(control.keys[word], f"unknown key {shown(word)}", instead)
            return False
        most = _NUMBERED.get(word)
        if most is None:
            return True  # of these the config itself knows more, and says it where the name is used
        items = node.value if isinstance(node.value, list) else [node]
        for item in items:
            number = item.value
            if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
                shape = "a list" if isinstance(number, list | dict) else shown(number)
                self._fault(item.place, f"{shape} is no number of a `{word}`", f"write 0 to {most}")
                return False
        if not items:
            self._fault(node.place, "no numbers", "write them, such as [0, 1, 2]")
        return bool(items)
