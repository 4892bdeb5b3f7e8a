"""One client of the simulated board: its WebSocket, as strict and as silent as the board's."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.sim.core import Endpoint

PATHS: dict[str, Endpoint] = {"/gui_control": "control", "/gui_data": "data"}
MAX_MESSAGE_BYTES = 32_767  # one more, and the board closes the connection
QUEUE_BYTES = 16 * 2**20  # what the board keeps for a slow reader before it drops the connection
_TEXT_FIN, _BINARY_FIN = 0x81, 0x82


@lru_cache(maxsize=64)  # a board's messages have few lengths
def prefix(size: int, *, text: bool) -> bytes:
    """What stands before a payload of so many bytes: a whole message in one frame, not masked."""
    first = _TEXT_FIN if text else _BINARY_FIN
    if size < 126:
        return bytes((first, size))
    if size < 65_536:
        return bytes((first, 126)) + size.to_bytes(2, "big")
    return bytes((first, 127)) + size.to_bytes(8, "big")


class Peer(asyncio.Protocol):
    """A connection, from its first byte.

    Attributes:
        endpoint: which of the two it opened; None before.
    """

    def __init__(
        self,
        *,
        opened: Callable[[Peer], None],
        received: Callable[[Peer, bytes], None],
        deadly: Callable[[str], None],
        lost: Callable[[Peer], None],
    ) -> None:
        """Wait for a handshake.

        Args:
            opened: the handshake is done, ``endpoint`` is known.
            received: a whole message, text or binary: the board does not care which.
            deadly: a message that ends the program, in words.
            lost: the connection has ended; also when it never opened.
        """
        self.endpoint: Endpoint | None = None
        self._opened, self._received, self._deadly, self._lost = opened, received, deadly, lost
        self._websocket = ServerProtocol(max_size=MAX_MESSAGE_BYTES)
        self._transport: asyncio.Transport | None = None
        self._stalled = False
        self._held: list[bytes] = []
        self._held_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's: a TCP connection."""
        self._transport = cast("asyncio.Transport", transport)
        if self._stalled:
            self._transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """asyncio's: bytes from the client."""
        self._websocket.receive_data(data)
        for event in self._websocket.events_received():
            if isinstance(event, Request):
                self._handshake(event)
            elif isinstance(event, Frame) and not self._take(event):
                self.drop()
                return
        if self.endpoint is not None and self._websocket.state is not State.OPEN:
            self.drop()  # too large, or no WebSocket at all: the board says no word, neither do we
            return
        self._flush()

    def eof_received(self) -> bool:
        """asyncio's: the client has ended; so do we."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """asyncio's: the connection has ended."""
        self._held.clear()
        self._lost(self)

    def write(self, frames: bytes) -> None:
        """Send whole frames; a client that has not read 16 MiB of them is dropped, silently."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._stalled:
            self._held.append(frames)
            self._held_bytes += len(frames)
        else:
            self._transport.write(frames)
        if self.waiting_bytes > QUEUE_BYTES:
            self.drop()

    @property
    def waiting_bytes(self) -> int:
        """What the client has not read yet, beyond what the kernels hold."""
        return self._held_bytes + (self._transport.get_write_buffer_size() if self._transport else 0)

    def drop(self) -> None:
        """End without a word, as the board does: the client sees code 1006."""
        if self._transport is not None:
            self._transport.abort()

    def stall(self, stalled: bool) -> None:  # noqa: FBT001 - the one thing it says
        """Stop, or start again, to read and to write."""
        self._stalled = stalled
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if stalled:
            transport.pause_reading()
            return
        transport.resume_reading()
        transport.write(b"".join(self._held))
        self._held.clear()
        self._held_bytes = 0

    def _handshake(self, request: Request) -> None:
        endpoint = PATHS.get(request.path)
        if endpoint is None:
            response = self._websocket.reject(404, "Not found\n")
        else:
            response = self._websocket.accept(request)
        self._websocket.send_response(response)
        self._flush()
        if self._websocket.state is State.OPEN:
            self.endpoint = endpoint
            self._opened(self)

    def _take(self, event: Frame) -> bool:
        """False when the board would close the connection."""
        if event.opcode in {Opcode.PING, Opcode.PONG}:
            return True
        if event.opcode not in {Opcode.TEXT, Opcode.BINARY} or not event.fin:
            return False
        payload = bytes(event.data)
        if not payload and event.opcode is Opcode.BINARY:
            self._deadly("an empty binary frame")
        else:
            self._received(self, payload)
        return True

    def _flush(self) -> None:
        """Send what the WebSocket layer has to say: the handshake, pongs."""
        for data in self._websocket.data_to_send():
            if data:
                self.write(data)
            elif self._transport is not None:
                self._transport.close()  # its word for "nothing follows", after a refused handshake
