"""What the ports' process says of the system's ports and of those that are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from belabridge.midi.names import SystemPort, is_ours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.rules import MidiPort


@dataclass(frozen=True, slots=True)
class Ports:
    """What the system has, without this process's own.

    Attributes:
        ins: what can be heard.
        outs: what can be sent to.
        own_ins: what other belabridge processes send; meant only by its whole name.
        own_outs: what other belabridge processes hear; the same.
    """

    ins: tuple[SystemPort, ...] = ()
    outs: tuple[SystemPort, ...] = ()
    own_ins: tuple[SystemPort, ...] = ()
    own_outs: tuple[SystemPort, ...] = ()

    @classmethod
    def of(cls, ins: Sequence[Sequence[str]], outs: Sequence[Sequence[str]]) -> Ports:
        """Sort them; each is listed with its name and then its other ones."""
        sorted_ = [
            tuple([SystemPort(name, also=tuple(also)) for name, *also in way if is_ours(name) is own])
            for own in (False, True)
            for way in (ins, outs)
        ]
        return cls(*sorted_)


@dataclass(frozen=True, slots=True)
class OpenPort:
    """A port that is open now.

    Attributes:
        id: never used twice by one process.
        wish: the name in the config.
        name: what the system calls it; of a virtual one its own name.
        virtual: whether it is one of ours, for others to connect to.
        also: its other names, as ``SystemPort`` has them.
    """

    id: int
    wish: str
    name: str
    virtual: bool
    also: tuple[str, ...] = ()


def opened(
    listed: Sequence[Sequence[Any]], wishes: Mapping[int, MidiPort], ports: Sequence[Sequence[str]]
) -> dict[int, OpenPort]:
    """The open ports by id, those whose wish is none any more left out."""
    also = {name: tuple(more) for name, *more in ports}
    return {
        id_: OpenPort(id_, wishes[number].name, name, virtual, () if virtual else also.get(name, ()))
        for id_, number, name, virtual in listed
        if number in wishes
    }
