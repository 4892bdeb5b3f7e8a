"""What log files a board has, read from the beginning and the end of each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import asyncssh

from belabridge.board.logs.reading import read_all
from belabridge.board.logs.remote import Remote, is_file
from belabridge.errors import LogError, LogFormatError
from belabridge.values import TimestampMode
from belabridge.wire.formats import LATEST_FRAME
from belabridge.wire.log_blocks import form_of
from belabridge.wire.log_header import LONGEST_START, read_header

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from belabridge.board.logs.reading import Budget
    from belabridge.values import VarType
    from belabridge.wire.log_header import LogHeader

SUFFIX: Final = ".bin"
AT_ONCE: Final = 16  # files that are looked into at once
_FRAME_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class RemoteLog:
    """A log file on the board.

    Attributes:
        name: of the file.
        bytes: its size.
        modified_s: when it was last written, in s since 1970 by the board's clock.
        variable: whose values it has; None when the file cannot be read.
        type: the variable's C type, or None.
        protocol: of the file's format, 1 or 2; None when it cannot be read.
        first_frame: of its first value; None when it has none yet.
        last_frame: of the first value in its last block, or None.
        sample_rate_hz: where the file tells it (protocol 2).
        problem: why it cannot be read, or empty.
    """

    name: str
    bytes: int
    modified_s: int
    variable: str | None = None
    type: VarType | None = None
    protocol: int | None = None
    first_frame: int | None = None
    last_frame: int | None = None
    sample_rate_hz: float | None = None
    problem: str = ""


async def list_logs(sftp: asyncssh.SFTPClient, folder: PurePosixPath, budget: Budget) -> list[RemoteLog]:
    """The log files of a folder on the board, by name."""
    found = [
        entry
        async for entry in sftp.scandir(str(folder))
        if str(entry.filename).endswith(SUFFIX) and is_file(entry.attrs)
    ]
    gate = asyncio.Semaphore(AT_ONCE)

    async def look(entry: asyncssh.SFTPName) -> RemoteLog | None:
        async with gate:
            return await _look(sftp, folder, entry, budget)

    logs = await asyncio.gather(*(look(entry) for entry in found))
    return sorted((log for log in logs if log is not None), key=lambda log: log.name)


async def _look(
    sftp: asyncssh.SFTPClient, folder: PurePosixPath, entry: asyncssh.SFTPName, budget: Budget
) -> RemoteLog | None:
    name = str(entry.filename)
    try:
        async with await Remote.open(sftp, folder / name) as remote:
            return await _read(remote, name, budget)
    except asyncssh.SFTPNoSuchFile:
        return None  # removed meanwhile
    except (LogError, asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure) as error:
        size, modified_s = entry.attrs.size or 0, entry.attrs.mtime or 0
        return RemoteLog(name, size, modified_s, problem=str(error))


async def _read(remote: Remote, name: str, budget: Budget) -> RemoteLog:
    size, modified_s = remote.size, remote.modified_s
    start = await read_all(remote, 0, min(size, LONGEST_START), budget)
    try:
        header = read_header(start, size)
    except LogFormatError as error:
        return RemoteLog(name, size, modified_s, problem=str(error))
    frames = [await _frame(remote, at, header, budget) for at in (header.bytes, _last_block(header, size))]
    return RemoteLog(
        name=name,
        bytes=size,
        modified_s=modified_s,
        variable=header.name,
        type=header.type,
        protocol=header.protocol,
        first_frame=frames[0],
        last_frame=frames[1],
        sample_rate_hz=header.sample_rate_hz,
    )


def block_bytes(header: LogHeader) -> int:
    """Of a full block in a log file."""
    # the blocks of an original file are of one size, dense or sparse
    form = form_of(header, header.mode or TimestampMode.DENSE, char_signed=bool(header.char_signed))
    return form.bytes(form.capacity)


def _last_block(header: LogHeader, size: int) -> int:
    """Where the last block begins of which the frame is there, if all before it are full ones."""
    blocks = (size - header.bytes - _FRAME_BYTES) // block_bytes(header)
    return header.bytes + max(0, blocks) * block_bytes(header)


async def _frame(remote: Remote, at: int, header: LogHeader, budget: Budget) -> int | None:
    raw = await read_all(remote, at, min(at + _FRAME_BYTES, remote.size), budget)
    frame = int.from_bytes(raw, "little" if header.byte_order == "<" else "big")
    return frame if len(raw) == _FRAME_BYTES and frame <= LATEST_FRAME else None
