"""What the ports' process asks of a MIDI library: the one small interface that each of them stands behind."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from belabridge.midi.cables import Cables
    from belabridge.midi.names import SystemPort


class LibraryError(Exception):
    """A library cannot be had, or a port not be opened; what to do about it is for the daemon to say."""


NOTES_MORE = 16  # times as many notes may wait as other messages: minutes of playing, and still bounded


def has_room(waiting: int, most: int, message: bytes) -> bool:
    """Whether a message may wait too; notes and note-offs always may, up to a bound that no hand reaches."""
    return waiting < (most * NOTES_MORE if message[0] & 0xE0 == 0x80 else most)


class OwnPort(Protocol):
    """An open port of ours.

    Attributes:
        cables: what others do to its connections.
    """

    cables: Cables

    def rename(self, label: str) -> None:
        """Be called otherwise, with the same connections."""

    def close(self) -> None:
        """Take and send nothing more; what waits goes out first."""


class InPort(OwnPort, Protocol):
    """An open way in."""


class OutPort(OwnPort, Protocol):
    """An open way out."""

    def send(self, message: bytes) -> bool:
        """One whole message; False when it was thrown away because too many wait. Never blocks for long."""

    def waiting(self) -> int:
        """How many messages have not gone out yet."""

    def forget(self) -> int:
        """Throw away what waits; gives how many messages that were."""


class Library(Protocol):
    """One MIDI backend of the system, opened.

    Attributes:
        backend: ``jack`` or ``alsa``.
        gone: whether it has ended; a new process is the only sure way to have it again.
    """

    backend: str
    gone: bool

    @property
    def cycles(self) -> int | None:
        """A number that changes as long as it works; None of one that cannot hang."""

    def ports(self) -> tuple[Sequence[SystemPort], Sequence[SystemPort]]:
        """What can be heard, and what can be sent to; without our own."""

    def open_in(self, label: str, port: SystemPort | None, heard: Callable[[float, bytes], None]) -> InPort:
        """Listen to a port, or with None be one; ``heard`` is called on any thread with the monotonic time.

        Args:
            label: what our port is called, at most 80 characters.
            port: to listen to.
            heard: told each message.

        Raises:
            LibraryError: it cannot be opened.
        """

    def open_out(self, label: str, port: SystemPort | None) -> OutPort:
        """Send to a port, or with None be one.

        Raises:
            LibraryError: it cannot be opened.
        """

    def close(self) -> None:
        """Leave nothing behind in the system."""


def openers() -> dict[str, Callable[[Callable[[], None]], Library]]:
    """How each backend that this kind of system may have is opened; the first is asked first for a name.

    Each takes a function that is called, on any thread, when the ports of the system have changed, and raises
    ``LibraryError`` when the backend is not there now.
    """
    if not sys.platform.startswith("linux"):
        return {}  # CoreMIDI and Windows have a place here; no library for them has stood our tests yet
    return {"alsa": _alsa, "jack": _jack}


# Imported late: each loads libraries of the system, and one that is missing must not hinder the others.


def _alsa(changed: Callable[[], None]) -> Library:
    if not os.access(
        "/dev/snd/seq", os.R_OK | os.W_OK
    ):  # asked first: the library complains loudly by itself
        raise LibraryError("the ALSA sequencer (/dev/snd/seq) is not there or not ours to use")
    try:
        from belabridge.midi.alsa_library import AlsaLibrary
    except (ImportError, OSError) as error:
        raise LibraryError(f"the ALSA library does not load ({error})") from error
    return AlsaLibrary(changed)


def _jack(changed: Callable[[], None]) -> Library:
    try:
        from belabridge.midi.jack_library import JackLibrary
    except (ImportError, OSError) as error:
        raise LibraryError(f"JACK is not installed ({error})") from error
    return JackLibrary(changed)
