"""The UDP socket that listens: non-blocking, drained in turns that leave the loop its time."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from typing import TYPE_CHECKING

from belabridge.errors import CannotListen, PortInUse
from belabridge.osc.hosts import mapped, plain

if TYPE_CHECKING:
    from collections.abc import Callable

# What is left after a turn makes the loop call again, after everybody else. Sixty-four numbers take about
# half a millisecond; a few bytes may ask for far more work, so a turn also ends when its time is over.
DATAGRAMS_A_TURN = 64
TURN_S = 0.002
RECEIVE_BUFFER_BYTES = 4 << 20  # what the kernel keeps while we are busy; it may grant less
_LARGEST_BYTES = 65536


class Listener:
    """Listens from its making until ``close``; make it within a running loop.

    Args:
        host: numeric IPv4 or IPv6 address, or ``localhost``; ``::`` hears both families.
        port: UDP port; 0 takes a free one.
        on_packet: called with each datagram and its source (numeric host, port); a host of IPv4 is written
            as such, also when ``::`` heard it.
        what: the setting that named the port, for messages.

    Raises:
        PortInUse: somebody else has the port.
        CannotListen: the host is no address of this machine, or the port needs privileges.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_packet: Callable[[bytes, tuple[str, int]], None],
        what: str = "osc.listen",
    ) -> None:
        self._on_packet = on_packet
        self._is_closed = False
        self._socket = _bound(host, port, what)
        self._is_ipv6 = self._socket.family == socket.AF_INET6
        name = self._socket.getsockname()
        self.host: str = name[0]
        self.port: int = name[1]
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._drain)

    def send_to(self, data: bytes, destination: tuple[str, int]) -> str | None:
        """Send from the port that we listen on; None, or why it could not be sent."""
        host, port = destination
        try:
            self._socket.sendto(data, (mapped(host) if self._is_ipv6 else host, port))
        except (OSError, OverflowError) as fault:  # a peer chose the destination; a port may be impossible
            return str(fault)
        return None

    def close(self) -> None:
        """Give the port back; further calls do nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _drain(self) -> None:
        receive, on_packet, clock = self._socket.recvfrom, self._on_packet, time.monotonic
        is_ipv6, until = self._is_ipv6, clock() + TURN_S
        for _ in range(DATAGRAMS_A_TURN):
            try:
                data, source = receive(_LARGEST_BYTES)
            except OSError:
                # Nothing is left; or an answer of ours was refused, which some systems report
                # here: the loop calls again when there is more.
                return
            on_packet(data, (plain(source[0]), source[1]) if is_ipv6 else source)
            # closed by what the datagram asked for; or it took long
            if self._is_closed or clock() >= until:
                return


def _bound(host: str, port: int, what: str) -> socket.socket:
    numeric = "127.0.0.1" if host == "localhost" else host
    try:
        family = socket.getaddrinfo(numeric, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0][0]
    except (socket.gaierror, UnicodeError):
        raise CannotListen(
            what, f"{host!r} is not an address", "write 127.0.0.1, or 0.0.0.0 for all"
        ) from None
    bound = None
    try:
        bound = socket.socket(family, socket.SOCK_DGRAM)
        bound.setblocking(False)  # noqa: FBT003  # the socket module's own signature
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind((numeric, port))
    except OSError as fault:
        if bound is None:
            raise CannotListen(
                what,
                f"the system gives no socket for {host} ({fault.strerror})",
                "write 127.0.0.1 or 0.0.0.0 if it has no IPv6",
            ) from None
        bound.close()
        if fault.errno == errno.EADDRINUSE:
            raise PortInUse(host, port, what) from None
        raise CannotListen(
            what,
            f"cannot listen on {host}:{port} ({fault.strerror})",
            "use an address of this machine and a port above 1023",
        ) from None
    return bound
