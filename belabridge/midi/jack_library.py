"""JACK, and PipeWire where it stands in for JACK: one client, whose ports come and go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import jack

from belabridge.midi.cables import Cables
from belabridge.midi.jack_names import JackNames, name_of
from belabridge.midi.jack_ports import JackIn, JackOut, clean
from belabridge.midi.library import LibraryError
from belabridge.midi.names import OURS, SystemPort

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        self._ins: tuple[JackIn, ...] = ()
        self._outs: tuple[JackOut, ...] = ()
        self.cycles = 0
        self._went: set[str] = set()  # names of ports that went since we looked
        try:
            self._client = jack.Client(OURS, no_start_server=True)
        except jack.JackError as error:
            raise LibraryError("no JACK server runs") from error
        self._own_prefix = f"{self._client.name}:"
        self._names = JackNames(self._client)
        try:
            self._client.set_shutdown_callback(self._shut_down)
            self._client.set_process_callback(self._process)
            self._client.set_port_registration_callback(self._registered, only_available=False)
            self._client.set_port_connect_callback(self._connected, only_available=False)
            self._client.activate()
        except jack.JackError as error:
            self._client.close()
            raise LibraryError(f"JACK refused ({error})") from error

    def ports(self) -> tuple[Sequence[SystemPort], Sequence[SystemPort]]:
        """What can be heard, and what can be sent to; see ``Library``."""
        went, self._went = self._went, set()

        def found(*, sources: bool) -> list[SystemPort]:
            ports = self._names.ports(sources=sources)
            return [
                port for port in ports if not port.name.startswith(self._own_prefix) and port.name not in went
            ]

        if went:  # one that is there again is another one: its connections are gone, and it knows nothing
            self._changed()
        return found(sources=True), found(sources=False)

    def open_in(self, label: str, port: SystemPort | None, heard: Callable[[float, bytes], None]) -> JackIn:
        """Listen; see ``Library``."""
        own = self._own(self._client.midi_inports, label)
        opened = JackIn(self, own, Cables(port and port.name, is_in=True), heard)
        self._ins = (*self._ins, opened)
        if port is not None:
            self._connect(port.name, own.name, opened)
        return opened

    def open_out(self, label: str, port: SystemPort | None) -> JackOut:
        """Send; see ``Library``."""
        own = self._own(self._client.midi_outports, label)
        opened = JackOut(self, own, Cables(port and port.name, is_in=False))
        self._outs = (*self._outs, opened)
        if port is not None:
            self._connect(own.name, port.name, opened)
        return opened

    def close(self) -> None:
        """Leave the server; after its end there is nothing to leave."""
        if not self.gone:
            self._client.deactivate()
            self._client.close()

    def drop(self, port: JackIn | JackOut) -> None:
        """Unregister a port of ours, once no cycle uses it any more."""
        self._ins = tuple([other for other in self._ins if other is not port])
        self._outs = tuple([other for other in self._outs if other is not port])
        self._let_a_cycle_pass()
        if not self.gone:
            try:
                port.own.unregister()
            except jack.JackError:
                self.gone = True  # a server that does not take back its own port is not there

    def empty(self, port: JackOut) -> None:
        """Let go out what waits, and one empty cycle after it: a buffer that nobody clears is heard twice."""
        until = time.monotonic() + _EMPTY_S
        while port.waiting() and not self.gone and time.monotonic() < until:
            self._let_a_cycle_pass()
        self._let_a_cycle_pass()
        self._let_a_cycle_pass()

    @staticmethod
    def _own(ports: jack.Ports, label: str) -> jack.OwnMidiPort:
        name = clean(label)
        for one in (name, *(f"{name} {number}" for number in range(2, 20))):
            try:
                return ports.register(one)
            except jack.JackError:
                continue  # a port of ours has that name
        raise LibraryError(f"JACK gave no port for {label!r}")

    def _connect(self, source: str, to: str, opened: JackIn | JackOut) -> None:
        try:
            self._names.connect(source, to)
        except LibraryError:
            opened.close()
            raise
        for _ in range(2):  # JACK takes a connection over when a cycle begins: what is sent before is lost
            self._let_a_cycle_pass()

    def _let_a_cycle_pass(self) -> None:
        seen, until = self.cycles, time.monotonic() + _CYCLE_S
        while self.cycles == seen and not self.gone and time.monotonic() < until:
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
        self.cycles += 1

    def _registered(self, port: jack.Port | None, came: bool) -> None:  # noqa: FBT001  # the library calls it so
        name = "" if port is None else name_of(port)
        if name and not came:
            self._went.add(name)
        if not name.startswith(self._own_prefix):
            self._changed()

    def _connected(self, source: jack.Port | None, to: jack.Port | None, made: bool) -> None:  # noqa: FBT001
        """Somebody, we or others, connected or parted two ports; None of one that is gone."""
        from_name, to_name = ["" if port is None else name_of(port) for port in (source, to)]
        for way_in in self._ins:
            if name_of(way_in.own) == to_name:
                self._told(way_in.cables, from_name, made=made)
        for way_out in self._outs:
            if name_of(way_out.own) == from_name:
                self._told(way_out.cables, to_name, made=made)

    def _told(self, cables: Cables, other: str, *, made: bool) -> None:
        (cables.made if made else cables.ended)(other)
        self._changed()

    def _shut_down(self, _status: jack.Status, _reason: str) -> None:
        self.gone = True
        self._changed()
