"""What the ssh library raises, said as what it means for a log file."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import asyncssh

from belabridge.errors import LogError, NoSuchLog, SshRefused, TransferBroken
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from belabridge.board.logs.login import Login
    from belabridge.board.logs.part import Part

BREAKS: Final = (asyncssh.Error, ConnectionError, TimeoutError)
"""What ends a transfer from outside."""

_LONGEST: Final = 200
_MISSING: Final = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)


def refused(login: Login, error: BaseException) -> SshRefused:
    """Why there is no connection, and what to do."""
    match error:
        case asyncssh.PermissionDenied():
            proof = (
                "the key or password" if login.key or login.password else "nobody without a key or password"
            )
            reason = (
                f"it does not accept {proof} for {login.user}"
                if login.key or login.password
                else f"it lets in {proof} as {login.user}"
            )
            instead = "give the board's password or a key, or another user"
        case asyncssh.HostKeyNotVerifiable():
            reason, instead = "its key cannot be used", "look at the ssh server of the board"
        case TimeoutError():
            reason, instead = "no answer", "is the board plugged in, and has it started?"
        case ConnectionRefusedError():
            reason = "nothing listens there"
            instead = "is this the board's address, and the port of its ssh?"
        case ConnectionError():
            reason, instead = (
                "it ended the connection",
                "is this the port of its ssh? Try again when it has started",
            )
        case socket.gaierror():
            reason, instead = "no such host", "is the board plugged in? Try its number, 192.168.7.2"
        case asyncssh.Error():
            reason = f"something answers, but not as a board's ssh does: {_text(error)}"
            instead = "is this the port of its ssh?"
        case _:
            reason, instead = _text(error), "is the board plugged in?"
    return SshRefused(login.place, reason, instead)


@contextmanager
def told(path: PurePosixPath, part: Part | None = None) -> Iterator[None]:
    """Raise errors of ours for those of the library, about one file.

    Raises:
        NoSuchLog: there is no such file.
        TransferBroken: the connection, or the board's card.
        LogError: the board does not let us.
    """
    try:
        yield
    except _MISSING as error:
        raise NoSuchLog(
            f"the board has no file {printable(str(path))}: `belabridge log list` shows what it has"
        ) from error
    except asyncssh.SFTPPermissionDenied as error:
        raise LogError(
            f"the board's ssh user may not do that with {printable(str(path))}: use another user"
        ) from error
    except BREAKS as error:
        kept = str(part.path) if part is not None and part.size else None
        done, total = (part.size, part.expected) if part is not None else (0, 0)
        raise TransferBroken(printable(str(path)), _text(error), kept, done, total) from error


def _text(error: BaseException) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return "no answer"
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(str(reason), _LONGEST)
