"""Checksums made by the board: ranges of a file, compared while the rest of it still comes."""

from __future__ import annotations

import asyncio
import re
import shlex
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import asyncssh

from belabridge.errors import LogError

if TYPE_CHECKING:
    from pathlib import PurePosixPath

_DIGEST: Final = re.compile(r"([0-9a-f]{64})\b")
_SLOWEST_BYTES_A_S: Final = 1 << 20  # a 1 GHz board makes 30 MiB/s, and its audio may take most of it
_LEAST_S: Final = 20.0
_CHOOSE: Final = (
    "sum=sha256sum; openssl dgst -sha256 -r /dev/null >/dev/null 2>&1 && sum='openssl dgst -sha256 -r'"
)
"""OpenSSL makes the same checksum in half of the time or less, which the board's audio may need."""


class Mixture(LogError):  # never leaves this folder: it means "begin anew"
    """What is here is not what the board has."""


@dataclass(frozen=True, slots=True)
class Range:
    """Some bytes of a file, and what their SHA-256 is here."""

    start: int
    end: int
    digest: str


async def board_digest(
    connection: asyncssh.SSHClientConnection, path: PurePosixPath, start: int, end: int
) -> str | None:
    """The SHA-256 of a range of a file as the board has it; None when its shell cannot tell.

    Raises:
        asyncssh.Error: the connection broke.
    """
    file = shlex.quote(str(path))
    if not _is_text(file):
        return None  # the library cannot say it
    command = f"{_CHOOSE}; tail -c +{start + 1} -- {file} | head -c {end - start} | $sum"
    within_s = _LEAST_S + end / _SLOWEST_BYTES_A_S
    try:
        done = await connection.run(
            command, stdin=asyncssh.DEVNULL, timeout=within_s, errors="backslashreplace"
        )
    except (asyncssh.ChannelOpenError, asyncssh.TimeoutError) as error:
        if connection.is_closed():
            raise asyncssh.ConnectionLost("it ended") from error
        return None  # files only, as some servers are set up
    if done.exit_status is None and done.exit_signal is None:
        raise asyncssh.ConnectionLost("it ended")
    found = _DIGEST.match(str(done.stdout or ""))
    return found[1] if found and done.exit_status == 0 else None


def _is_text(text: str) -> bool:
    """Not so when a name has bytes that are no UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Checker:
    """Has ranges of one file checked by the board, one after the other, in a task of its own.

    Attributes:
        confirmed: the end of what the board has confirmed from the beginning of the file on.

    Args:
        connection: to the board.
        path: of the file on it.
    """

    def __init__(self, connection: asyncssh.SSHClientConnection, path: PurePosixPath) -> None:
        self._connection, self._path = connection, path
        self.confirmed = 0
        self._waiting: asyncio.Queue[Range | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    def add(self, range_: Range) -> None:
        """Have a range checked; an empty one is right."""
        if range_.end > range_.start:
            self._waiting.put_nowait(range_)

    def look(self) -> None:
        """Raise what is known by now.

        Raises:
            Mixture: a range is not what the board has.
            asyncssh.Error: the connection broke.
        """
        if self._task.done():
            self._task.result()

    @property
    def is_mute(self) -> bool:
        """The board's shell cannot tell checksums."""
        return self._task.done() and not self._task.cancelled() and self._task.result() is False

    async def result(self) -> bool:
        """Whether the board has confirmed all ranges; False when it cannot.

        Raises:
            Mixture: a range is not what the board has.
            asyncssh.Error: the connection broke.
        """
        self._waiting.put_nowait(None)
        return await self._task

    async def close(self) -> None:
        """Ask no more."""
        self._task.cancel()
        with suppress(asyncio.CancelledError, Mixture, asyncssh.Error, OSError):
            await self._task

    async def _run(self) -> bool:
        while (range_ := await self._waiting.get()) is not None:
            digest = await board_digest(self._connection, self._path, range_.start, range_.end)
            if digest is None:
                return False
            if digest != range_.digest:
                raise Mixture
            self.confirmed = range_.end
        return True
