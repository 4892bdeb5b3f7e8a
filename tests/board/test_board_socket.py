"""A board's WebSocket: every message once and in order however its bytes arrive, and every kind of end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from belabridge.board import socket as board_socket
from belabridge.board.socket import BUFFER_BYTES, MAX_MESSAGE_BYTES, ODD_FRAMES_A_TURN, UNREAD_BYTES, Socket
from belabridge.values import Address

ODD = "it sent what no board sends"
SIZES = (0, 1, 125, 126, 127, 4104, 65_535, 65_536, BUFFER_BYTES + 1)


class Wire(asyncio.Transport):
    """The other end of the cable, in memory: a real server's protocol object behind a transport."""

    def __init__(self, received):
        super().__init__()
        self.server = ServerProtocol()
        self.frames = []
        self.received = received
        self.closed = False
        self.unread = 0  # bytes that the other end has not taken
        self.socket = Socket(Address("board"), "/gui_data", received.append)
        self.socket.connection_made(self)

    def get_write_buffer_size(self):
        return self.unread

    def write(self, data):
        self.server.receive_data(bytes(data))
        for event in self.server.events_received():
            if isinstance(event, Request):
                self.server.send_response(self.server.accept(event))
            else:
                self.frames.append((event.opcode, bytes(event.data)))

    def pause_reading(self):
        """Nothing comes unless a test feeds it."""

    resume_reading = pause_reading

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    abort = close

    def greeting(self):
        return b"".join(self.server.data_to_send())

    def feed(self, data, sizes=(BUFFER_BYTES,)):
        """Let bytes arrive in pieces of these sizes, again and again."""
        steps = itertools.cycle(sizes)
        at = 0
        while at < len(data):
            room = self.socket.get_buffer(-1)
            n = min(next(steps), len(room), len(data) - at)
            room[:n] = data[at : at + n]
            self.socket.buffer_updated(n)
            at += n

    def end(self):
        self.socket.connection_lost(None)


def connected(received):
    """A wire behind its handshake."""
    wire = Wire(received)
    wire.feed(wire.greeting())
    return wire


def binary(data):
    return Frame(Opcode.BINARY, data).serialize(mask=False)


def fragments(opcode, *parts):
    last = len(parts) - 1
    return b"".join(
        Frame(opcode if i == 0 else Opcode.CONT, part, i == last).serialize(mask=False)
        for i, part in enumerate(parts)
    )


def payload(size):
    return bytes(i * 7 % 256 for i in range(min(size, 1000))).ljust(size, b"\x82")


payloads = st.sampled_from(SIZES[:6]).map(payload) | st.binary(max_size=20)
texts = st.text(max_size=50).map(str.encode)
pieces = st.one_of(
    payloads.map(lambda data: (binary(data), [data], [])),
    texts.map(lambda data: (fragments(Opcode.TEXT, data), [data], [])),
    st.lists(st.binary(max_size=200), min_size=2, max_size=4).map(
        lambda parts: (fragments(Opcode.BINARY, *parts), [b"".join(parts)], [])
    ),
    st.binary(max_size=125).map(lambda data: (fragments(Opcode.PING, data), [], [(Opcode.PONG, data)])),
    st.binary(max_size=125).map(lambda data: (fragments(Opcode.PONG, data), [], [])),
)


@given(st.lists(pieces, max_size=12), st.lists(st.integers(1, 5000), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_every_message_comes_once_and_in_order_however_it_is_torn(sent, sizes):
    async def check():
        wire = Wire([])
        wire.feed(wire.greeting() + b"".join(data for data, _, _ in sent), sizes)
        assert wire.received == [message for _, messages, _ in sent for message in messages]
        assert wire.frames == [answer for _, _, answers in sent for answer in answers]
        wire.end()

    asyncio.run(check())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [1, 3, 4096, BUFFER_BYTES])
async def test_a_binary_message_of_any_size(size, step):
    if size > 5000 and step < 4096:
        step = 1021  # byte by byte, a quarter of a megabyte takes seconds
    wire = connected([])
    message = payload(size)
    wire.feed(binary(b"before") + binary(message) + binary(b"behind"), [step])
    assert wire.received == [b"before", message, b"behind"]
    wire.end()


async def test_a_ping_is_answered_at_once_although_nothing_follows():
    wire = connected([])
    wire.feed(fragments(Opcode.PING, b""))
    assert wire.frames == [(Opcode.PONG, b"")]
    wire.end()


async def test_a_flood_of_pings_whose_answers_nobody_reads_is_the_end():
    wire = connected([])
    wire.unread = UNREAD_BYTES + 1
    wire.feed(fragments(Opcode.PING, b""))
    assert wire.closed
    wire.end()


async def test_a_header_at_the_very_end_of_the_buffer():
    wire = connected([])
    filler = payload(65_535)
    room = BUFFER_BYTES - 3 * len(binary(filler))
    for cut in range(1, 8):
        last = payload(room - cut - 4)
        data = binary(filler) * 3 + binary(last) + binary(b"x" * 300)
        wire.feed(data)
        assert wire.received == [filler] * 3 + [last, b"x" * 300]
        wire.received.clear()
    wire.end()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x82\x85\x01\x02\x03\x04hello", ODD),  # masked
        (b"\x83\x00", ODD),  # an opcode that there is not
        (b"\xc2\x00", ODD),  # a reserved bit
        (b"\x80\x00", ODD),  # a continuation of nothing
        (b"\x02\x01a\x82\x01b", ODD),  # a message within a message
        (b"\x89\x7e\x00\x7e" + bytes(126), ODD),  # a control frame that is too long
        (b"\x82\x7f" + (MAX_MESSAGE_BYTES + 1).to_bytes(8, "big"), ODD),
        (b"\x82\x7f" + b"\xff" * 8, ODD),
        (b"\x88\x02\x03\xe9", "close code 1001"),
    ],
)
@pytest.mark.parametrize("step", [1, BUFFER_BYTES])
async def test_what_a_board_must_not_send_is_the_end(data, reason, step):
    wire = connected([])
    wire.feed(binary(b"good") + data + binary(b"late") * 3, [step])
    assert wire.received == [b"good"]
    assert wire.frames[-1][0] is Opcode.CLOSE
    wire.end()
    assert reason in await wire.socket.ended


