"""What is done for one log while it is written and when it is over: its file is brought, others go."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from belabridge.errors import BelabridgeError, LogError
from belabridge.logs import shelf
from belabridge.logs.bring import Order, bring, login_of
from belabridge.logs.names import drop_old, file_name
from belabridge.logs.record import Done, Failed, Progress, State
from belabridge.rules import DeleteWhen, FetchWhen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from belabridge.board.logs.host_keys import HostKeys
    from belabridge.board.logs.transfers import Fetched
    from belabridge.logs.aside import Aside
    from belabridge.logs.record import BoardLog, Tell
    from belabridge.rules import LogFiles

log = logging.getLogger("belabridge.logs")

PROGRESS_EVERY_S: Final = 0.1  # as often as a person can see


@dataclass(frozen=True, slots=True)
class Delivery:
    """One log on its way here.

    Attributes:
        log: it.
        fetch: when its file is brought.
        folder: where it goes.
        template: of its name.
        files: what else becomes of it.
        host: gives the board's address.
        keys: of the boards.
        aside: where transfers run.
    """

    log: BoardLog
    fetch: FetchWhen
    folder: Path
    template: str
    files: LogFiles
    host: Callable[[], str]
    keys: HostKeys
    aside: Aside

    async def attend(self, tell: Tell) -> None:
        """See to it from the start on."""
        one, fetch = self.log, self.fetch
        if fetch is not FetchWhen.FOLLOW:
            await one.over.wait()
        if fetch is FetchWhen.NEVER:
            return
        stopped = asyncio.Event()
        try:
            order = Order(
                login_of(self.files.ssh, self.host()),
                one.project,
                one.file,
                self.folder,
                file_name(self.template, one.project, one.variable, one.began),
                self.keys,
                delete=self.files.delete is DeleteWhen.AFTER_VERIFY,
            )
            passing = asyncio.create_task(self._pass_on(stopped))
            try:
                if one.over.is_set():
                    one.state = State.FETCHING
                progress = progress_to(tell)
                job = bring(order, stopped, lambda done, total: progress(one.file, done, total))
                got, problem = await self.aside.run(job)
            finally:
                passing.cancel()
            await arrived(one, got, problem, tell)
            await self._drop_old(tell)
        except (BelabridgeError, OSError) as error:
            failed(one, str(error), tell)

    async def _pass_on(self, stopped: asyncio.Event) -> None:
        """Tell the thread of the transfer that the board has ended a log."""
        await self.log.over.wait()
        if self.log.state is State.ENDED:
            self.log.state = State.FETCHING
        self.aside.call(stopped.set)

    async def _drop_old(self, tell: Tell) -> None:
        keep, path = self.files.keep, self.log.path
        if keep is None or path is None:
            return
        try:
            await asyncio.to_thread(drop_old, self.folder, self.template, keep, [path])
        except LogError as error:
            tell(Failed(self.log.file, str(error)))


async def arrived(one: BoardLog, got: Fetched, problem: str, tell: Tell) -> None:
    """A file is here."""
    one.path, one.bytes, one.check, one.structure = got.path, got.bytes, got.check, got.structure
    one.frames = await asyncio.to_thread(shelf.frames_of, got.path, one.end_frame)
    one.state, one.problem = State.HERE, problem
    log.info("the log of %s is here: %s", one.variable, one.path)
    tell(Done(one))
    if problem:
        log.warning("%s", problem)


def failed(one: BoardLog, problem: str, tell: Tell) -> None:
    """A file did not come."""
    one.state, one.problem = State.FAILED, problem
    log.warning("%s", problem)
    tell(Failed(one.file, problem))


def progress_to(tell: Tell) -> Callable[[str, int, int], None]:
    """What a transfer calls in its thread; it is told here, and not more often than anybody can see."""
    loop = asyncio.get_running_loop()
    told_at: dict[str, float] = {}

    def progress(file: str, done: int, total: int) -> None:
        now = loop.time()
        if now - told_at.get(file, 0.0) >= PROGRESS_EVERY_S and not loop.is_closed():
            told_at[file] = now
            loop.call_soon_threadsafe(tell, Progress(file, done, total))

    return progress
