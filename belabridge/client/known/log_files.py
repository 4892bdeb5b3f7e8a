"""Files of logs here: which name is free, all files of a project, and the rest of a broken one."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, TypeVar

from belabridge.board.logs.names import PART, free_names, safe_name
from belabridge.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from belabridge.board.logs.shell import LogShell
    from belabridge.board.logs.transfers import Fetched

T = TypeVar("T")
_PIECE_BYTES = 1 << 20


def free_path(folder: Path, name: str) -> Path:
    """A path for a file of the board that no file has, and no unfinished one.

    Raises:
        UnsafeName: the board's name could harm this computer.
    """
    for path in free_names(folder, safe_name(name)):
        if not path.exists() and not path.with_name(path.name + PART).exists():
            return path
    raise AssertionError("there is always another name")


async def of_all(shell: LogShell, do: Callable[[str], Awaitable[T]]) -> list[T]:
    """Do something with each log file of the project, all at once.

    Raises:
        LogError: the first that failed; the others are done.
    """
    names = [each.name for each in await shell.list()]
    results = await asyncio.gather(*(do(name) for name in names), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


def finished(local: Path, fetch: Callable[[str], Fetched]) -> Path:
    """The rest of a file whose beginning is here; that is replaced only by a file that begins so.

    Args:
        local: the beginning.
        fetch: brings the file under a name into the same folder, and goes on with its unfinished part.

    Raises:
        LogError: there is no beginning, or it is another file's.
    """
    local = local.absolute()
    whole = local.with_name(f"{local.name}.whole")
    part = whole.with_name(whole.name + PART)
    try:
        if not part.exists():
            shutil.copyfile(local, part)
        fetched = fetch(whole.name)
        if not _begins_with(fetched.path, local):
            raise LogError(
                f"{local} is not the beginning of {fetched.remote}: all of that is in {fetched.path}"
            )
        fetched.path.replace(local)
    except OSError as error:
        raise LogError(f"{local} cannot be finished ({error.strerror}): fetch all of it instead") from error
    return local


def _begins_with(whole: Path, beginning: Path) -> bool:
    with whole.open("rb") as one, beginning.open("rb") as other:
        while piece := other.read(_PIECE_BYTES):
            if one.read(len(piece)) != piece:
                return False
    return True
