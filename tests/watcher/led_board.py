"""A Bela program on the laptop's host that goes frame by frame as the test says, and one client of it."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from processes import DEADLINE_S, Running, wait_for


class LedBoard:
    """A program that waits at frame 0; use it in a ``with``.

    Attributes:
        control: all that clients heard on ``/gui_control``, in the order of arrival.
        data: the same of ``/gui_data``.
    """

    def __init__(self, command, folder, *words):
        self.control, self.data = [], []
        self._stack = ExitStack()
        self._sockets = {}
        self.process = Running(*command, "--port", 0, "--step", "--folder", folder, *words, talks=True)
        self._stack.callback(self.process.kill)
        self._port = int(self.process.wait_out(r" on 127\.0\.0\.1:(\d+);")[1])
        self.open("data", "data")
        self.open("onlooker", heard=[])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def reach(self, frame):
        """Let the program process all frames before this one."""
        printed = len(self.process.out)
        self.process.tell(frame)
        self.process.wait_out(f"^{frame}$", after=printed)

    def open(self, client, end="control", heard=None):
        """A client opens its socket."""
        self._sockets[client] = socket = self._stack.enter_context(
            connect(
                f"ws://127.0.0.1:{self._port}/gui_{end}",
                compression=None,
                proxy=None,
                max_size=None,
                close_timeout=DEADLINE_S,
            )
        )
        if heard is None:
            heard = self.data if end == "data" else self.control
        reader = threading.Thread(target=self._read, args=(socket, heard), daemon=True)
        reader.start()

    @staticmethod
    def _read(socket, heard):
        try:
            for message in socket:
                heard.append(message)
        except ConnectionClosed:
            pass

    def close(self, client):
        """A client leaves; the program knows it after this."""
        self._sockets.pop(client).close()
        self._look()

    def send(self, client, message):
        """The program has taken the message after this."""
        self._sockets[client].send(message)
        self._taken(client)
        if client != "data":
            self._look()

    def _look(self):
        """Let the library look who is active: it does so at any message, and else only now and then."""
        self._sockets["onlooker"].send("{}")
        self._taken("onlooker")

    def _taken(self, client):
        assert self._sockets[client].ping().wait(DEADLINE_S), f"no pong: {self.process}"

    def wait(self, counts):
        """Until so many messages have come, of control and of data."""

        def enough():
            return (len(self.control), len(self.data)) >= counts and len(self.data) >= counts[1]

        def why():
            return f"{len(self.control)}, {len(self.data)} messages of {counts}: {self.process}"

        wait_for(enough, every_s=0.001, why=why)
