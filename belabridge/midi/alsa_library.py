"""The ALSA sequencer: one client that listens and one that sends, each on a thread of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import alsa_midi as alsa

from belabridge.midi.alsa_text import read_any_encoding
from belabridge.midi.cables import Cables
from belabridge.midi.library import LibraryError, has_room
from belabridge.midi.names import OURS, SystemPort

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_WAITING = 8192  # as many as for JACK: more than this are old when they get out
_LISTEN_S = 0.2  # how soon a listening thread sees that all is over
_EMPTY_S = 0.25  # to let go out what waits, before a port is closed

read_any_encoding()


class AlsaLibrary:
    """The sequencer of the kernel.

    Two clients, because the library's encoder and decoder are one object a client, and a thread uses each of
    them. What blocks, blocks a thread that holds nothing.

    Args:
        changed: called on the listening thread when ports came or went.

    Raises:
        LibraryError: the sequencer is not there.
    """

    backend = "alsa"
    cycles = None  # the kernel does not hang

    def __init__(self, changed: Callable[[], None]) -> None:
        self.gone = False
        self._changed = changed
        self._ended = threading.Event()
        self._heard: dict[int, Callable[[float, bytes], None]] = {}  # by the number of our port
        self._cables: dict[tuple[int, int], Cables] = {}  # by the address of our port
        self._queue: deque[tuple[Any, bytes]] = deque()
        self._work = threading.Event()
        self._went: set[tuple[int, int]] = set()  # addresses of ports that went since we looked
        try:
            self._in = alsa.SequencerClient(OURS)
            self._out = alsa.SequencerClient(OURS)
            watch = self._in.create_port("changes", alsa.WRITE_PORT | alsa.PortCaps.NO_EXPORT)
            watch.connect_from(alsa.SYSTEM_ANNOUNCE)
        except alsa.Error as error:
            raise LibraryError(f"the ALSA sequencer refused ({error})") from error
        self._ours = {self._in.client_id, self._out.client_id}
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._listen, self._speak)]
        for thread in self._threads:
            thread.start()

    def ports(self) -> tuple[Sequence[SystemPort], Sequence[SystemPort]]:
        """What can be heard, and what can be sent to; see ``Library``."""
        went, self._went = self._went, set()
        if went:  # one that is there again is another one: its connections are gone, and it knows nothing
            self._changed()
        return self._found(went, input=True), self._found(went, output=True)

    def open_in(self, label: str, port: SystemPort | None, heard: Callable[[float, bytes], None]) -> _AlsaIn:
        """Listen; see ``Library``."""
        own, cables = self._opened(self._in, label, alsa.WRITE_PORT, port)
        self._heard[own.port_id] = heard
        return _AlsaIn(self, own, cables)

    def open_out(self, label: str, port: SystemPort | None) -> _AlsaOut:
        """Send; see ``Library``."""
        return _AlsaOut(self, *self._opened(self._out, label, alsa.READ_PORT, port))

    def close(self) -> None:
        """Leave nothing behind in the system."""
        self._ended.set()
        self._work.set()
        for thread in self._threads:
            thread.join(2 * _LISTEN_S)
        self._in.close()
        self._out.close()

    def drop_in(self, own: Any) -> None:
        """Close a port that listens."""
        self._heard.pop(own.port_id, None)
        self._close(own)

    def drop_out(self, own: Any) -> None:
        """Close a port that sends, once what waits for it is out."""
        until = time.monotonic() + _EMPTY_S
        while self.waiting(own) and time.monotonic() < until:
            time.sleep(0.001)
        self._close(own)

    def queue(self, own: Any, message: bytes) -> bool:
        """A message for the thread that sends; False when too many wait."""
        if not has_room(len(self._queue), MOST_WAITING, message):
            return False
        self._queue.append((own, message))
        self._work.set()
        return True

    def waiting(self, own: Any) -> int:
        """How many messages of a port have not gone out yet."""
        return sum(port is own for port, _ in list(self._queue))

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                event = self._in.event_input(prefer_bytes=True, timeout=_LISTEN_S)
            except alsa.ALSAError:  # more came than the kernel keeps: what is lost is lost, the next is read
                continue
            if isinstance(event, alsa.MidiBytesEvent):
                heard = self._heard.get(event.dest.port_id if event.dest is not None else -1)
                if heard is not None:
                    heard(time.monotonic(), bytes(event.midi_bytes))
            elif event is not None:
                self._take_note(event)
                self._changed()

    def _take_note(self, event: Any) -> None:
        if isinstance(event, alsa.PortExitEvent):
            self._went.add((event.addr.client_id, event.addr.port_id))
        elif isinstance(event, (alsa.PortSubscribedEvent, alsa.PortUnsubscribedEvent)):
            made = isinstance(event, alsa.PortSubscribedEvent)
            pair = event.connect_sender, event.connect_dest
            for own, other in (pair, pair[::-1]):
                cables = self._cables.get(tuple(own))
                if cables is not None:
                    (cables.made if made else cables.ended)(tuple(other))

    def _speak(self) -> None:
        while not self._ended.is_set():
            self._work.wait(_LISTEN_S)
            self._work.clear()
            while self._queue and not self._ended.is_set():
                own, message = self._queue[0]
                with contextlib.suppress(alsa.Error):  # the port was closed meanwhile
                    self._out.event_output_direct(alsa.MidiBytesEvent(message), port=own)
                self._queue.popleft()  # only now: a port is not closed before its last message is out

    def _found(self, went: set[tuple[int, int]], **way: bool) -> list[SystemPort]:
        try:
            listed = self._in.list_ports(**way, type=alsa.PortType.ANY)
        except alsa.Error:  # one went away while we looked; we are told, and look again
            return []
        return [
            SystemPort(f"{port.client_name}:{port.name} {port.client_id}:{port.port_id}", "alsa")
            for port in listed
            if port.client_id not in self._ours and (port.client_id, port.port_id) not in went
        ]

    def _opened(self, client: Any, label: str, caps: Any, port: SystemPort | None) -> tuple[Any, Cables]:
        own = None
        address = None if port is None else _address(port)
        cables = Cables(address, is_in=client is self._in)
        try:
            own = client.create_port(label, caps if port is None else caps | alsa.PortCaps.NO_EXPORT)
            self._cables[own.client_id, own.port_id] = cables
            if address is not None:
                (own.connect_from if client is self._in else own.connect_to)(alsa.Address(*address))
        except alsa.Error as error:
            if own is not None:
                self._close(own)
            raise LibraryError(f"{port.name if port else label} cannot be opened ({error})") from error
        return own, cables

    def _close(self, own: Any) -> None:
        self._cables.pop((own.client_id, own.port_id), None)
        try:
            own.close()
        except alsa.Error:  # it went away with what it was connected to
            return


def _address(port: SystemPort) -> tuple[int, int]:
    client, _, place = port.name.rpartition(" ")[2].partition(":")
    return int(client), int(place)


class _AlsaPort:
    def __init__(self, library: AlsaLibrary, own: Any, cables: Cables) -> None:
        self._library, self._own, self.cables = library, own, cables

    def rename(self, label: str) -> None:
        """Be called otherwise; see ``OwnPort``."""
        with contextlib.suppress(alsa.Error):  # a name is not worth the port
            info = self._own.get_info()
            info.name = label
            self._own.set_info(info)


class _AlsaIn(_AlsaPort):
    def close(self) -> None:
        """Take nothing more."""
        self._library.drop_in(self._own)


class _AlsaOut(_AlsaPort):
    def send(self, message: bytes) -> bool:
        """Queue one message for the thread that sends."""
        return self._library.queue(self._own, message)

    def waiting(self) -> int:
        """How many messages have not gone out yet."""
        return self._library.waiting(self._own)

    def forget(self) -> int:
        """Nothing waits here that would be old."""
        return 0

    def close(self) -> None:
        """Send nothing more."""
        self._library.drop_out(self._own)
