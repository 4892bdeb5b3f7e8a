"""The files themselves: what a board and a folder have, and many of them brought or removed at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from belabridge.errors import BelabridgeError, NoSuchLog, NotVerified
from belabridge.logs.names import SUFFIX
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from belabridge.board.logs.host_keys import HostKeys
    from belabridge.board.logs.listing import RemoteLog
    from belabridge.board.logs.login import Login
    from belabridge.board.logs.shell import LogShell
    from belabridge.board.logs.transfers import Fetched
    from belabridge.logs.record import BoardLog
    from belabridge.wire.listing import VariableList

Outcome: TypeAlias = "tuple[Fetched, str] | BelabridgeError"

# Coroutines that talk to ssh: for the loop of ``Aside``. They import asyncssh, and nothing else does.


async def remote_logs(login: Login, project: str, keys: HostKeys) -> list[RemoteLog]:
    """The log files on the board, by name; none where the project has no folder.

    Raises:
        LogError: as ``LogShell.list``.
    """
    from belabridge.board.logs.shell import LogShell

    async with await LogShell.open(login, project, keys=keys) as shell:
        return await shell.list()


async def fetch_all(  # noqa: PLR0917 - what is brought, by which way, and where to
    login: Login,
    project: str,
    keys: HostKeys,
    wanted: Sequence[tuple[str, bool]],
    folder: Path,
    progress: Callable[[str, int, int], None],
) -> list[Outcome]:
    """Bring files over one connection; the second of ``wanted`` says whether to remove it then.

    Gives for each what came and why it is still there, or what went wrong.

    Raises:
        LogError: there is no way to the board's files.
    """
    from belabridge.board.logs.shell import LogShell

    async with await LogShell.open(login, project, keys=keys) as shell:

        async def one(file: str, is_deleted: bool) -> Outcome:  # noqa: FBT001 - one of a pair
            try:
                got = await shell.fetch(
                    file, folder, progress=lambda done, total: progress(file, done, total)
                )
                return got, await _removed(shell, got) if is_deleted else ""
            except BelabridgeError as error:
                return error

        return list(await asyncio.gather(*(one(*each) for each in wanted)))


async def _removed(shell: LogShell, got: Fetched) -> str:
    try:
        await shell.remove_fetched(got)
    except NotVerified as error:
        return str(error)
    return ""


async def remove_all(login: Login, project: str, keys: HostKeys, files: Collection[str]) -> None:
    """Remove files from the board.

    Raises:
        LogError: as ``LogShell.remove``.
    """
    from belabridge.board.logs.shell import LogShell

    async with await LogShell.open(login, project, keys=keys) as shell:
        for file in files:
            await shell.remove(file)


async def trust(login: Login, keys: HostKeys) -> str:
    """Know a board by the key that it has now; its fingerprint.

    Raises:
        LogError: as ``board.logs.shell.trust``.
    """
    from belabridge.board.logs.shell import trust as trust_key

    return await trust_key(login, keys)


# Which of them, and what is told of them.


def chosen(
    names: Sequence[str], remote: Sequence[RemoteLog], board: VariableList, *, all_: bool = False
) -> list[str]:
    """The files that are meant: by their own names, or the last of a variable, as the board's list names it.

    Args:
        names: of files or variables; none = the last of each variable.
        remote: what the board has.
        board: its list.
        all_: all of them instead.

    Raises:
        NoSuchLog: a name means no file that is there.
    """
    there = {one.name for one in remote}
    if all_:
        return sorted(there)
    last = {v.name: v.log_file_name for v in board.variables if v.log_file_name}
    if not names:
        return [file for file in dict.fromkeys(last.values()) if file in there]
    found = []
    for name in names:
        file = name if name in there else last.get(name, name)
        if file not in there:
            raise NoSuchLog(
                f"the board has no log {printable(name)}: `belabridge log list` shows what it has"
            )
        found.append(file)
    return list(dict.fromkeys(found))


def remote_row(
    one: RemoteLog, writing: Collection[str], rate_hz: float, logs: Sequence[BoardLog]
) -> dict[str, Any]:
    """A file on the board, for programs."""
    frames = None
    if one.first_frame is not None and one.last_frame is not None:
        frames = max(0, one.last_frame - one.first_frame)
    ours = next((log for log in reversed(logs) if log.file == one.name), None)
    return {
        "file": one.name,
        "bytes": one.bytes,
        "variable": one.variable,
        "type": None if one.type is None else one.type.value,
        "seconds": None if frames is None else frames / (one.sample_rate_hz or rate_hz or 1.0),
        "state": "logging" if one.name in writing else "whole" if not one.problem else "unreadable",
        "here": str(ours.path) if ours is not None and ours.path is not None else None,
        "problem": one.problem,
    }


def local_rows(folder: Path) -> list[dict[str, Any]]:
    """The log files in a folder of this computer, by name; also unfinished ones. May block."""
    from belabridge.recording.log_file import is_log, open_log

    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*" + SUFFIX)):
        if not is_log(path):
            continue
        with suppress(BelabridgeError, OSError):
            log = open_log(path)
            frames = frames_of(path, None)
            rows.append(
                {
                    "file": path.name,
                    "bytes": log.file.size,
                    "variable": log.file.header.name,
                    "type": log.file.header.type.value,
                    "seconds": frames / log.track.sample_rate_hz,
                    "state": "whole" if not log.file.is_torn else "torn",
                }
            )
    rows += [
        {"file": path.name, "bytes": path.stat().st_size, "state": "unfinished"}
        for path in sorted(folder.glob(f"*{SUFFIX}.part"))
    ]
    return rows


def frames_of(path: Path, end_frame: int | None) -> int:
    """How many frames a log file spans; 0 when it cannot be read. May block."""
    from belabridge.recording.log_file import open_log

    try:
        track = open_log(path, end_frame=end_frame).track
        count = len(track)
        if not count:
            return 0
        return int(track[count - 1 : count].frames[0]) - int(track[0:1].frames[0]) + 1
    except (BelabridgeError, OSError):
        return 0
