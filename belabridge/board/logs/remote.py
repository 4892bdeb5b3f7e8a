"""One open file on the board, with what was known of it when it was opened."""

from __future__ import annotations

import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, cast

import asyncssh

from belabridge.errors import LogError
from belabridge.printable import printable

if TYPE_CHECKING:
    from pathlib import PurePosixPath


@dataclass(slots=True)
class Remote:
    """A regular file on the board, open to be read.

    Attributes:
        sftp: by which it was opened.
        path: of the file.
        file: it.
        size: in bytes, when it was last looked at.
        modified_s: when it was last written, in s since 1970.
    """

    sftp: asyncssh.SFTPClient
    path: PurePosixPath
    file: asyncssh.SFTPClientFile
    size: int
    modified_s: int

    @classmethod
    async def open(cls, sftp: asyncssh.SFTPClient, path: PurePosixPath) -> Self:
        """Open it.

        Raises:
            LogError: it is a folder, a link, a device.
            asyncssh.Error: there is no such file, or no connection.
        """
        attributes = await sftp.lstat(str(path))
        if not is_file(attributes):
            raise LogError(f"{printable(str(path))} on the board is no file: it cannot be fetched")
        file = await sftp.open(str(path), "rb", block_size=0)  # one request a read: we send many ourselves
        remote = cls(sftp, path, file, 0, 0)
        await remote.look()
        return remote

    async def look(self) -> None:
        """See how large it is now."""
        attributes = await self.file.stat()
        self.size = attributes.size or 0
        self.modified_s = attributes.mtime or 0

    async def read(self, count: int, at: int) -> bytes:
        """Up to ``count`` bytes from byte ``at`` on; none at the end of the file."""
        return cast("bytes", await self.file.read(count, at))  # text only when an encoding was asked for

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(asyncssh.Error, OSError):  # a lost connection has closed it
            await self.file.close()


def is_file(attributes: asyncssh.SFTPAttrs) -> bool:
    """Whether these are a regular file's."""
    return attributes.permissions is not None and stat.S_ISREG(attributes.permissions)
