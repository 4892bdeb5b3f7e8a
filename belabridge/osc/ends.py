"""All places that values go to, destinations and subscribers, and never back to where a value came from."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from belabridge.osc.codec.blocks import BlockTemplate
from belabridge.osc.codec.writer import Template
from belabridge.osc.hosts import Machines
from belabridge.osc.leases import Leases
from belabridge.osc.origins import Origins, Place
from belabridge.osc.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from belabridge.osc.leases import Standing
    from belabridge.osc.origins import Origin
    from belabridge.osc.server import OscServer
    from belabridge.osc.space import Source
    from belabridge.rules import Destination, OscOut
    from belabridge.tally import Tally

# A machine gets and loses addresses (a cable, a board's own network): so old may be what we know of ours.
_LOOK_AGAIN_S = 10.0


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
        is_back: called, from the running loop, with a sender whose destination listens again after an outage.

    Attributes:
        leases: the subscribers.
        server: the port that they are sent from, or None.
    """

    def __init__(
        self,
        tally: Tally,
        clock: Callable[[], float] = time.monotonic,
        is_back: Callable[[Sender], None] = lambda _sender: None,
    ) -> None:
        self.leases = Leases()
        self.server: OscServer | None = None
        self._tally, self._clock, self._is_back = tally, clock, is_back
        self._wished: dict[str, Destination] = {}
        self._senders: dict[str, Sender] = {}
        self._bundlers: tuple[Sender, ...] = ()
        self._machines = Machines()
        self._origins = Origins(self._machines)
        self._subscribers: tuple[Source, ...] = ()
        self._guests: tuple[Source, ...] = ()
        self._look_at = -math.inf

    @property
    def senders(self) -> Collection[Sender]:
        """One for each destination, in the order of the config."""
        return self._senders.values()

    def subscribers(self) -> list[Standing]:
        """Each subscriber, the seconds that its lease still has, and the messages that it was sent."""
        return self.leases.standing(self._clock())

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
                sender.flush()
                sender.close()
        self._wished = wished
        self._bundlers = tuple(self._senders[name] for name, to in wished.items() if to.bundle)
        self._look()

    def look_after(self) -> None:
        """Find out who listens, also where nothing is sent now; to be called about once a second."""
        for sender in self.senders:
            sender.look_after()

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
        machine = self._machines.machine
        for name, to in self._wished.items():
            if to.reply_port is not None:
                numeric = self._senders[name].numeric_host
                if host == to.host or (numeric is not None and machine(host) == machine(numeric)):
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
        """Which ends a message of ``source`` may have come from; see :mod:`belabridge.osc.origins`."""
        self._follow()
        return self._origins.of(source)

    def _follow(self) -> tuple[Source, ...]:
        """Notice who came and went; gives the subscribers that are no destination as well."""
        now = self._clock()
        subscribers = self.leases.active(now)
        if subscribers is not self._subscribers or now >= self._look_at:
            self._subscribers, self._look_at = subscribers, now + _LOOK_AGAIN_S
            self._machines.forget()
            machine = self._machines.machine
            here = [
                Place(name, (sender.numeric_host, sender.port))
                for name, sender in self._senders.items()
                if sender.numeric_host is not None
            ]
            guests = [Place(who, who) for who in subscribers]
            # one who subscribed from its own port may be a destination too
            own_port = {who for who in subscribers if self.leases.own_port(who)}
            self._origins.place(
                [*here, *guests], [place for place in (*here, *guests) if place.address in own_port]
            )
            served = {(machine(host), port) for _, (host, port) in here}
            self._guests = tuple([who for who in subscribers if (machine(who[0]), who[1]) not in served])
        return self._guests

    def _look(self) -> None:
        """What we know of the ends is old."""
        self._look_at = -math.inf

    def _send(self, route: Route, messages: Sequence[bytes], skip: Hashable | None) -> None:
        avoid = skip if isinstance(skip, frozenset) else ()
        for sender in route.senders:
            if sender.name not in avoid:
                for data in messages:
                    sender.send(data)
        if route.subscribed and self.server is not None:
            for subscriber in self._follow():
                if subscriber not in avoid:
                    self.leases.count(subscriber, len(messages))
                    for data in messages:
                        self.server.send(subscriber, data)

    def _opened(self, to: Destination) -> Sender:
        sender = Sender(
            *(to.name, to.host, to.port),
            bundle=to.bundle,
            tally=self._tally,
            clock=self._clock,
            on_address=self._look,
            is_back=self._is_back,
        )
        sender.open()
        return sender
