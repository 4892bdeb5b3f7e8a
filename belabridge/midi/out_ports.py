"""The ways out: an outlet for each port that is open, and one for a wish whose port is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from belabridge.midi.codec.outlet import Outlet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from belabridge.midi.ports import OpenPort
    from belabridge.rules import MidiPort


@dataclass(slots=True, eq=False)
class OutPort:
    """A port of a wish, there or away: what its device shows and plays is known of it alone.

    Attributes:
        wish: the name in the config.
        outlet: what goes to it.
        open: the port; None while it is away, and what goes out goes nowhere.
        name: what the system called it when it was open last.
    """

    wish: str
    outlet: Outlet
    open: OpenPort | None = None
    name: str = ""


class OutPorts:
    """Those of all wishes, in the order of the config."""

    def __init__(self) -> None:
        self._own: dict[str, list[OutPort]] = {}
        self._shared: dict[str, list[OutPort]] = {}  # ports of other wishes that a wish means too

    def __iter__(self) -> Iterator[OutPort]:
        return (out for outs in self._own.values() for out in outs)

    def of(self, wish: str) -> Sequence[OutPort]:
        """Where what is for a wish goes."""
        return [*self._own.get(wish, ()), *self._shared.get(wish, ())]

    def want(self, wishes: Iterable[MidiPort]) -> None:
        """Have these wishes. The port of a new one knows what was to be told to the others."""
        old, self._own = self._own, {}
        for wish in wishes:
            self._own[wish.name] = old.get(wish.name) or [
                _like(wish.name, [o for v in old.values() for o in v])
            ]
        self._shared = {name: kept for name, outs in self._shared.items() if (kept := self._kept(outs))}

    def follow(self, open_outs: Mapping[int, OpenPort]) -> list[OutPort]:
        """Take note of what is open; gives the ports that are there anew.

        One that comes back has the outlet that it had. A port that two wishes mean is one port, that of the
        first.
        """
        for out in self:
            if out.open is not None and open_outs.get(out.open.id) != out.open:
                out.open = None
        there = [out for out in self if out.open is not None]
        known = {out.open.id for out in there if out.open is not None}
        named = {out.open.name: out for out in there if out.open is not None and not out.open.virtual}
        self._shared = {}
        anew = []
        for id_, port in open_outs.items():
            if id_ in known or port.wish not in self._own:
                continue
            other = None if port.virtual else named.get(port.name)
            if other is not None and other.wish != port.wish:
                self._shared.setdefault(port.wish, []).append(other)
                continue
            out = self._for(port)
            out.open, out.name = port, port.name
            if not port.virtual:
                named[port.name] = out
            anew.append(out)
        return anew

    def _for(self, port: OpenPort) -> OutPort:
        """The outlet that a port had before, or that none has, or one that should say the same as others."""
        outs = self._own[port.wish]
        away = [out for out in outs if out.open is None]
        if away:
            return min(away, key=lambda out: (out.name != port.name, out.name != ""))
        outs.append(_like(port.wish, outs))
        return outs[-1]

    def _kept(self, outs: Iterable[OutPort]) -> list[OutPort]:
        own = list(self)
        return [out for out in outs if out in own]


def _like(wish: str, others: Iterable[OutPort]) -> OutPort:
    outlet = Outlet(wish)
    for other in others:
        outlet.adopt(other.outlet)
    return OutPort(wish, outlet)
