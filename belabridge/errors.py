"""The one tree of exceptions: data in attributes, and a message that says what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class BelabridgeError(Exception):
    """Everything that belabridge raises on purpose."""


class UsageError(BelabridgeError, ValueError):
    """The caller asked for something that would harm the board or makes no sense; nothing was sent."""


class RemoteFormatError(BelabridgeError):
    """The other side sent bytes that do not follow its format; they were ignored.

    Attributes:
        reason: what is wrong with the bytes, in a few words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OscFormatError(RemoteFormatError):
    """A datagram that is not OSC 1.0."""


class LogFormatError(RemoteFormatError):
    """A file that is no log file of a board, or so short that nothing of it can be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"this is no log file that can be read: {reason}")
        self.reason = reason


class BoardError(BelabridgeError):
    """Something between us and the board."""


class BoardUnreachable(BoardError):
    """No board answered.

    Attributes:
        tried: the addresses, as ``host:port``.
        reason: why the last one failed.
    """

    def __init__(self, tried: Sequence[str], reason: str) -> None:
        self.tried = tuple(tried)
        self.reason = reason
        super().__init__(
            f"no Bela at {', '.join(self.tried)} ({reason}): is it plugged in, and does its program "
            "call Bela_getDefaultWatcherManager()->getGui().setup()? Without a board: `belabridge sim`"
        )


class BoardLost(BoardError):
    """The connection ended; a link reconnects by itself."""


class BoardTimeout(BoardError):
    """The board is connected but did not answer in time."""


class UnknownVariable(BoardError, ValueError):
    """A name that the board's program does not have.

    Attributes:
        name: the name that was asked for.
        near: names of the board that look like it.
    """

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        self.name = name
        self.near = tuple(near)
        hint = (
            f": did you mean {' or '.join(self.near)}?" if near else ": `belabridge list` shows its variables"
        )
        super().__init__(f"the board has no variable {name!r}{hint}")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a config file.

    Attributes:
        file: the file as the user named it.
        line: from 1.
        column: from 1.
        problem: what is wrong.
        instead: what to write instead; empty when there is nothing better to say.
    """

    file: str
    line: int
    column: int
    problem: str
    instead: str = ""

    def __str__(self) -> str:
        tail = f": {self.instead}" if self.instead else ""
        return f"{self.file}:{self.line}:{self.column}: {self.problem}{tail}"


class ConfigError(BelabridgeError):
    """A config that cannot be used, with every fault at once.

    Attributes:
        faults: at least one, in the order of the file.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


class CannotListen(BelabridgeError):
    """A port that we were told to listen on cannot be had.

    Attributes:
        what: what we wanted it for, such as ``osc.listen``.
        problem: what is wrong, with the address.
        instead: what to do.
    """

    def __init__(self, what: str, problem: str, instead: str) -> None:
        self.what, self.problem, self.instead = what, problem, instead
        super().__init__(f"{what}: {problem}: {instead}")


class PortInUse(CannotListen):
    """Another program has the port."""

    def __init__(self, host: str, port: int, what: str) -> None:
        problem = f"{host}:{port} is in use by another program"
        super().__init__(what, problem, "stop that program or choose another port")


class MidiUnavailable(BelabridgeError):
    """There is no MIDI on this machine.

    Attributes:
        why: what each backend said.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"no MIDI on this machine ({why}): start a JACK server or load the ALSA sequencer")


class DaemonNotRunning(BelabridgeError):
    """There is no running daemon to ask."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"no running belabridge at {where}: start one with `belabridge run`")


class DaemonSilent(BelabridgeError):
    """A daemon runs, but gave no answer that one could use."""


class MissingPackage(BelabridgeError, ImportError):
    """Something needs a Python package that is not installed.

    Attributes:
        what: what needs it.
        package: what to install.
    """

    def __init__(self, what: str, package: str) -> None:
        self.what, self.package = what, package
        super().__init__(f"{what} needs {package}, which is not installed: pip install '{package}'")


class RecordingError(BelabridgeError):
    """Something between us and the files of a recording.

    Attributes:
        path: which file or folder.
    """

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}")


class AlreadyExists(RecordingError):
    """What should be written is there already; nothing is ever overwritten."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "exists already, and nothing is overwritten: choose another name")


class CannotSave(RecordingError):
    """Data could not be written, such as on a full disk; what was written before stays readable.

    Attributes:
        reason: what the system says.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.reason = reason
        super().__init__(path, f"cannot be written ({reason}): make room there, or save somewhere else")


class NoRecording(RecordingError):
    """What should be read is no recording, or cannot be read."""


class CannotExport(RecordingError):
    """A recording cannot be put into a format."""
