"""The laptop's WebSocket server behaves as the board's: paths, large and fragmented messages, and its end."""

from __future__ import annotations

import base64
import os
import socket
import struct
from contextlib import suppress

import pytest

from host_program import PROGRAMS, built
from processes import DEADLINE_S, Running

LIST = b'{"watcher":[{"cmd":"list"}]}'
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FINAL = 0x80


class Wire:
    """A WebSocket byte by byte, so that nothing is said or answered but what a test says."""

    def __init__(self, address, path="/gui_control", *, upgrade=True):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=DEADLINE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {address}"]
        if upgrade:
            lines += ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}"]
            lines += ["Sec-WebSocket-Version: 13"]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.held = b""
        while b"\r\n\r\n" not in self.held:
            self._more()
        head, self.held = self.held.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])
        self.head = head.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _more(self):
        got = self.socket.recv(65536)
        if not got:
            raise EOFError
        self.held += got

    def send(self, opcode, payload=b"", *, final=True):
        size = len(payload)
        length = (
            bytes([0x80 | size])
            if size < 126
            else struct.pack("!BH", 0x80 | 126, size)
            if size < 65536
            else struct.pack("!BQ", 0x80 | 127, size)
        )
        self.socket.sendall(bytes([opcode | (FINAL if final else 0)]) + length + bytes(4) + payload)

    def frame(self):
        """The next frame: opcode and payload; EOFError at the end of the connection."""
        while True:
            if len(self.held) >= 2:
                size, at = self.held[1], 2
                if size >= 126:
                    at = 4 if size == 126 else 10
                    size = int.from_bytes(self.held[2:at], "big") if len(self.held) >= at else 1 << 60
                if len(self.held) >= at + size:
                    opcode, payload = self.held[0] & 15, self.held[at : at + size]
                    self.held = self.held[at + size :]
                    return opcode, payload
            self._more()

    def rest(self):
        """The opcodes of all frames until the connection ends, which it must."""
        opcodes = []
        try:
            while True:
                opcodes.append(self.frame()[0])
        except (EOFError, ConnectionResetError):
            return opcodes

    def answers(self):
        """It lists, so it lives."""
        self.send(TEXT, LIST)
        while b'"watchers"' not in self.frame()[1]:
            pass
        return True


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    program = Running(
        *built(PROGRAMS / "bela-test"), "--port", 0, "--folder", tmp_path_factory.mktemp("socket")
    )
    yield program.wait_out(r" on (\S+);")[1]
    code = program.end()
    program.kill()
    assert code == 0, str(program)


@pytest.fixture
def wire(board):
    with Wire(board) as it:
        assert it.status == 101
        yield it


@pytest.mark.parametrize("path", ["/", "/gui", "/gui_controls", "/gui_control/x", "/GUI_DATA", "/scope_data"])
@pytest.mark.parametrize("upgrade", [True, False])
def test_other_paths_are_not_found(board, path, upgrade):
    with Wire(board, path, upgrade=upgrade) as it:
        assert it.status == 404


def test_who_does_not_upgrade_is_not_served(board):
    with Wire(board, "/gui_control", upgrade=False) as it:
        assert it.status == 404


def test_it_offers_no_extension_and_no_subprotocol(wire):
    assert "sec-websocket-extensions" not in wire.head.lower()
    assert "sec-websocket-protocol" not in wire.head.lower()


@pytest.mark.parametrize("size", [1, 125, 126, 30_000, 32_767])
def test_messages_below_the_limit_pass(wire, size):
    wire.send(TEXT, LIST.ljust(size))
    assert wire.answers()


@pytest.mark.parametrize("size", [32_768, 40_000, 70_000])
def test_a_message_of_32768_bytes_ends_the_connection_without_a_word(wire, size):
    with suppress(ConnectionError):  # it need not wait for all of it
        wire.send(TEXT, LIST.ljust(size))
    assert CLOSE not in wire.rest()


@pytest.mark.parametrize("kind", [TEXT, BINARY])
def test_a_message_in_fragments_ends_the_connection_without_a_word(wire, kind):
    wire.send(kind, LIST[:10], final=False)
    with suppress(ConnectionError):  # the first fragment may be enough
        wire.send(0, LIST[10:])
    assert CLOSE not in wire.rest()


def test_a_close_frame_is_not_answered(wire):
    wire.send(CLOSE, struct.pack("!H", 1000))
    assert CLOSE not in wire.rest()


def test_pings_are_answered(wire):
    wire.send(PING, b"here?")
    while (frame := wire.frame())[0] != PONG:
        assert frame[0] == TEXT
    assert frame[1] == b"here?"


def test_one_connection_that_ends_leaves_the_others(board, wire):
    with Wire(board) as other:
        with suppress(ConnectionError):
            other.send(TEXT, b"x" * 32_768)
        assert CLOSE not in other.rest()
    assert wire.answers()


@pytest.mark.parametrize("path", ["/gui_control", "/gui_data"])
@pytest.mark.parametrize("kind", [TEXT, BINARY])
def test_an_empty_message_does_no_harm(board, wire, path, kind):
    with Wire(board, path) as other:
        other.send(kind)
        assert wire.answers()


def test_the_programs_end_is_no_close_frame(tmp_path):
    program = Running(*built(PROGRAMS / "bela-test"), "--port", 0, "--folder", tmp_path)
    try:
        address = program.wait_out(r" on (\S+);")[1]
        ends = [Wire(address, path) for path in ("/gui_control", "/gui_data")]
        assert program.end() == 0
        for end in ends:
            assert CLOSE not in end.rest()
            end.socket.close()
    finally:
        program.kill()
