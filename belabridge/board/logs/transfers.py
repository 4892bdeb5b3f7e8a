"""Fetching a file and following one: from an unfinished file of any age to the target, verified."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import asyncssh

from belabridge.board.logs.checks import Mixture
from belabridge.board.logs.failures import told
from belabridge.board.logs.filling import Check, Filling, in_thread
from belabridge.board.logs.local import digest_of, is_there, status_of
from belabridge.board.logs.names import free_names, safe_name
from belabridge.board.logs.part import Part
from belabridge.board.logs.remote import Remote
from belabridge.board.logs.structure import oddness, oddness_of
from belabridge.errors import LogChanges, NoRoom
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path, PurePosixPath

    from belabridge.board.logs.reading import Budget
    from belabridge.board.logs.sums import Sums

TRIES: Final = 2  # a file that was written anew is what it is; one that changes again and again is no log
SECOND_NS: Final = 1_000_000_000
CHECK_BYTES: Final = 8 << 20
"""Checked at once, while the next ones come: a quarter of a second of a board, which is what is left to check
behind the last byte. With fewer, time would be lost in starting programs there."""

LOOK_EVERY_S: Final = 0.25  # a board writes 16 KiB at a time: of 44.1 kHz every 0.09 s
SETTLE_LOOK_S: Final = 0.1
SETTLED_LOOKS: Final = 3
"""Looks without a change after the stop until a file of whole blocks is taken to be all."""

TORN_LOOKS: Final = 12
"""The same while its last block is not whole: the rest is still on its way to the board's card."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is here.

    Attributes:
        remote: where it is on the board.
        path: where it is here.
        bytes: its size.
        modified_s: when the board wrote it, in s since 1970 by the board's clock.
        fetched_bytes: how many came now; 0 = all of it was here already.
        check: how it is known to be what the board has.
        structure: what is odd about it as a log file; empty when its blocks are whole.
    """

    remote: PurePosixPath
    path: Path
    bytes: int
    modified_s: int
    fetched_bytes: int
    check: Check
    structure: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be brought, and by which connection.

    Attributes:
        sums: of the board.
        sftp: for the bytes.
        budget: what all transfers of the connection may ask for.
        path: of the file on the board.
        progress: ``progress(done, total)`` in bytes.
    """

    sums: Sums
    sftp: asyncssh.SFTPClient
    budget: Budget
    path: PurePosixPath
    progress: Callable[[int, int], None]


def here(folder: Path, name: str | None, path: PurePosixPath) -> Iterator[Path]:
    """Where a file of the board may go, the first choice first.

    Raises:
        UnsafeName: the board's name is none for this computer.
    """
    return free_names(folder, safe_name(path.name if name is None else name))


async def fetch(order: Order, targets: Iterator[Path]) -> Fetched:
    """Bring a file as it is now.

    Raises:
        LogError: as ``LogShell.fetch`` says.
    """
    with told(order.path):
        async with await Remote.open(order.sftp, order.path) as remote:
            place = await _place(order, remote, targets)
    if isinstance(place, Fetched):
        return place

    async def fill(filling: Filling, remote: Remote) -> None:
        await filling.up_to(remote.size)

    return await _bring(order, place, targets, fill)


async def follow(order: Order, targets: Iterator[Path], stopped: asyncio.Event) -> Fetched:
    """Bring a file while it grows.

    Raises:
        LogError: as ``LogShell.follow`` says.
    """
    with told(order.path):
        async with await _appearing(order, stopped) as remote:
            place = await _place(order, remote, targets)
    if isinstance(place, Fetched) and stopped.is_set():
        return place
    # a file that is here, and grows on the board, goes to a name of its own
    part = place if isinstance(place, Part) else await _next_part(targets)

    async def fill(filling: Filling, remote: Remote) -> None:
        await _grow(filling, remote, part, stopped)

    return await _bring(order, part, targets, fill)


