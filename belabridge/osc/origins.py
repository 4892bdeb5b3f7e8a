"""Which ends a message may have come from: what it set does not go back there.

A program is known by its address, and many send from another port than they listen on:

1. A source that is exactly the address of an end is that end, and from then on the end is known to send
   from its own port.
2. Any other source may be each end on its machine, except those that are known to send from their own port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from belabridge.osc.hosts import Machines
    from belabridge.osc.space import Source

# The names of the destinations, and the addresses of the subscribers.
End: TypeAlias = "str | Source"
Origin: TypeAlias = frozenset[End]

_SOURCES = 256  # a patch has one or two; Max's udpsend takes a new port each time it is opened


class Place(NamedTuple):
    """Where an end is.

    Attributes:
        end: the name of a destination, or the address of a subscriber.
        address: its numeric host and port.
    """

    end: End
    address: Source


class Origins:
    """Remembers for each source which ends it may be.

    Args:
        machines: tells which addresses are one machine.
    """

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._places: list[tuple[Place, Source]] = []
        self._own_port: set[Place] = set()
        self._known: dict[Source, Origin] = {}

    def place(self, places: Iterable[Place], own_port: Iterable[Place] = ()) -> None:
        """These are the ends from now on.

        Args:
            places: all of them.
            own_port: those that have shown otherwise that they send from their own port.
        """
        self._places = [
            (place, (self._machines.machine(place.address[0]), place.address[1])) for place in places
        ]
        self._own_port = {place for place, _ in self._places}.intersection(self._own_port.union(own_port))
        self._known.clear()

    def of(self, source: Source) -> Origin:
        """The ends that a message of this source may have come from."""
        known = self._known.get(source)
        if known is None:
            known = self._find(source)
            if len(self._known) >= _SOURCES:
                self._known.clear()
            self._known[source] = known
        return known

    def _find(self, source: Source) -> Origin:
        machine = self._machines.machine(source[0])
        exact = {place for place, _ in self._places if place.address == source}
        # one machine has several addresses, and a program hears on all of them
        exact = exact or {place for place, address in self._places if address == (machine, source[1])}
        if exact:
            if not exact <= self._own_port:
                self._own_port |= exact
                self._known.clear()  # what other sources may be is known better now
            return frozenset(place.end for place in exact)
        return frozenset(
            place.end
            for place, address in self._places
            if address[0] == machine and place not in self._own_port
        )
