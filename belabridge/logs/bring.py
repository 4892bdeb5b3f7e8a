"""Brings one log file here, over as many connections as it takes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from belabridge.board.logs.login import Login
from belabridge.errors import HostKeyChanged, LogError, NotVerified, SshRefused, TransferBroken

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.board.logs.host_keys import HostKeys
    from belabridge.board.logs.shell import LogShell
    from belabridge.board.logs.transfers import Fetched
    from belabridge.rules import Ssh

TRIES_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits before a transfer that broke goes on: a board that restarts is back within them."""
LONGEST_WAIT_S: Final = 5.0  # while a log grows there is no hurry, and no end of trying either


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be brought.

    Attributes:
        login: to the board.
        project: whose folder the file is in.
        file: its name on the board.
        folder: where it goes.
        name: it is called there; None = as on the board.
        keys: of the boards.
        delete: remove it from the board when it is here for sure.
    """

    login: Login
    project: str
    file: str
    folder: Path
    name: str | None
    keys: HostKeys
    delete: bool = False


def login_of(ssh: Ssh, host: str) -> Login:
    """How to reach the files of the board at ``host``."""
    key = None if ssh.key is None else Path(ssh.key).expanduser()
    return Login(host, ssh.port, ssh.user, ssh.password, key, projects=PurePosixPath(ssh.projects))


async def bring(
    order: Order, stopped: asyncio.Event, progress: Callable[[int, int], None]
) -> tuple[Fetched, str]:
    """Bring a file while it grows, until it was stopped and all of it is here.

    Gives what came, and why it is still on the board although it was to be removed.

    Raises:
        LogError: it is not here; what came is kept.
    """
    from belabridge.board.logs.shell import LogShell

    was_in, tries = False, 0
    while True:
        try:
            async with await LogShell.open(order.login, order.project, keys=order.keys) as shell:
                was_in = True
                got = await shell.follow(
                    order.file, order.folder, stopped=stopped, name=order.name, progress=progress
                )
                return got, await _removed(shell, got) if order.delete else ""
        except (TransferBroken, SshRefused) as error:
            if isinstance(error, HostKeyChanged) or not was_in:
                raise
            if stopped.is_set():
                if tries == len(TRIES_S):
                    raise
                wait_s = TRIES_S[tries]
                tries += 1
            else:
                wait_s = LONGEST_WAIT_S
        await _sleep(wait_s, stopped)


async def _removed(shell: LogShell, got: Fetched) -> str:
    try:
        await shell.remove_fetched(got)
    except (NotVerified, TransferBroken) as error:
        return str(error)
    except LogError as error:
        return f"{got.remote} stays on the board: {error}"
    return ""


async def _sleep(wait_s: float, stopped: asyncio.Event) -> None:
    """Wait; of what grows only until it does not."""
    if stopped.is_set():
        await asyncio.sleep(wait_s)
        return
    try:
        async with asyncio.timeout(wait_s):
            await stopped.wait()
    except TimeoutError:
        return
