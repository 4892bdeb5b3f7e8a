"""Which of the system's ports a wish means: a part of the name or a pattern, whatever its numbers are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from belabridge.rules import MidiPort

OURS = "belabridge"  # what our own ports are called in front: they are never what a wish means

# ALSA puts "20:0" behind a name (client and port, other ones at every plug-in), Windows an index, and
# Windows "2- " in front of a device that it sees in a second socket.
_NUMBERS_BEHIND = re.compile(r"\s+(\d+:\d+|\d+)$")
_WAY = re.compile(r"(?<![a-z])\(?(capture|playback|input|output|in|out)\)?(?![a-z])")
_NUMBER_IN_FRONT = re.compile(r"^\d+-\s+")


@dataclass(frozen=True, slots=True)
class SystemPort:
    """A port that the system has.

    Attributes:
        name: as its backend calls it; how it is opened.
        backend: ``jack`` or ``alsa``.
        also: other names that it has, such as a device behind ``system:midi_capture_1``.
    """

    name: str
    backend: str
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All its names, the one it is opened by first."""
        return (self.name, *self.also)


def plain(name: str) -> str:
    """A name without what changes from one plug-in to the next, ready to compare."""
    return _NUMBER_IN_FRONT.sub("", _NUMBERS_BEHIND.sub("", name.strip())).casefold()


def device(name: str) -> str:
    """What the name of a device's way in and the name of its way out have in common."""
    return " ".join(_WAY.sub(" ", plain(name)).split())


def _looks(wished: str) -> Iterable[Callable[[str], bool]]:
    """From the closest look at a name to the widest."""
    lower, bare = wished.casefold(), plain(wished)
    yield lambda name: name.casefold() == lower
    # a name of only numbers has nothing left to compare
    yield lambda name: bool(bare) and plain(name) == bare
    yield lambda name: lower in name.casefold()
    yield lambda name: bool(bare) and bare in plain(name)


def found(wish: MidiPort, ports: Sequence[SystemPort]) -> list[SystemPort]:
    """The ports that a wish means.

    A pattern means every port in whose name it is found. A name means one port: the one that is called just
    so before one whose name has it as a part, and the first of several.

    Args:
        wish: from the config; its pattern is one that compiles.
        ports: what there is, without our own.
    """
    if wish.pattern is not None:
        search = re.compile(wish.pattern, re.IGNORECASE).search
        return [port for port in ports if any(map(search, port.names))]
    for fits in _looks(wish.name):
        for port in ports:
            if any(map(fits, port.names)):
                return [port]
    return []
