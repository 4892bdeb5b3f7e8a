"""RtMidi: the ALSA sequencer, CoreMIDI and Windows MultiMedia, one client of the system for each port."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import supriya_midi as rtmidi

from belabridge.midi.library import LibraryError
from belabridge.midi.names import OURS, SystemPort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# What RtMidi raises through its binding, and what the binding raises itself.
_FAULTS = (rtmidi.RtMidiError, RuntimeError, NotImplementedError)


class RtMidiLibrary:
    """One API of RtMidi.

    Args:
        api: as ``supriya_midi.RtMidiAPI`` calls it.
        backend: what we call it.

    Raises:
        LibraryError: it is not there.
    """

    def __init__(self, api: str, backend: str) -> None:
        self.backend, self.gone = backend, False
        self._api = rtmidi.RtMidiAPI[api]
        try:
            # Kept to ask for names, for each one made is a client that the whole system sees come and go.
            self._look_in = rtmidi.MidiIn(self._api, OURS)
            self._look_out = rtmidi.MidiOut(self._api, OURS)
        except _FAULTS as error:
            raise LibraryError(f"{backend} refused ({error})") from error

    def ports(self) -> tuple[Sequence[SystemPort], Sequence[SystemPort]]:
        """What can be heard, and what can be sent to; see ``Library``."""
        return self._found(self._look_in), self._found(self._look_out)

    def open_in(
        self, label: str, port: SystemPort | None, heard: Callable[[float, bytes], None]
    ) -> _RtMidiIn:
        """Listen; see ``Library``."""
        way = self._opened(lambda: rtmidi.MidiIn(self._api, OURS), label, port)
        way.ignore_types(sysex=False, timing=False, active_sense=True)

        def take(message: Iterable[int], _delta: float, _data: Any) -> None:
            heard(time.monotonic(), bytes(message))

        way.set_callback(take)
        return _RtMidiIn(way)

    def open_out(self, label: str, port: SystemPort | None) -> _RtMidiOut:
        """Send; see ``Library``."""
        return _RtMidiOut(self._opened(lambda: rtmidi.MidiOut(self._api, OURS), label, port))

    def close(self) -> None:
        """Leave nothing behind in the system."""
        for way in (self._look_in, self._look_out):
            way.delete()

    def _found(self, look: rtmidi.MidiIn | rtmidi.MidiOut) -> list[SystemPort]:
        try:
            names = look.get_ports()
        except _FAULTS:  # one went away while we looked; there is a next look
            return []
        return [SystemPort(name, self.backend) for name in names if name and not name.startswith(f"{OURS}:")]

    @staticmethod
    def _opened(make: Callable[[], Any], label: str, port: SystemPort | None) -> Any:
        way = None
        try:
            way = make()
            if port is None:
                way.open_virtual_port(label)
            else:
                way.open_port(way.get_ports().index(port.name), label)
        except (*_FAULTS, ValueError) as error:  # ValueError: it went away since we looked
            if way is not None:
                way.delete()
            raise LibraryError(f"{port.name if port else label} cannot be opened ({error})") from error
        return way


class _RtMidiIn:
    def __init__(self, way: rtmidi.MidiIn) -> None:
        self._way = way

    def close(self) -> None:
        """Take nothing more."""
        self._way.cancel_callback()
        self._way.close_port()
        self._way.delete()  # only this ends the client in the system


class _RtMidiOut:
    def __init__(self, way: rtmidi.MidiOut) -> None:
        self._way = way

    def send(self, message: bytes) -> bool:
        """Hand one message to the system, which may take as long as its wire takes."""
        try:
            self._way.send_message(message)
        except _FAULTS:
            return False
        return True

    def waiting(self) -> int:
        """Nothing waits here: the system has it."""
        return 0

    def close(self) -> None:
        """Send nothing more."""
        self._way.close_port()
        self._way.delete()
