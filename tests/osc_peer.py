"""An OSC program of the test: a UDP port that keeps all it hears, read by python-osc."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from processes import DEADLINE_S, wait_for


def osc(address, *arguments):
    """A message; an argument may be (type, value)."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        if isinstance(argument, tuple):
            builder.add_arg(argument[1], argument[0])
        else:
            builder.add_arg(argument)
    return builder.build().dgram


def free_port(kind=socket.SOCK_DGRAM):
    """A port of the loopback that nobody has now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ear:
    """Listens on ``port`` from its making until ``close``, and sends from there.

    Attributes:
        heard: (address, arguments) in the order of arrival.
        datagrams: how many came.
    """

    def __init__(self, port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self.heard, self.datagrams, self.broken = [], 0, []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while not self._ended.is_set():
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:
                continue
            self._take(data)
            self.datagrams += 1

    def _take(self, data):
        if not OscBundle.dgram_is_bundle(data):
            message = OscMessage(data)
            self.heard.append((message.address, tuple(message.params)))
            return
        for part in OscBundle(data):
            self._take(part.dgram)

    def say(self, port, address, *arguments):
        """A message to ``port`` of this machine."""
        self.socket.sendto(osc(address, *arguments), ("127.0.0.1", port))

    def throw(self, port, data):
        """Any datagram."""
        self.socket.sendto(data, ("127.0.0.1", port))

    def wait(self, address, *, after=0, that=lambda *_: True, within_s=DEADLINE_S):
        """The arguments of the first message to ``address``, from index ``after`` on, that fits."""

        def found():
            return next(
                (
                    (arguments,)
                    for where, arguments in self.heard[after:]
                    if where == address and that(*arguments)
                ),
                None,
            )

        def why():
            last = [arguments for where, arguments in self.heard[after:] if where == address][-3:]
            return f"never heard such a {address}; of it: {last}; of all: {self.heard[after:][-5:]}"

        return wait_for(found, within_s=within_s, why=why)[0]

    def values(self, address, after=0):
        """First arguments of all messages to an address."""
        return [arguments[0] for where, arguments in self.heard[after:] if where == address]

    @property
    def count(self):
        return len(self.heard)

    @property
    def overrun(self):
        """Datagrams that the kernel had no room for, because this process was too slow."""
        local = f":{self.port:04X}"
        rows = [line.split() for line in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]]
        return sum(int(row[12]) for row in rows if row[1].endswith(local))

    def close(self):
        self._ended.set()
        self._thread.join()
        self.socket.close()
