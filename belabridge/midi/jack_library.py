"""JACK, and PipeWire where it stands in for JACK: one client, whose ports come and go."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import jack

from belabridge.midi.library import LibraryError, has_room
from belabridge.midi.names import OURS, SystemPort

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# A second of a flood; JACK takes some hundred a cycle, so more than this are old when they get out.
MOST_WAITING = 8192
_CYCLE_S = 0.25  # longer than any cycle: 8192 frames at 44.1 kHz take 0.19 s
_EMPTY_S = 0.6  # for what waits to get out of a port that is closed, on a machine that is too busy for cycles
_POLL_S = 0.001

# JACK's own complaints go to the error stream, one for each try to reach a server that is not there.
jack.set_error_function(lambda _text: None)
jack.set_info_function(lambda _text: None)


class JackLibrary:
    """A client of the JACK server that runs; never starts one.

    All that a cycle does is done by ``_process`` on JACK's thread, in a few steps that never wait: messages
    are handed over in deques, whose ends may be used by two threads. What is sent waits for the next cycle.

    Args:
        changed: called on JACK's threads when ports came or went, and when the server ended.

    Raises:
        LibraryError: there is no server.
    """

    backend = "jack"

    def __init__(self, changed: Callable[[], None]) -> None:
        self.gone = False
        self._changed = changed
        self._ins: tuple[_JackIn, ...] = ()
        self._outs: tuple[_JackOut, ...] = ()
        self._cycles = 0
        self._went: set[str] = set()  # names of ports that went since we looked
        try:
            self._client = jack.Client(OURS, no_start_server=True)
        except jack.JackError as error:
            raise LibraryError("no JACK server runs") from error
        self._own_prefix = f"{self._client.name}:"
        try:
            self._client.set_shutdown_callback(self._shut_down)
            self._client.set_process_callback(self._process)
            self._client.set_port_registration_callback(self._registered, only_available=False)
            self._client.activate()
        except jack.JackError as error:
            self._client.close()
            raise LibraryError(f"JACK refused ({error})") from error

    def ports(self) -> tuple[Sequence[SystemPort], Sequence[SystemPort]]:
        """What can be heard, and what can be sent to; see ``Library``."""
        went, self._went = self._went, set()

        def found(*, source: bool) -> list[SystemPort]:
            try:
                ports = self._client.get_ports(is_midi=True, is_output=source, is_input=not source)
                return [
                    SystemPort(port.name, "jack", tuple(port.aliases))
                    for port in ports
                    if not port.name.startswith(self._own_prefix) and port.name not in went
                ]
            except jack.JackError:  # one went away while we looked: we are told, and look again
                return []

        if went:  # one that is there again is another one: its connections are gone, and it knows nothing
            self._changed()
        return found(source=True), found(source=False)

    def open_in(self, label: str, port: SystemPort | None, heard: Callable[[float, bytes], None]) -> _JackIn:
        """Listen; see ``Library``."""
        own = self._own(self._client.midi_inports, label, "in", virtual=port is None)
        opened = _JackIn(self, own, heard)
        self._ins = (*self._ins, opened)
        if port is not None:
            self._connect(port.name, own.name, opened)
        return opened

    def open_out(self, label: str, port: SystemPort | None) -> _JackOut:
        """Send; see ``Library``."""
        own = self._own(self._client.midi_outports, label, "out", virtual=port is None)
        opened = _JackOut(self, own)
        self._outs = (*self._outs, opened)
        if port is not None:
            self._connect(own.name, port.name, opened)
        return opened

    def close(self) -> None:
        """Leave the server; after its end there is nothing to leave."""
        if not self.gone:
            self._client.deactivate()
            self._client.close()

    def drop(self, port: _JackIn | _JackOut) -> None:
        """Unregister a port of ours, once no cycle uses it any more."""
        self._ins = tuple([other for other in self._ins if other is not port])
        self._outs = tuple([other for other in self._outs if other is not port])
        self._let_a_cycle_pass()
        if not self.gone:
            try:
                port.own.unregister()
            except jack.JackError:
                self.gone = True  # a server that does not take back its own port is not there

    def empty(self, port: _JackOut) -> None:
        """Let go out what waits, and one empty cycle after it: a buffer that nobody clears is heard twice."""
        until = time.monotonic() + _EMPTY_S
        while port.waiting() and not self.gone and time.monotonic() < until:
            self._let_a_cycle_pass()
        self._let_a_cycle_pass()
        self._let_a_cycle_pass()

    def _own(self, ports: jack.Ports, label: str, way: str, *, virtual: bool) -> jack.OwnMidiPort:
        clean = label.replace(":", "_")[:60]  # JACK joins client and port with a colon
        names = [clean] if virtual else []
        names += [f"{clean} {way}", *(f"{clean} {way} {i}" for i in range(2, 20))]
        for name in names:
            try:
                return ports.register(name)
            except jack.JackError:
                continue  # a port of ours has that name
        raise LibraryError(f"JACK gave no port for {label!r}")

    def _connect(self, source: str, to: str, opened: _JackIn | _JackOut) -> None:
        try:
            self._client.connect(source, to)
        except jack.JackErrorCode as error:
            opened.close()
            raise LibraryError(f"{source} and {to} cannot be connected ({error})") from error

    def _let_a_cycle_pass(self) -> None:
        seen, until = self._cycles, time.monotonic() + _CYCLE_S
        while self._cycles == seen and not self.gone and time.monotonic() < until:
            time.sleep(_POLL_S)

    def _process(self, frames: int) -> None:
        if self._ins:
            client = self._client
            rate = client.samplerate
            # What comes now was played while the cycle before this one went on.
            began = time.monotonic() - (client.frames_since_cycle_start + frames) / rate
            for way_in in self._ins:
                for offset, data in way_in.own.incoming_midi_events():
                    way_in.heard(began + offset / rate, bytes(data))
        for way_out in self._outs:
            way_out.cycle()
        self._cycles += 1

    def _registered(self, port: jack.Port | None, came: bool) -> None:  # noqa: FBT001  # the library calls it so
        if port is not None and not came:
            self._went.add(port.name)
        if port is None or not port.name.startswith(self._own_prefix):
            self._changed()

    def _shut_down(self, _status: jack.Status, _reason: str) -> None:
        self.gone = True
        self._changed()


class _JackIn:
    def __init__(
        self, library: JackLibrary, own: jack.OwnMidiPort, heard: Callable[[float, bytes], None]
    ) -> None:
        self.own, self.heard = own, heard
        self._library = library

    def close(self) -> None:
        """Take nothing more."""
        self._library.drop(self)


class _JackOut:
    def __init__(self, library: JackLibrary, own: jack.OwnMidiPort) -> None:
        self.own = own
        self._library = library
        self._queue: deque[bytes] = deque()

    def send(self, message: bytes) -> bool:
        """Queue one message for the next cycle."""
        if not has_room(len(self._queue), MOST_WAITING, message):
            return False
        self._queue.append(message)
        return True

    def waiting(self) -> int:
        """How many messages no cycle has taken yet."""
        return len(self._queue)

    def close(self) -> None:
        """Send nothing more; what waits goes out first."""
        self._library.empty(self)
        self._library.drop(self)

    def cycle(self) -> None:
        """Give JACK what fits in this cycle; on JACK's thread."""
        own, queue = self.own, self._queue
        own.clear_buffer()
        first = True
        while queue:
            try:
                own.write_midi_event(0, queue[0])
            except jack.JackError:
                if not first:
                    break  # full: the rest goes with the next cycle
                # Not even alone: it never fits.
            queue.popleft()
            first = False