async def _bring(
    order: Order,
    part: Part,
    targets: Iterator[Path],
    fill: Callable[[Filling, Remote], Awaitable[None]],
) -> Fetched:
    came_bytes = tries = 0
    try:
        while tries < TRIES:
            with told(order.path, part):
                async with await Remote.open(order.sftp, order.path) as remote:
                    try:
                        async with _filling(order, remote, part) as filling:
                            await filling.resume()
                            await fill(filling, remote)
                            check = await filling.confirmed()
                    except Mixture:
                        await in_thread(part.begin_anew)
                        came_bytes, tries = 0, tries + 1
                        continue
            came_bytes += filling.came_bytes
            modified_s = remote.modified_s
            structure = await in_thread(oddness, part)
            path = await _named(part, modified_s, targets)
            return Fetched(order.path, path, part.size, modified_s, came_bytes, check, structure)
        raise LogChanges(printable(str(order.path)))
    finally:
        await in_thread(part.close)


@asynccontextmanager
async def _filling(order: Order, remote: Remote, part: Part) -> AsyncIterator[Filling]:
    """A transfer; when it breaks, what came is put down so that a later one can go on with it."""
    filling = Filling(
        remote,
        part,
        order.sums,
        budget=order.budget,
        check_bytes=CHECK_BYTES,
        progress=order.progress,
    )
    try:
        yield filling
    except Mixture:
        raise
    except BaseException:
        with suppress(NoRoom):  # what is known already is worse
            await in_thread(part.rest, filling.known)
        raise
    finally:
        await filling.close()


async def _place(order: Order, remote: Remote, targets: Iterator[Path]) -> Fetched | Part:
    """The first name that is free, held; or the file itself, when it is here already."""
    for target in targets:
        if not is_there(target):
            part = await in_thread(Part.open, target)
            if not is_there(target):
                return part
            await in_thread(part.close)  # another transfer has just finished it
        check = await _check(order, remote, target)
        if check is not None:
            size, modified_s = remote.size, remote.modified_s
            return Fetched(
                order.path, target, size, modified_s, 0, check, await in_thread(oddness_of, target)
            )
    raise AssertionError("there is always another name")


async def _next_part(targets: Iterator[Path]) -> Part:
    return await in_thread(Part.open, next(target for target in targets if not is_there(target)))


async def _check(order: Order, remote: Remote, path: Path) -> Check | None:
    """How it is known that a file here is the board's; None when it is another one."""
    status = await in_thread(status_of, path)
    if status is None or status.st_size != remote.size:
        return None
    digest = await order.sums.digest(order.path, 0, remote.size) if remote.size else None
    if digest is None:
        return Check.SIZE if status.st_mtime_ns == remote.modified_s * SECOND_NS else None
    return Check.CHECKSUM if digest == await in_thread(digest_of, path) else None


async def _named(part: Part, modified_s: int, targets: Iterator[Path]) -> Path:
    target = part.target
    while not await in_thread(part.finish, modified_s, target):
        target = next(target for target in targets if not is_there(target))
    return target


async def _appearing(order: Order, stopped: asyncio.Event) -> Remote:
    """The file, as soon as it is there: a log that is to begin later may have none yet."""
    while True:
        try:
            return await Remote.open(order.sftp, order.path)
        except asyncssh.SFTPNoSuchFile:
            if stopped.is_set():
                raise
        await _pause(stopped)


async def _grow(filling: Filling, remote: Remote, part: Part, stopped: asyncio.Event) -> None:
    """Take what comes until the log has stopped and nothing comes any more."""
    still = 0
    while True:
        was_stopped = stopped.is_set()
        await remote.look()
        if remote.size < part.size:
            raise Mixture
        if remote.size > part.size:
            await filling.up_to(remote.size)
            still = 0
        elif was_stopped:
            still += 1
        if still >= SETTLED_LOOKS and still >= (TORN_LOOKS if await in_thread(oddness, part) else 0):
            return
        await _pause(stopped)


async def _pause(stopped: asyncio.Event) -> None:
    if stopped.is_set():
        await asyncio.sleep(SETTLE_LOOK_S)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_EVERY_S):
            await stopped.wait()
