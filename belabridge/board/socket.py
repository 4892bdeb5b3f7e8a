"""One WebSocket of a board that calls back, without a queue and a task between the bytes and the reader.

``websockets`` does the handshake, the control frames, fragments and everything odd, through its protocol
object without I/O. Whole binary frames, which are all that a board sends 4000 times a second, are cut out of
the receive buffer here: a queue and an await for each of them doubled the cost of the whole bridge.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.values import Address

MAX_MESSAGE_BYTES = 4 << 20  # a list of 25 000 variables, the longest that wire reads
BUFFER_BYTES = 1 << 18  # read at once: a burst of 46 variables is 190 kB
PING_EVERY_S = 20.0
UNREAD_BYTES = 1 << 20  # answers to pings that nobody reads: no board, and no reason to fill the memory
SILENT_S = 40.0  # a board answers pings; nothing at all for two of them is the end
CLOSE_S = 0.3  # a board never answers a close, and whoever stops us waits no longer than for its goodbye

ODD_FRAMES_A_TURN = 256  # a board sends a few a second; a flood of them leaves the loop its time

_BINARY = 0x82  # first byte of a whole binary frame: FIN and the opcode
_SIZE_16, _SIZE_64 = 126, 127  # second byte: the size follows in 2 or 8 bytes; a larger one says "masked"
_MORE_SIZE = {_SIZE_16: 2, _SIZE_64: 8}
_SHORTEST_FRAME = 2
_END_OF_HEAD = b"\r\n\r\n"
_ALL = sys.maxsize  # bytes: everything that still comes


class Socket(asyncio.BufferedProtocol):
    """A WebSocket that calls back, used once: ``open`` it, and it lives until ``ended``.

    Args:
        address: the board's.
        path: such as ``/gui_data``.
        on_message: called with each whole message, text or binary; an exception ends the connection.

    Attributes:
        ended: done when the connection is gone; its result says why, in a few words.
    """

    def __init__(self, address: Address, path: str, on_message: Callable[[bytes], object]) -> None:
        self._address = address
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[str] = self._loop.create_future()
        self._heard_at = self._loop.time()
        self._on_message = on_message
        self._protocol = ClientProtocol(parse_uri(f"ws://{address}{path}"), max_size=MAX_MESSAGE_BYTES)
        self._opened: asyncio.Future[Exception | None] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(BUFFER_BYTES + 2)  # a header may be read up to its end before it is there
        self._view = memoryview(self._buffer)[:BUFFER_BYTES]
        self._filled = 0
        self._over = False  # nothing more can come
        self._owed = 0  # so many bytes that come next belong to the protocol object
        self._fragments: bytearray | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        """Connect and shake hands; cancel it to give up. No proxy is used: a board is on a cable.

        Raises:
            OSError: nobody there.
            WebSocketException: somebody else is there.
        """
        await self._loop.create_connection(lambda: self, self._address.host, self._address.port)
        try:
            fault = await self._opened
        except asyncio.CancelledError:
            self.abort()
            raise
        if fault is not None:
            raise fault

    @property
    def is_writable(self) -> bool:
        """The system has room for more."""
        return self._writable.is_set()

    async def send(self, message: str | bytes) -> None:
        """Send a text or a binary message; returns when the system has room for more, or all is over."""
        self.write(message)
        await self._writable.wait()

    def write(self, message: str | bytes) -> None:
        """Send a text or a binary message without waiting for room; nothing when all is over."""
        if self._protocol.state is not State.OPEN:
            return
        if isinstance(message, str):
            self._protocol.send_text(message.encode())
        else:
            self._protocol.send_binary(message)
        self._flush()

    async def close(self) -> None:
        """End it, deaf from now on; more than once does no harm."""
        self._on_message = _ignore
        if self._protocol.state is State.OPEN:
            self._protocol.send_close()
            self._flush()
        try:
            async with asyncio.timeout(CLOSE_S):
                await asyncio.shield(self.ended)
        except TimeoutError:
            self.abort()

    def abort(self) -> None:
        """End it at once and without a word."""
        self._on_message = _ignore
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP stands: ask for the WebSocket."""
        self._transport = cast("asyncio.Transport", transport)
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        self._timer = self._loop.call_later(PING_EVERY_S, self._ping)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Where the next bytes go."""
        return self._view[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came: deal with all whole frames among them."""
        self._heard_at = self._loop.time()
        end = self._filled + nbytes
        at = 0
        if not self._opened.done() and not self._owed:
            at = self._handshake(end)
            if not at:
                self._filled = end
                return
        self._work(at, end)

    def _work(self, at: int, end: int) -> None:
        at = self._frames(at, end)
        left = end - at
        if left:
            self._view[:left] = self._view[at:end]
        self._filled = left

    def eof_received(self) -> bool:
        """The other side has ended: so do we."""
        self._over = True
        self._protocol.receive_eof()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        self._protocol.receive_eof()
        self._writable.set()
        if not self._opened.done():
            self._opened.set_result(self._protocol.handshake_exc or ConnectionResetError("it hung up"))
        if not self.ended.done():
            self.ended.set_result(self._reason(exc))

    def pause_writing(self) -> None:
        """The board takes nothing now."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It takes something again."""
        self._writable.set()

    # Bytes to messages.

    def _handshake(self, end: int) -> int:
        """Give the head of the answer to the protocol object, and nothing behind it; where that begins."""
        head = self._buffer.find(_END_OF_HEAD, 0, end)
        if head < 0 and end < BUFFER_BYTES:
            return 0
        at = end if head < 0 else head + len(_END_OF_HEAD)
        self._feed(self._view[:at])
        return at

    def _frames(self, at: int, end: int) -> int:
        """Deal with the frames from ``at``; where the first one begins that is not all there."""
        buffer, view = self._buffer, self._view
        odd_frames = 0
        while at < end:
            if self._owed:
                part = min(self._owed, end - at)
                self._owed -= part
                self._feed(view[at : at + part])
                at += part
                continue
            if end - at < _SHORTEST_FRAME:
                break
            size = buffer[at + 1]
            if buffer[at] != _BINARY or size > _SIZE_16 or self._fragments is not None:
                if odd_frames == ODD_FRAMES_A_TURN:
                    self._rest()
                    break
                odd_frames += 1
                self._owed = self._odd_frame(at, end)
                if not self._owed:
                    break
                continue
            start = at + 2
            if size == _SIZE_16:
                start = at + 4
                size = buffer[at + 2] << 8 | buffer[at + 3]  # what is not there yet makes no whole frame
            if start + size > end:
                break
            at = start + size
            self._on_message(view[start:at].tobytes())
        return at

    def _rest(self) -> None:
        """Leave the frames that have come for the loop's next turn."""
        if self._transport is not None:
            self._transport.pause_reading()
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self._transport is not None and not self._over:
            self._transport.resume_reading()
            self._work(0, self._filled)

    def _odd_frame(self, at: int, end: int) -> int:
        """The length of a frame for the protocol object; 0 when too little of it is there to know."""
        size = self._buffer[at + 1]
        if size > _SIZE_64:
            return _ALL
        start = at + 2 + _MORE_SIZE.get(size, 0)
        if start > end:
            return 0
        if start > at + 2:
            size = int.from_bytes(self._view[at + 2 : start], "big")
        return start + size - at

    def _feed(self, data: memoryview) -> None:
        protocol = self._protocol
        protocol.receive_data(bytes(data))
        for event in protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
        self._flush()
        if protocol.state is State.OPEN:
            if not self._opened.done():
                self._opened.set_result(None)
        else:
            self._owed = _ALL  # the rest of a refusal, or what comes behind the end
            if protocol.close_expected():
                self._end_within(CLOSE_S)

    def _take(self, frame: Frame) -> None:
        """A frame that was not simply a binary message; pings are answered by now."""
        if frame.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            parts = self._fragments if self._fragments is not None else bytearray()
            parts += frame.data
            self._fragments = None if frame.fin else parts
            if frame.fin:
                self._on_message(bytes(parts))

    def _flush(self) -> None:
        """Write what the protocol object has to say."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        for data in self._protocol.data_to_send():
            if data:
                transport.write(data)
            else:
                transport.close()  # its word for "nothing follows"
        if transport.get_write_buffer_size() > UNREAD_BYTES:
            self.abort()

    # The end.

    def _ping(self) -> None:
        if self._loop.time() - self._heard_at > SILENT_S:
            self.abort()
        elif self._protocol.state is State.OPEN:
            self._protocol.send_ping(b"")
            self._flush()
            self._timer = self._loop.call_later(PING_EVERY_S, self._ping)

    def _end_within(self, time_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(time_s, self.abort)

    def _reason(self, error: Exception | None) -> str:
        if self._loop.time() - self._heard_at > SILENT_S:
            return "no answer any more"
        protocol = self._protocol
        if protocol.close_rcvd is not None:
            return f"close code {protocol.close_rcvd.code}"
        fault = protocol.parser_exc
        if fault is not None and not isinstance(fault, EOFError):
            return f"it sent what no board sends: {fault}"
        return f"{error}" if error is not None else "gone without a word"


def _ignore(_message: bytes) -> None:
    """A message after the end."""
