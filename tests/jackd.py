"""A JACK server of a test, without sound and private, and a program that speaks MIDI with others on it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections import deque
from pathlib import Path

import jack
import pytest

from processes import Running, wait_for

PERIOD_FRAMES = 1024
RATE_HZ = 48000
END_S = 8.0  # of a server, with one cycle of patience for its clients
# JACK has room for eight servers, and one that was killed keeps its place until its name comes again: so few
# names, again and again.
NAMES = [f"bb{number}" for number in range(6)]


def free_name():
    """A name that no other run of the tests uses now, and what holds it."""
    for name in NAMES:
        lock = (Path(tempfile.gettempdir()) / f"belabridge-test-jack-{name}.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            return name, lock
    raise RuntimeError("all names of JACK servers are taken: do other runs of the tests hang?")


class JackServer:
    """A server that may be killed and started again under the same name.

    Attributes:
        name: of the server.
        environ: what a program needs to find it.
    """

    def __init__(self, period_frames=PERIOD_FRAMES, *, is_synchronous=False):
        """Prepare.

        Args:
            period_frames: of a cycle.
            is_synchronous: each cycle waits for all clients. Else one that is late, on a busy machine, misses
                a cycle: what it should have read is lost, and what it wrote before is read again.
        """
        if shutil.which("jackd") is None:
            pytest.skip("jackd is not installed")
        self.name, self._lock = free_name()
        self.environ = {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_AUDIO_RESERVATION": "1"}
        self._period_frames = period_frames
        self._mode = " -S -t 5000" if is_synchronous else ""
        self._running = None

    def start(self):
        # few ports keep the shared memory small; not in real time, for a test machine need not allow it
        words = f"jackd -r{self._mode} -p 64 -n {self.name}"
        words += f" -d dummy -r {RATE_HZ} -p {self._period_frames} -C 0 -P 0"
        self._running = Running(*words.split(), environ=self.environ)
        wait_for(lambda: self._lsp().returncode == 0, why=lambda: f"jackd never served: {self._running}")
        return self

    def kill(self):
        """As when it crashes."""
        self._running.kill()

    def stop(self):
        if self._running is not None and self._running.process.poll() is None:
            try:
                self._running.end(within_s=END_S)
            except subprocess.TimeoutExpired:  # it waits for a client that a test killed
                self._running.kill()
        self._lock.close()

    def ports(self):
        """The names of all ports."""
        return self._lsp().stdout.split("\n")[:-1]

    def connect(self, source, to):
        subprocess.run(
            ["jack_connect", "-s", self.name, source, to], check=True, env=os.environ | self.environ
        )

    def disconnect(self, source, to):
        subprocess.run(
            ["jack_disconnect", "-s", self.name, source, to], check=True, env=os.environ | self.environ
        )

    def _lsp(self):
        environ = os.environ | self.environ
        return subprocess.run(
            ["jack_lsp"], env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )


class Peer:
    """A program on a JACK server with one port ``NAME:out`` and one ``NAME:in``.

    Attributes:
        got: (monotonic time, message) of all that came.
        is_open: until it is closed.
    """

    def __init__(self, server, name="peer"):
        self.client = jack.Client(name, no_start_server=True, servername=server.name)
        self.name = self.client.name
        self.got, self.is_open = [], True
        self._to_send = deque()
        self._in = self.client.midi_inports.register("in")
        self._out = self.client.midi_outports.register("out")
        self.client.set_process_callback(self._process)
        self.client.activate()

    @property
    def messages(self):
        return [message for _, message in self.got]

    def send(self, *messages):
        self._to_send.extend(messages)

    def alias(self, way, name):
        """Give a port a second name, as drivers of devices do."""
        (self._in if way == "in" else self._out).set_alias(name)

    def register(self, name: bytes, kind=b"8 bit raw midi", *, is_source=True, alias=b""):
        """One more port, with a name of any bytes; gives how to take it back."""
        lib, client = jack._lib, self.client._ptr
        flag = lib.JackPortIsOutput if is_source else lib.JackPortIsInput
        port = lib.jack_port_register(client, name, kind, flag, 0)
        assert port
        if alias:
            assert lib.jack_port_set_alias(port, alias) == 0
        return lambda: lib.jack_port_unregister(client, port)

    def close(self):
        self.is_open = False
        self.client.deactivate()
        self.client.close()

    def _process(self, _frames):
        for _, data in self._in.incoming_midi_events():
            self.got.append((time.monotonic(), bytes(data)))
        self._out.clear_buffer()
        while self._to_send:
            try:
                self._out.write_midi_event(0, self._to_send[0])
            except jack.JackError:  # after a pause of the whole machine a cycle may be too full
                break
            self._to_send.popleft()
