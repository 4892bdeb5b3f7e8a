"""Which of the system's ports a wish means: a part of the name or a pattern, whatever its numbers are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from belabridge.rules import MidiPort

OURS = "belabridge"  # the client of each of our processes; JACK counts on: belabridge-01
# Also as other backends show it: a2jmidid and PipeWire put their own name in front.
_OURS = re.compile(rf"(?:(?:a2j|midi-bridge):)?\s*{OURS}(?:-\d+)?(?=[:\s\[(/]|$)", re.IGNORECASE)
# Clients of the system that stand for devices: it is what comes after it that is called like one.
_SYSTEM = re.compile(r"(?:system\d*|a2j|midi-bridge|alsa_(?:pcm|midi))$", re.IGNORECASE)
_COUNTED = re.compile(r"-\d+$")  # JACK's way to tell two clients of one name apart

# ALSA's client and port, other ones at every plug-in. A single number is a part of the name: "MIDI 2" is
# another socket than "MIDI 1".
_ADDRESS_BEHIND = re.compile(r"(\s+\d+:\d+)+$")
# Windows counts all its ports, and puts "2- " in front of a device that it sees in a second socket.
_COUNT_BEHIND = re.compile(r"\s+\d+$")
_COUNT_IN_FRONT = re.compile(r"^(\d+-\s+)+")
_WAY = re.compile(r"(?<![a-z])\(?(capture|playback|input|output|in|out)\)?(?![a-z])")


@dataclass(frozen=True, slots=True)
class SystemPort:
    """A port that the system has.

    Attributes:
        name: as its backend calls it; how it is opened.
        backend: ``jack`` or ``alsa``; empty where that is of no interest.
        also: other names that it has (aliases), such as a device behind ``system:midi_capture_1``.
    """

    name: str
    backend: str = ""
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All its names, the one it is opened by first."""
        return (self.name, *self.also)


def plain_case(name: str) -> str:
    """A name without what changes from one plug-in to the next."""
    return _COUNT_IN_FRONT.sub("", _ADDRESS_BEHIND.sub("", name.strip())).strip()


def plain(name: str) -> str:
    """The same, ready to compare."""
    return plain_case(name).casefold()


def _uncounted(name: str) -> str:
    """A name of Windows without its count; where a client stands in front of a colon, no count is behind."""
    return name if ":" in name else _COUNT_BEHIND.sub("", name)


def device(name: str) -> str:
    """What the name of a device's way in and the name of its way out have in common."""
    return " ".join(_WAY.sub(" ", plain(name)).split())


def is_ours(name: str) -> bool:
    """Whether a port belongs to a belabridge process, this or another."""
    return _OURS.match(name) is not None


def calls(name: str) -> str:
    """What one would call the device of a port in a config; empty when its name says nothing of one."""
    client, colon, rest = name.partition(":")
    if not _SYSTEM.match(client.strip()):
        return _COUNTED.sub("", plain_case(client) if colon else _uncounted(plain_case(client)))
    named = re.split(r"[\[(/:]", rest)[0]
    return "" if "midi_" in named.casefold() else _COUNTED.sub("", plain_case(named))


def _looks(wished: str) -> Iterable[Callable[[SystemPort], bool]]:
    """From the closest look at a port to the widest."""
    lower, bare = wished.casefold(), plain(wished)
    whole = _uncounted(bare)
    is_part = _finder(lower)
    # "2- " in front; what ends in a number is wished with this one and no other
    is_bare_part = _finder(bare) if bare and bare != lower and not lower[-1].isdecimal() else None

    def any_name(fits: Callable[[str], object]) -> Callable[[SystemPort], bool]:
        return lambda port: any(map(fits, port.names))

    yield any_name(lambda name: name.casefold() == lower)
    # a name of only numbers has nothing left to compare
    yield any_name(lambda name: bool(bare) and plain(name) == bare)
    yield lambda port: bool(whole) and _uncounted(plain(port.name)) == whole  # other names are not counted
    yield any_name(lambda name: is_part(name.casefold()))
    if is_bare_part is not None:
        yield any_name(lambda name: is_bare_part(plain(name)))


def _finder(part: str) -> Callable[[str], object]:
    """What finds it in names; a number at its end is a whole one: "midi 1" is no part of "midi 10"."""
    before = r"(?<!\d)" if part[:1].isdecimal() else ""
    after = r"(?!\d)" if part[-1:].isdecimal() else ""
    return re.compile(f"{before}{re.escape(part)}{after}").search


WHOLE = 3  # looks at a name from first to last; the later ones are at parts of it


def closeness(wish: MidiPort, port: SystemPort) -> int | None:
    """How close a port is to a wish: 0 is the closest, below ``WHOLE`` it is called just so; None = not it.

    A port of another belabridge process is meant only by its whole name: what it sends is not played by a
    hand, and two daemons that wish for ports of their own would find each other's.
    """
    ours = is_ours(port.name)
    if wish.pattern is not None:
        search = re.compile(wish.pattern, re.IGNORECASE).search
        return None if ours or not any(map(search, port.names)) else WHOLE
    for rank, fits in enumerate(_looks(wish.name)):
        if ours and rank == WHOLE:
            break
        if fits(port):
            return rank
    return None


def found(wish: MidiPort, ports: Sequence[SystemPort]) -> list[SystemPort]:
    """The ports that a wish means.

    A pattern means every port in whose name it is found. A name means one port: the one that is called just
    so before one whose name has it as a part, and the first of several.

    Args:
        wish: from the config; its pattern is one that compiles.
        ports: what there is, without our own process's.
    """
    ranked = [(rank, port) for port in ports if (rank := closeness(wish, port)) is not None]
    if wish.pattern is not None:
        return [port for _, port in ranked]
    return [min(ranked, key=lambda pair: pair[0])[1]] if ranked else []
