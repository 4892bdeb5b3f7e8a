"""Hears all MIDI ports of this computer, beside whatever else does."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from belabridge.errors import BelabridgeError
from belabridge.midi.codec.parser import Parser
from belabridge.midi.host import PortHost
from belabridge.printable import printable
from belabridge.rules import MidiPort
from belabridge.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mido import Message

    from belabridge.midi.names import SystemPort
    from belabridge.midi.ports import OpenPort

PATIENCE_S = 5.0  # for the process that holds the ports to start on a small computer
OPENING_S = 1.0  # from knowing a port to having it open
EVERYTHING = MidiPort("all ports", pattern="")  # an empty pattern is found in every name


class Ears:
    """All in ports, or those that some names mean, open while it is entered.

    Ports of other belabridge processes are heard only when one is named in full: nobody's hand is there.
    """

    def __init__(
        self,
        heard: Callable[[str, Message, float], None],
        ports: tuple[MidiPort, ...] = (),
        changed: Callable[[Ears], None] = lambda _ears: None,
    ) -> None:
        """Prepare.

        Args:
            heard: (name of the port, message, when it came).
            ports: the ports to open; none = all.
            changed: a port came or went.
        """
        self._heard_by, self._changed_by = heard, changed
        self._wishes = ports or (EVERYTHING,)
        self._parsers: dict[int, Parser] = {}
        self._told = asyncio.Event()
        self._host = PortHost(Tally(), self._heard, self._changed, warns=False)

    async def __aenter__(self) -> Self:
        """Open the ports.

        Raises:
            MidiUnavailable: there is no MIDI on this machine.
        """
        self._host.want(self._wishes, ())
        self._host.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await self._told.wait()
        error = self._host.unavailable()
        if error is not None:
            await self._host.stop()
            raise error
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close them."""
        await self._host.stop()

    @property
    def there(self) -> tuple[SystemPort, ...]:
        """All ports that can be heard, but for those of other belabridge processes."""
        return self._host.ports.ins

    @property
    def open(self) -> list[str]:
        """The names of those that are."""
        return sorted({port.name for port in self._host.open_ins.values()})

    async def require_open(self) -> None:
        """Wait until something is open, for as long as that takes when there is something.

        Raises:
            BelabridgeError: nothing is, and it says what there is.
        """
        try:
            async with asyncio.timeout(OPENING_S):
                while not self.open:
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            there = ", ".join(printable(port.name) for port in self.there)
            what = f"there are {there}" if there else "plug one in; `belabridge midi` shows what there is"
            if self._host.ports.own_ins:
                own = ", ".join(printable(port.name) for port in self._host.ports.own_ins)
                what += f"; belabridge's own are heard by their whole names: {own}"
            raise BelabridgeError(f"no such MIDI port to hear: {what}") from None

    def _changed(self) -> None:
        self._parsers = {id_: self._parsers.get(id_) or Parser() for id_ in self._host.open_ins}
        if self._host.backends:
            self._told.set()
        self._changed_by(self)

    def _heard(self, port: OpenPort, data: bytes, at: float, /) -> None:
        parser = self._parsers.setdefault(port.id, Parser())
        for message in parser.feed(data):
            self._heard_by(port.name, message, at)


async def silence_all() -> int:
    """Send silence to all out ports of this computer; gives how many there were.

    Raises:
        MidiUnavailable: there is no MIDI on this machine.
    """
    from belabridge.midi.codec.outlet import Outlet

    told = asyncio.Event()
    host = PortHost(Tally(), lambda *_: None, told.set, warns=False)

    async def until(there: Callable[[], bool]) -> None:
        while not there():
            told.clear()
            await told.wait()

    host.want((), [EVERYTHING])
    host.start()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await until(lambda: bool(host.backends))
        error = host.unavailable()
        if error is not None:
            raise error
        with suppress(TimeoutError):  # one that does not open must not keep the others from silence
            async with asyncio.timeout(OPENING_S):
                await until(lambda: len(host.open_outs) >= len(host.ports.outs))
        outlet, now = Outlet(EVERYTHING.name), asyncio.get_running_loop().time()
        outlet.panic(now)
        for message in outlet.take(now):
            host.send(EVERYTHING.name, message)
        return len(host.open_outs)
    finally:
        await host.stop()  # what waits goes out first
