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


class LogDamaged(RemoteFormatError):
    """A block of a large log file is damaged, which seemed to be whole when it was opened.

    Attributes:
        at: byte of the block.
    """

    def __init__(self, at: int) -> None:
        self.at = at
        super().__init__(
            f"the block at byte {at} of the log file is damaged: look at all of it first "
            "(`belabridge log info`, or scan() in Python), and such blocks are left out"
        )


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


class NotConnected(BoardError, ConnectionError):
    """There is no connection, and one is needed; what pybela's form raises."""


class BoardLost(BoardError):
    """The connection ended; a link reconnects by itself."""


class BoardTimeout(BoardError):
    """The board is connected but did not answer in time."""


class FramesMissing(BoardError):
    """Frames of a stream are missing, and whoever reads it wanted to be told so by an exception.

    Attributes:
        name: of the variable.
        frames: how many; 0 when nobody knows.
    """

    def __init__(self, name: str, frames: int) -> None:
        self.name, self.frames = name, frames
        many = f"{frames} frames" if frames else "an unknown number of frames"
        super().__init__(f"{many} of {name!r} are missing: begin a new stream, or let gaps be told as blocks")


class Misaligned(BoardError):
    """Variables could not be put beside each other, because one of them does not come.

    Attributes:
        name: of the variable.
    """

    def __init__(self, name: str, waited_s: float) -> None:
        self.name = name
        super().__init__(
            f"{name!r} did not come for {waited_s:g} s, and the others cannot be put beside it: is it ever "
            "assigned? An original board sends a slow variable's values in full blocks: stream it alone"
        )


class FellBehind(BelabridgeError):
    """A stream's reader was too slow, and wanted to be told so by an exception.

    Attributes:
        waiting: blocks that wait for it.
    """

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        super().__init__(
            f"{waiting} blocks wait to be read: do less for each of them, let more of them wait, or "
            "let the oldest be dropped"
        )


class Closed(BelabridgeError):
    """What was asked of a connection that its own user has closed."""

    def __init__(self) -> None:
        super().__init__("this connection is closed: connect anew")


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
        advice: what to do.
    """

    def __init__(self, why: str, advice: str = "start a JACK server or load the ALSA sequencer") -> None:
        self.why, self.advice = why, advice
        super().__init__(f"no MIDI on this machine ({why}): {advice}")


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
        super().__init__(
            path, f"cannot be written ({reason}): choose a folder that can be written and has room"
        )


class NoRecording(RecordingError):
    """What should be read is no recording, or cannot be read."""


class CannotExport(RecordingError):
    """A recording cannot be put into a format."""


class LogError(BelabridgeError):
    """Something about a log file of the board, or its way to this computer."""


class LogRefused(LogError):
    """The board does not log a variable.

    Attributes:
        variable: it.
        reason: the board's word for why.
    """

    def __init__(self, variable: str, reason: str) -> None:
        self.variable, self.reason = variable, reason
        super().__init__(
            f"the board does not log {variable} ({reason}): end the log that is on, or look at its disk"
        )


class SshRefused(LogError):
    """There is no way to the board's files.

    Attributes:
        host: as ``host:port``.
        reason: what happened.
        instead: what to do.
    """

    def __init__(self, host: str, reason: str, instead: str) -> None:
        self.host, self.reason, self.instead = host, reason, instead
        super().__init__(f"no ssh to {host}: {reason}: {instead}")


class HostKeyChanged(SshRefused):
    """The ssh server at a board's place has another key than it had before.

    Attributes:
        known: fingerprint of the key that it had.
        shown: of the one that it has now.
    """

    def __init__(self, host: str, known: str, shown: str) -> None:
        self.known, self.shown = known, shown
        super().__init__(
            host,
            f"it has another key than before ({shown} instead of {known})",
            f"if the board was flashed anew, or is another one, type `belabridge log trust {host}`; "
            "if not, somebody else may answer in its place",
        )


class NoSuchLog(LogError):
    """The board has no such file."""


class UnsafeName(LogError, ValueError):
    """A name from the board that could harm this computer as the name of a file.

    Attributes:
        name: it.
        reason: what is wrong with it.
    """

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"the board names a file {name!r}, which {reason}: give it a name of your own")


class TransferBroken(LogError):
    """A transfer ended before its end; what came is kept.

    Attributes:
        remote: the file on the board.
        part: where what came is kept, or None when nothing did.
        done_bytes: how much that is.
        total_bytes: of the file.
    """

    def __init__(self, remote: str, reason: str, part: str | None, done_bytes: int, total_bytes: int) -> None:
        self.remote, self.part, self.done_bytes, self.total_bytes = remote, part, done_bytes, total_bytes
        much = f"{done_bytes} of {total_bytes} bytes" if total_bytes else f"{done_bytes} bytes"
        kept = f"{much} are kept in {part}" if part else "nothing came"
        super().__init__(f"the transfer of {remote} broke ({reason}): {kept}: fetch it again to go on")


class TransferBusy(LogError):
    """Another transfer, of this program or another one, is filling the same file."""

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(f"another transfer is filling {part}: wait for it, or fetch into another folder")


class NoRoom(LogError):
    """This computer cannot write what came.

    Attributes:
        part: the unfinished file, which is kept.
        reason: what the system said.
    """

    def __init__(self, part: str, reason: str) -> None:
        self.part, self.reason = part, reason
        super().__init__(
            f"cannot write {part} ({reason}): what came is kept: make room and fetch again to go on, "
            "or remove it"
        )


class LogChanges(LogError):
    """A file on the board did not stay what it was while it was fetched, also at a second try."""

    def __init__(self, remote: str) -> None:
        self.remote = remote
        super().__init__(
            f"{remote} on the board is not what came, also at a second try: something writes it anew, or the "
            "board's card is failing; stop what writes it and fetch again"
        )


class NotVerified(LogError):
    """A file is not removed from the board, because nobody knows that this computer has all of it."""

    def __init__(self, remote: str, reason: str) -> None:
        self.remote, self.reason = remote, reason
        super().__init__(
            f"{remote} stays on the board: {reason}: fetch it again, or remove it with `belabridge log rm`"
        )
