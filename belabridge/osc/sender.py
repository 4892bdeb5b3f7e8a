"""One destination of OSC: a connected socket that never blocks, and recovers by itself."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import time
from functools import partial
from typing import TYPE_CHECKING

from belabridge.osc.codec.gather import Gather
from belabridge.osc.hosts import numeric
from belabridge.osc.outage import Outage
from belabridge.osc.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.tally import Tally

log = logging.getLogger("belabridge.osc")

RESOLVE_AGAIN_S = 10.0  # refused for so long, a name may have got another address
_FIRST_RETRY_S = 1.0
_LAST_RETRY_S = 30.0
_BUSY = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS})


class Sender:
    """Sends datagrams to one host and port; ``open`` it within a running loop.

    Args:
        name: as the config calls it.
        host: numeric address or host name.
        port: UDP port.
        bundle: collect messages until ``flush``, into bundles that fit one datagram each.
        tally: counts ``osc.send_refused``, ``osc.send_dropped``, ``osc.send_too_large``,
            ``osc.send_unresolved`` over all destinations; or None.
        clock: monotonic seconds.
        on_address: called when ``numeric_host`` has become another one.
        is_back: called with the sender, from the loop, when an outage has ended.

    Attributes:
        sent: datagrams that the system took, and that nothing came back of.
        refused: datagrams that were lost: nobody listens there, or there is no way to there.
        dropped: sends for which the system had no room.
        too_large: messages beyond what UDP carries.
        unresolved: sends before the host name had an address.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        *,
        bundle: bool = False,
        tally: Tally | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_address: Callable[[], None] = lambda: None,
        is_back: Callable[[Sender], None] = lambda _sender: None,
    ) -> None:
        self.name, self.host, self.port = name, host, port
        self.sent = self.refused = self.dropped = self.too_large = self.unresolved = 0
        self._gather = Gather() if bundle else None
        self._tally = tally
        self._clock = clock
        self._outage = Outage()
        self._on_address, self._is_back = on_address, is_back
        self._last: bytes | None = None
        self._given = numeric(host)
        self._numeric: tuple[str, int] | None = None
        self._socket: socket.socket | None = None
        self._write: Callable[[bytes], int] | None = None
        self._resolving: asyncio.Task[None] | None = None
        self._asked_at = 0.0

    @property
    def is_down(self) -> bool:
        """Whether sends are being refused, or the name has no address yet."""
        return self._write is None or self._outage.since is not None

    @property
    def numeric_host(self) -> str | None:
        """The numeric address it sends to; None while the name has none."""
        return self._numeric[0] if self._numeric is not None else None

    def open(self) -> None:
        """Connect, at once for a numeric address, otherwise as soon as the name is resolved."""
        if self._given is None:
            self._resolve()
        else:
            self._connect((self._given, self.port))

    def close(self) -> None:
        """Send nothing any more; further calls do nothing."""
        if self._resolving is not None:
            self._resolving.cancel()
            self._resolving = None
        self._disconnect()

    def send(self, data: bytes) -> bool:
        """Send one message (with ``bundle``: keep it for ``flush``); False when it is lost and counted."""
        if self._gather is None:
            return self._send(data)
        taken = True
        for full in self._gather.add(data):
            taken = self._send(full) and taken
        return taken

    def flush(self) -> None:
        """End the tick: send what ``bundle`` collected; without it there is nothing to do."""
        if self._gather is not None:
            for full in self._gather.flush():
                self._send(full)

    def look_after(self) -> None:
        """Take what the network has said of the last send, and try again while it is refused.

        What is sent seldom would else be lost unnoticed, and a destination that is told only what changes
        would never be seen to have come back.
        """
        if self._socket is None or self._last is None:
            return
        fault = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if fault == errno.ECONNREFUSED and self.sent:
            self.sent -= 1
            self._refused(OSError(fault, os.strerror(fault)))
        if self._outage.since is not None:
            self._send(self._last)

    def _send(self, data: bytes) -> bool:
        self._last = data
        if self._write is None:
            self.unresolved += 1
            return self._lost("osc.send_unresolved")
        try:
            self._write(data)
        except OSError as fault:
            return self._failed(fault, data)
        self.sent += 1
        if self._outage.since is not None:
            self._worked()
        return True

    def _failed(self, fault: OSError, data: bytes) -> bool:
        if fault.errno == errno.ECONNREFUSED and self.sent and self._write is not None:
            # The refusal was of a datagram before; this one has not been tried yet.
            self.sent -= 1
            self._refused(fault)
            try:
                self._write(data)
            except OSError as second:
                fault = second
            else:
                self.sent += 1
                return True
        if fault.errno in _BUSY:
            self.dropped += 1
            return self._lost("osc.send_dropped")
        if fault.errno == errno.EMSGSIZE:
            self.too_large += 1
            return self._lost("osc.send_too_large")
        return self._refused(fault)

    def _refused(self, fault: OSError) -> bool:
        self.refused += 1
        self._went_down(fault)
        return self._lost("osc.send_refused")

    def _lost(self, reason: str) -> bool:
        if self._tally is not None:
            self._tally.count(reason)
        return False

    def _shown(self) -> str:
        """Its name, and where that is when the name does not say it."""
        where = f"{self.host}:{self.port}"
        return where if self.name == where else f"{self.name} ({where})"

    def _went_down(self, fault: OSError) -> None:
        now = self._clock()
        if self._outage.refused(now):
            log.warning(
                "osc.send: %s takes nothing (%s): is the program there running and listening? "
                "Values for it are lost until it does",
                self._shown(),
                fault.strerror or fault,
            )
        since = self._outage.since
        long_down = since is not None and now - max(since, self._asked_at) >= RESOLVE_AGAIN_S
        if long_down and self._given is None:
            self._resolve()

    def _worked(self) -> None:
        took_s = self._outage.worked(self._clock())
        if took_s is not None:
            log.info("osc.send: %s is back after %.0f s", self._shown(), took_s)
            asyncio.get_running_loop().call_soon(self._is_back, self)

    def _resolve(self) -> None:
        if self._resolving is None or self._resolving.done():
            self._asked_at = self._clock()
            self._resolving = asyncio.get_running_loop().create_task(self._resolve_until_known())

    async def _resolve_until_known(self) -> None:
        wait_s, warned = _FIRST_RETRY_S, False
        while True:
            try:
                address = await resolve(self.host, self.port)
            except OSError as fault:
                if not warned:
                    log.warning(
                        "osc.send: %s: no address for %r (%s); trying on", self.name, self.host, fault
                    )
                warned = True
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, _LAST_RETRY_S)
                continue
            break
        if warned:
            log.info("osc.send: %s: %r is %s", self.name, self.host, address[0])
        if address != self._numeric:
            self._connect(address)

    def _connect(self, address: tuple[str, int]) -> None:
        self._disconnect()
        self._numeric = address
        self._write = partial(self._connect_and_send, address)
        try:
            self._connected(address)
        except OSError as fault:  # a cable, a network that is not up yet: every send tries again
            self._went_down(fault)
        self._on_address()

    def _connect_and_send(self, address: tuple[str, int], data: bytes) -> int:
        return self._connected(address).send(data)

    def _connected(self, address: tuple[str, int]) -> socket.socket:
        """The socket, with all that is still to be done to it; from then on sends go straight to it.

        Raises:
            OSError: the system gives no such socket, or there is no way to there.
        """
        if self._socket is None:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
            self._socket.setblocking(False)  # noqa: FBT003  # the socket module's own signature
            if family == socket.AF_INET:  # a broadcast address is a destination like another
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._socket.connect(address)
        self._write = self._socket.send
        return self._socket

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = self._write = self._numeric = None
