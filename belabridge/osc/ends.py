"""All places that values go to, destinations and subscribers, and never back to where a value came from."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from belabridge.osc.codec.blocks import BlockTemplate
from belabridge.osc.codec.writer import Template
from belabridge.osc.leases import Leases
from belabridge.osc.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from belabridge.osc.server import OscServer
    from belabridge.osc.space import Source
    from belabridge.rules import Destination, OscOut
    from belabridge.tally import Tally

# The names of the destinations, and the addresses of the subscribers, that may have sent a value.
Origin: TypeAlias = "frozenset[str | Source]"

_SOURCES = 256  # a patch has one or two; Max's udpsend takes a new port each time it is opened


class Samples(Protocol):
    """A block of samples that goes out."""

    frame: int
    values: NDArray[Any] | None
    relative: NDArray[Any] | None
    skip: Hashable | None


@dataclass(slots=True)
class Route:
    """An output's way to its destinations, worked out once.

    Attributes:
        template: its address and type, for single numbers.
        blocks: the same for whole blocks of samples.
        senders: its destinations.
        subscribed: whether subscribers get it as well.
    """

    template: Template
    blocks: BlockTemplate
    senders: tuple[Sender, ...]
    subscribed: bool


class Ends:
    """The destinations of a config and the subscribers of now.

    Args:
        tally: shared by all senders.
        clock: monotonic seconds, for leases.

    Attributes:
        leases: the subscribers.
        server: the port that they are sent from, or None.
    """

    def __init__(self, tally: Tally, clock: Callable[[], float] = time.monotonic) -> None:
        self.leases = Leases()
        self.server: OscServer | None = None
        self._tally, self._clock = tally, clock
        self._told: Counter[Source] = Counter()
        self._wished: dict[str, Destination] = {}
        self._senders: dict[str, Sender] = {}
        self._bundlers: tuple[Sender, ...] = ()
        self._origins: dict[Source, Origin] = {}
        self._origins_of: tuple[tuple[Source, ...], tuple[str | None, ...]] = ((), ())

    @property
    def senders(self) -> Collection[Sender]:
        """One for each destination, in the order of the config."""
        return self._senders.values()

    def subscribers(self) -> list[tuple[Source, float, int]]:
        """Each subscriber, the seconds that its lease still has, and the messages that it was sent."""
        left = self.leases.left(self._clock())
        self._told = Counter({who: self._told[who] for who in left})
        return [(who, left_s, self._told[who]) for who, left_s in left.items()]

    def configure(self, destinations: Iterable[Destination]) -> None:
        """Have exactly these destinations; one that is as before keeps its socket and its counters."""
        wished = {destination.name: destination for destination in destinations}
        old = self._senders
        self._senders = {
            name: old[name] if self._wished.get(name) == to else self._opened(to)
            for name, to in wished.items()
        }
        for name, sender in old.items():
            if self._senders.get(name) is not sender:
                sender.close()
        self._wished = wished
        self._bundlers = tuple(self._senders[name] for name, to in wished.items() if to.bundle)
        self._origins.clear()

    def close(self) -> None:
        """Send nothing any more."""
        self.flush()
        self.configure(())

    def route(self, osc: OscOut) -> Route:
        """The way of an output: to the named destinations, or to all of them and to subscribers."""
        named = tuple(self._senders[name] for name in osc.to if name in self._senders)
        return Route(
            Template(osc.address, "f" if osc.form == "blob" else osc.form),
            BlockTemplate(osc.address, osc.form),
            named if osc.to else tuple(self.senders),
            not osc.to,
        )

    def reply_port(self, host: str) -> int | None:
        """The port of this host that answers go to, when a destination says one."""
        for name, to in self._wished.items():
            if to.reply_port is not None and host in (to.host, self._senders[name].numeric_host):
                return to.reply_port
        return None

    @property
    def collects(self) -> bool:
        """Whether a destination wants bundles, so that ``flush`` has to follow."""
        return bool(self._bundlers)

    def send(self, route: Route, value: float, skip: Hashable | None) -> None:
        """One number to all ends of a route but those in ``skip``, an ``Origin``."""
        self._send(route, (route.template.one(value),), skip)

    def send_block(self, route: Route, samples: Samples, step_frames: float) -> None:
        """Samples with their frames, in as few messages as travel well."""
        if samples.values is not None:
            messages = route.blocks.messages(samples.frame, samples.values, samples.relative, step_frames)
            self._send(route, messages, samples.skip)

    def flush(self) -> None:
        """The tick is over: what was collected for bundles goes out."""
        for sender in self._bundlers:
            sender.flush()

    def origin(self, source: Source) -> Origin:
        """Which ends a message of ``source`` may have come from.

        The end that has exactly this address; else, because most programs send from a port of their own,
        every end on the same host.
        """
        subscribers = self.leases.active(self._clock())
        # a name may have got its address, or another one, since
        places = (subscribers, tuple([sender.numeric_host for sender in self._senders.values()]))
        if places != self._origins_of or len(self._origins) >= _SOURCES:
            self._origins.clear()
            self._origins_of = places
        known = self._origins.get(source)
        if known is None:
            known = self._origins[source] = self._origin(source, subscribers)
        return known

    def _origin(self, source: Source, subscribers: Sequence[Source]) -> Origin:
        places: list[tuple[str | Source, str | None, int]] = [
            (name, sender.numeric_host, sender.port) for name, sender in self._senders.items()
        ]
        places += [(subscriber, *subscriber) for subscriber in subscribers]
        exact = frozenset(end for end, host, port in places if (host, port) == source)
        return exact or frozenset(end for end, host, _ in places if host == source[0])

    def _send(self, route: Route, messages: Sequence[bytes], skip: Hashable | None) -> None:
        avoid = skip if isinstance(skip, frozenset) else ()
        for sender in route.senders:
            if sender.name not in avoid:
                for data in messages:
                    sender.send(data)
        if route.subscribed and self.server is not None:
            for subscriber in self.leases.active(self._clock()):
                if subscriber not in avoid:
                    self._told[subscriber] += len(messages)
                    for data in messages:
                        self.server.send(subscriber, data)

    def _opened(self, to: Destination) -> Sender:
        sender = Sender(to.name, to.host, to.port, bundle=to.bundle, tally=self._tally, clock=self._clock)
        sender.open()
        return sender
