"""Checksums made by the board: one shell of it, asked by all transfers of a connection in turn."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import asyncssh

if TYPE_CHECKING:
    from pathlib import PurePosixPath

# OpenSSL makes the same checksum in half of the time or less, and GNU's dd cuts a range out with one program
# instead of two: the board's audio may need what is saved.
_SCRIPT: Final = """
sum=sha256sum
openssl dgst -sha256 -r /dev/null >/dev/null 2>&1 && sum='openssl dgst -sha256 -r'
range() { tail -c "+$(($2 + 1))" -- "$1" | head -c "$3"; }
dd if=/dev/null iflag=skip_bytes,count_bytes skip=0 count=0 status=none 2>/dev/null &&
    range() { dd "if=$1" bs=128K iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none; }
printf '' | $sum || exit
while read -r start count file; do
    range "${file%|}" "$start" "$count" | $sum
done
"""
_DIGEST: Final = re.compile(rb"([0-9a-f]{64})\b")
_OF_NOTHING: Final = hashlib.sha256().hexdigest()
_SLOWEST_BYTES_A_S: Final = 1 << 20  # a 1 GHz board makes 30 MiB/s, and its audio may take most of it
_LEAST_S: Final = 20.0


class Sums:
    """The SHA-256 of ranges of files, as the board has them. The shell is started when it is first asked.

    Args:
        connection: to the board.
    """

    def __init__(self, connection: asyncssh.SSHClientConnection) -> None:
        self._connection = connection
        self._asked: asyncio.Queue[tuple[bytes, float, asyncio.Future[str | None]]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._process: asyncssh.SSHClientProcess[bytes] | None = None
        self._is_mute = False

    async def digest(self, path: PurePosixPath, start: int, end: int) -> str | None:
        """The checksum of some bytes of a file; None when the board's shell cannot tell.

        Raises:
            asyncssh.Error: the connection broke.
        """
        raw = os.fsencode(str(path))
        if self._is_mute or b"\n" in raw:
            return None
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        # the bar ends a name that ends with a space
        line = b"%d %d %s|\n" % (start, end - start, raw)
        self._asked.put_nowait((line, _LEAST_S + end / _SLOWEST_BYTES_A_S, answer))
        return await answer

    async def close(self) -> None:
        """End the shell."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            line, within_s, answer = await self._asked.get()
            try:
                digest = await self._ask(line, within_s)
            except (asyncssh.Error, OSError) as error:
                _fail(answer, error)
            except asyncio.CancelledError:
                _fail(answer, asyncssh.ConnectionLost("it was ended here"))
                raise
            else:
                if not answer.done():
                    answer.set_result(digest)

    async def _ask(self, line: bytes, within_s: float) -> str | None:
        if self._is_mute:
            return None
        is_first = self._process is None
        try:
            async with asyncio.timeout(within_s):
                if self._process is None:
                    self._process = await self._connection.create_process(
                        _SCRIPT, encoding=None, stderr=asyncssh.DEVNULL
                    )
                # what is no shell, but gives files only, ends at a line that it does not understand
                self._process.stdin.write(line)
                if is_first and await self._answer(self._process) != _OF_NOTHING:
                    await self._mute()
                elif digest := await self._answer(self._process):
                    return digest
                else:
                    await self._mute()
        except (TimeoutError, BrokenPipeError):  # the latter: it ended before it was asked
            await self._mute()
        except asyncssh.ChannelOpenError as error:
            if self._connection.is_closed():
                raise asyncssh.ConnectionLost("it ended") from error
            await self._mute()
        return None

    @staticmethod
    async def _answer(process: asyncssh.SSHClientProcess[bytes]) -> str | None:
        found = _DIGEST.match(await process.stdout.readline())
        return found[1].decode() if found else None

    async def _mute(self) -> None:
        """The shell said nothing that helps: ask no more, unless it was the connection that ended."""
        process, self._process = self._process, None
        if process is not None:
            process.close()
            await process.wait_closed()
            if process.exit_status is None and process.exit_signal is None and self._connection.is_closed():
                raise asyncssh.ConnectionLost("it ended")
        self._is_mute = True


def _fail(answer: asyncio.Future[str | None], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