@given(st.binary(max_size=400), st.integers(1, 50))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(data, step):
    async def check():
        for greeted in (True, False):
            wire = connected([]) if greeted else Wire([])
            wire.feed(data, [step])
            wire.end()
            assert await wire.socket.ended
            if not greeted:
                assert isinstance(await wire.socket._opened, Exception)

    asyncio.run(check())


async def test_after_close_it_is_deaf():
    wire = connected([])
    closing = asyncio.create_task(wire.socket.close())
    await asyncio.sleep(0)
    wire.feed(binary(b"late"))
    wire.end()
    await closing
    assert wire.received == []
    assert wire.frames[-1][0] is Opcode.CLOSE


# On real sockets.


@contextlib.asynccontextmanager
async def server(answer):
    """A server that calls ``answer(reader, writer)``; gives its address."""
    tasks = set()

    async def serve(reader, writer):
        tasks.add(asyncio.current_task())
        try:
            await answer(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:  # a board that did not expect the end leaves nothing open either
            writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Address("127.0.0.1", listening.sockets[0].getsockname()[1])
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def shake_hands(reader, writer):
    protocol = ServerProtocol()
    protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
    protocol.send_response(protocol.accept(protocol.events_received()[0]))
    writer.writelines(protocol.data_to_send())


async def stay(reader):
    while await reader.read(4096):
        pass


async def silent(reader, writer):
    """Shakes hands, and then neither says nor closes anything."""
    await shake_hands(reader, writer)
    await stay(reader)
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nConnection: close\r\n\r\nNo.\r\n",
            InvalidHandshake,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", InvalidHandshake),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", InvalidHandshake),
        (b"", InvalidHandshake),
        (b"x" * (BUFFER_BYTES + 10), InvalidHandshake),
    ],
)
async def test_somebody_else_is_there(text, error):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)

    async with server(answer) as address, asyncio.timeout(5):
        with pytest.raises(error):
            await Socket(address, "/gui_data", print).open()


async def test_nobody_is_there():
    async with server(silent) as address:
        pass
    with pytest.raises(ConnectionRefusedError):
        await Socket(address, "/gui_data", print).open()


async def test_opening_can_be_given_up():
    async with server(lambda reader, _writer: stay(reader)) as address:
        socket = Socket(address, "/gui_data", print)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await socket.open()
        async with asyncio.timeout(5):
            assert await socket.ended


async def test_a_board_that_does_not_answer_a_close_is_left(monkeypatch):
    monkeypatch.setattr(board_socket, "CLOSE_S", 0.05)
    async with server(silent) as address, asyncio.timeout(5):
        socket = Socket(address, "/gui_data", print)
        await socket.open()
        await asyncio.gather(socket.close(), socket.close())
        assert await socket.ended
        await socket.close()


async def test_a_board_that_goes_silent_is_lost(monkeypatch):
    monkeypatch.setattr(board_socket, "PING_EVERY_S", 0.02)
    monkeypatch.setattr(board_socket, "SILENT_S", 0.1)
    async with server(silent) as address, asyncio.timeout(5):
        socket = Socket(address, "/gui_data", print)
        await socket.open()
        assert await socket.ended == "no answer any more"


async def test_a_board_that_only_answers_pings_is_kept(monkeypatch):
    monkeypatch.setattr(board_socket, "PING_EVERY_S", 0.02)
    monkeypatch.setattr(board_socket, "SILENT_S", 0.2)
    pongs = asyncio.Queue()

    async def answer(reader, writer):
        await shake_hands(reader, writer)
        while True:
            assert await reader.readexactly(2) == b"\x89\x80"  # an empty ping, masked
            await reader.readexactly(4)
            writer.write(b"\x8a\x00")
            pongs.put_nowait(asyncio.get_running_loop().time())

    async with server(answer) as address, asyncio.timeout(5):
        socket = Socket(address, "/gui_data", print)
        await socket.open()
        first = await pongs.get()
        while await pongs.get() - first < 3 * board_socket.SILENT_S:
            assert not socket.ended.done()
        await socket.close()


async def test_sending_waits_for_a_board_that_takes_nothing_and_ends_with_it():
    async def answer(reader, writer):
        await shake_hands(reader, writer)
        await asyncio.Event().wait()

    async with server(answer) as address, asyncio.timeout(5):
        socket = Socket(address, "/gui_data", print)
        await socket.open()

        async def send():
            while not socket.ended.done():
                await socket.send(bytes(1 << 16))

        sending = asyncio.create_task(send())
        done, _ = await asyncio.wait([sending], timeout=0.2)
        assert not done
        socket.abort()
        await sending
        await socket.send("after the end: nothing happens")


async def test_frames_left_for_the_next_turn_are_not_read_behind_the_end():
    wire = connected([])
    wire.feed(fragments(Opcode.PING, b"") * (ODD_FRAMES_A_TURN + 10))
    wire.socket.eof_received()
    wire.socket.connection_lost(None)
    faults = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: faults.append(context))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert faults == []
