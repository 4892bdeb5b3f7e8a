"""Another client at the board: what a browser's page or another library does with the two WebSockets."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from processes import DEADLINE_S, wait_for


class Page:
    """Both sockets of one board, read all the time; it speaks the original protocol, or the second one.

    Attributes:
        heard: all that came over ``/gui_control``, parsed.
        binary: the messages of ``/gui_data`` so far.
    """

    def __init__(self, address, *, replies=True, protocol=1):
        self._replies, self._protocol = replies, protocol
        self.heard, self.binary = [], []
        self._stack = ExitStack()
        self._sockets = {
            end: self._stack.enter_context(
                connect(f"ws://{address}/gui_{end}", compression=None, proxy=None, close_timeout=0.1)
            )
            for end in ("control", "data")
        }
        self._threads = [
            threading.Thread(target=self._read, args=(end,), daemon=True) for end in self._sockets
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, end):
        try:
            for message in self._sockets[end]:
                if end == "data":
                    self.binary.append(message)
                    continue
                self.heard.append(json.loads(message))
                if self._replies and self.heard[-1].get("event") == "connection":
                    self._say({"event": "connection-reply"})
        except ConnectionClosed:
            pass

    def _say(self, message):
        self._sockets["control"].send(json.dumps(message))

    def say(self, **command):
        """One command of the watcher."""
        self._say({"watcher": [command if self._protocol == 1 else {**command, "protocol": 2}]})

    def throw(self, data):
        """Any binary message for the program."""
        self._sockets["data"].send(data)

    def variables(self):
        """The board's variables by name, as it lists them now."""
        seen = len(self.heard)
        self.say(cmd="list")
        key = "watcher" if self._protocol == 1 else "watcher2"
        answer = wait_for(
            lambda: next((m for m in self.heard[seen:] if "watchers" in m.get(key, {})), None),
            why="the board does not list",
        )
        return {watcher["name"]: watcher for watcher in answer[key]["watchers"]}

    def wait(self, fits, *, within_s=DEADLINE_S):
        """The variables as soon as ``fits(variables)``."""

        def found():
            variables = self.variables()
            return variables if fits(variables) else None

        return wait_for(
            found, within_s=within_s, every_s=0.05, why=lambda: f"the board shows {self.variables()}"
        )

    def close(self):
        self._stack.close()
        for thread in self._threads:
            thread.join()
