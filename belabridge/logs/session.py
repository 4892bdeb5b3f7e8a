"""What is being logged on a board and what comes of it: start, stop, list, fetch, remove."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from belabridge.board.logs.host_keys import HostKeys
from belabridge.board.names import near
from belabridge.errors import (
    BelabridgeError,
    BoardError,
    BoardTimeout,
    LogError,
    LogRefused,
    NoSuchLog,
    UnknownVariable,
    UsageError,
)
from belabridge.logs import shelf
from belabridge.logs.aside import Aside
from belabridge.logs.bring import login_of
from belabridge.logs.delivery import Delivery, arrived, failed, progress_to
from belabridge.logs.names import check_template
from belabridge.logs.record import Began, BoardLog, Ended, State, to_nobody
from belabridge.rules import DeleteWhen, FetchWhen, LogFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from belabridge.board.connection import Connection
    from belabridge.board.logs.listing import RemoteLog
    from belabridge.board.logs.login import Login
    from belabridge.logs.board import Board
    from belabridge.logs.record import Tell, Told
    from belabridge.wire.control import LogStarted
    from belabridge.wire.listing import VariableList

log = logging.getLogger("belabridge.logs")

LOOK_EVERY_S: Final = 1.0  # while something is logged: who else may have ended it? 15 kB of JSON cost 1 ms
LOOK_SOON_S: Final = 0.05  # once it should be over: a board writes its last block within some of these
END_WITHIN_S: Final = 10.0  # a board that writes to a slow card is silent for seconds
BEGUN_AFTER_FRAMES: Final = 4096  # behind its first frame a log is listed as one; before, it need not be
MOST_REMEMBERED: Final = 200  # logs that are over


class LogSession:
    """The logs of one board; lives in one loop, with its transfers in a thread.

    Args:
        board: gives the link of now.
        files: what becomes of the files; may be replaced.
        keys: of the boards; None = belabridge's own file.
        clock: tells the time of day.

    Attributes:
        logs: what was begun or ended here, in this order.
    """

    def __init__(
        self,
        board: Callable[[], Board],
        files: LogFiles,
        *,
        keys: HostKeys | None = None,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.files = files
        self.logs: list[BoardLog] = []
        self.aside = Aside()
        self._board, self._clock = board, clock
        self._keys = keys
        self._tells: dict[BoardLog, set[Tell]] = {}
        self._jobs: dict[BoardLog, asyncio.Task[None]] = {}
        self._watching: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """End the transfers, whose unfinished files stay; the board goes on logging."""
        tasks = [*self._jobs.values(), *([self._watching] if self._watching else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self.aside.end)

    @property
    def running(self) -> list[BoardLog]:
        """What the board logs now, as far as it is known here."""
        return [one for one in self.logs if not one.over.is_set()]

    async def start(
        self,
        names: Sequence[str],
        *,
        after_s: float = 0.0,
        after_frames: int = 0,
        start_frame: int | None = None,
        for_s: float | None = None,
        for_frames: int | None = None,
        fetch: FetchWhen | None = None,
        to: Path | None = None,
        name: str | None = None,
        tell: Tell = to_nobody,
    ) -> list[BoardLog]:
        """Let the board log variables; returns when it does, with the names of the files.

        Args:
            names: of the variables.
            after_s: begin so much later than now.
            after_frames: the same in audio frames.
            start_frame: begin at this frame instead.
            for_s: how long; None = until ``stop``.
            for_frames: the same in frames.
            fetch: when the file is brought; None = as the settings say, like what follows.
            to: the folder.
            name: of the file, with fields.
            tell: is told of everything that becomes of them.

        Raises:
            UnknownVariable: the board lacks one; nothing was begun.
            LogRefused: one is being logged already, or the board cannot; nothing was begun.
            UsageError: none is named, or a template is wrong.
            BoardLost, BoardTimeout: as they say.
        """
        names = list(dict.fromkeys(names))
        if not names:
            raise UsageError("no variable is named: name at least one")
        template = name if name is not None else self.files.name
        check_template(template)
        connection = self._board().here()
        board = await connection.list()
        self._check(names, board)
        rate = board.sample_rate
        begin = start_frame
        if begin is None and (after_s or after_frames):
            begin = board.frame + round(after_s * rate) + after_frames
        length = for_frames if for_s is None else round(for_s * rate)
        answers = await connection.log(names, begin, length)
        found = []
        for answer in answers:
            one = self._record(answer.variable, answer.file_name, board, answer)
            found.append(one)
            self._begin(one, fetch or self.files.fetch, to, template, tell)
        return found

    async def stop(self, names: Sequence[str] = (), *, tell: Tell = to_nobody) -> list[BoardLog]:
        """End logs, whoever began them; returns when the board has ended them.

        Their files are brought as the settings say, which ``finish`` waits for.

        Args:
            names: of the variables; none = all that are being logged.
            tell: is told of what becomes of them.

        Raises:
            UnknownVariable: the board lacks one.
            LogError: one is not being logged, or nothing is.
            BoardLost, BoardTimeout: as they say.
        """
        connection = self._board().here()
        board = await connection.list()
        pending = {one.variable for one in self.running}
        logged = {v.name: v for v in board.variables if v.logged or v.name in pending}
        self._known(names, board)
        for name in names:
            if name not in logged:
                raise LogError(f"{name} is not being logged: `belabridge log list` shows what is")
        chosen = list(dict.fromkeys(names)) or list(logged)
        if not chosen:
            raise LogError("nothing is being logged")
        ours = {one.variable: one for one in self.running}
        for name in chosen:
            if name not in ours:
                one = self._record(name, logged[name].log_file_name, board)
                ours[name] = one
                self._begin(one, self.files.fetch, None, self.files.name, tell)
            self._tells[ours[name]].add(tell)
        connection.unlog(chosen)
        await self._until_over(connection, chosen)
        for name in chosen:
            self._over(ours[name])
        return [ours[name] for name in chosen]

    async def finish(self, logs: Sequence[BoardLog]) -> None:
        """Return when these logs are over, and all that is to be done with their files is done."""
        await asyncio.gather(*(self._jobs[one] for one in logs if one in self._jobs))

    async def listed(self, to: Path | None = None) -> dict[str, Any]:
        """The log files on the board and those in the folder here; see ``shelf``.

        Raises:
            LogError, BoardLost, BoardTimeout: as they say.
        """
        board, _, project, remote = await self._look()
        writing = {v.log_file_name for v in board.variables if v.logged}
        folder = to or self._folder
        return {
            "project": project,
            "folder": str(folder),
            "board": [shelf.remote_row(one, writing, board.sample_rate, self.logs) for one in remote],
            "here": await asyncio.to_thread(shelf.local_rows, folder),
        }

    async def fetch(
        self,
        names: Sequence[str] = (),
        *,
        all_: bool = False,
        to: Path | None = None,
        delete: bool | None = None,
        tell: Tell = to_nobody,
    ) -> list[BoardLog]:
        """Bring files here, 20 at once if need be; those that are being written as they are now.

        Args:
            names: of files or of variables, which mean the last log of each; none = the last logs of all
                variables of the program.
            all_: everything in the folder of the project.
            to: the folder; None = as the settings say.
            delete: remove them from the board when they are here for sure; None = as the settings say.
            tell: is told how far it is, and of each file that is here or failed.

        Returns:
            One for each file, ``HERE`` or ``FAILED`` with its problem.

        Raises:
            NoSuchLog: a name is neither a log's nor a variable's that was logged, or there is none.
            LogError, BoardLost, BoardTimeout: nothing could be fetched.
        """
        board, login, project, remote = await self._look()
        files = shelf.chosen(names, remote, board, all_=all_)
        if not files:
            raise NoSuchLog("there is no log on the board: `belabridge log start` begins one")
        writing = {v.log_file_name: v for v in board.variables if v.logged}
        is_deleted = self.files.delete is DeleteWhen.AFTER_VERIFY if delete is None else delete
        found = []
        for file in files:
            old = next((one for one in reversed(self.logs) if one.file == file), None)
            variable = next((one.variable for one in remote if one.name == file), None)
            one = BoardLog(
                variable or file,
                file,
                project,
                self._clock(),
                board.sample_rate,
                board.frame,
                frame=old.frame if old else None,
                end_frame=old.end_frame if old and file not in writing else None,
                state=State.FETCHING,
            )
            found.append(one)
        progress = progress_to(tell)
        wanted = [(one.file, is_deleted and one.file not in writing) for one in found]
        job = shelf.fetch_all(login, project, self._key_file, wanted, to or self._folder, progress)
        for one, result in zip(found, await self.aside.run(job), strict=True):
            if isinstance(result, BelabridgeError):
                failed(one, str(result), tell)
            else:
                await arrived(one, *result, tell)
        return found

    async def remove(self, names: Sequence[str], *, all_: bool = False) -> list[str]:
        """Remove files from the board, whether they are here or not; gives their names.

        Raises:
            NoSuchLog: as ``fetch``.
            LogError: one is being written, and nothing was removed; or what went wrong.
            BoardLost, BoardTimeout: as they say.
        """
        board, login, project, remote = await self._look()
        writing = {v.log_file_name for v in board.variables if v.logged}
        files = shelf.chosen(names, remote, board, all_=all_)
        if all_:
            files = [file for file in files if file not in writing]
        for file in files:
            if file in writing:
                raise LogError(f"{file} is being written: end it first with `belabridge log stop`")
        await self.aside.run(shelf.remove_all(login, project, self._key_file, files))
        return files

    async def trust(self, host: str | None = None) -> tuple[str, str]:
        """Know a board by the key that it has now; gives its place, and the fingerprint.

        Raises:
            LogError, BoardLost: as they say.
        """
        login = login_of(self.files.ssh, host or self._address())
        return login.place, await self.aside.run(shelf.trust(login, self._key_file))

    # What becomes of a log.

    def _begin(self, one: BoardLog, fetch: FetchWhen, to: Path | None, name: str, tell: Tell) -> None:
        self.logs = [*self._without_old(), one]
        self._tells[one] = {tell}
        self._tell(one, Began(one))
        order = Delivery(
            one, fetch, to or self._folder, name, self.files, self._address, self._key_file, self.aside
        )
        job = asyncio.create_task(order.attend(lambda told: self._tell(one, told)))
        self._jobs[one] = job
        job.add_done_callback(lambda _: (self._jobs.pop(one, None), self._tells.pop(one, None)))
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())

    def _over(self, one: BoardLog) -> None:
        if not one.over.is_set():
            one.state = State.ENDED
            one.over.set()
            self._tell(one, Ended(one))

    def _tell(self, one: BoardLog, told: Told) -> None:
        for tell in tuple(self._tells.get(one, ())):
            tell(told)

    # What the board does.

    async def _watch(self) -> None:
        """Notice the end of what is logged: its time is over, somebody ended it, or the program did."""
        while self.running:
            wait_s = LOOK_EVERY_S
            try:
                board = await self._board().here().list()
            except BoardError:
                await asyncio.sleep(wait_s)  # it is being looked for
                continue
            project = self._board().status.project
            logged = {v.name: v.log_file_name for v in board.variables if v.logged}
            for one in self.running:
                begun = one.frame is None or board.frame > one.frame + BEGUN_AFTER_FRAMES
                is_new = board.frame < one.ordered_frame or project != one.project
                if is_new or (begun and logged.get(one.variable) != one.file):
                    self._over(one)
                elif one.end_frame is not None:
                    left_s = (max(one.end_frame, (one.frame or 0) + BEGUN_AFTER_FRAMES) - board.frame) / (
                        board.sample_rate
                    )
                    wait_s = min(wait_s, max(left_s, LOOK_SOON_S))
            await asyncio.sleep(wait_s)

    async def _until_over(self, connection: Connection, names: Sequence[str]) -> None:
        try:
            async with asyncio.timeout(END_WITHIN_S):
                while True:
                    await asyncio.sleep(LOOK_SOON_S)
                    board = await connection.list()
                    if not any(v.logged for v in board.variables if v.name in names):
                        return
        except TimeoutError:
            raise BoardTimeout(
                f"the board did not end the log of {', '.join(names)} within {END_WITHIN_S:g} s: ask again"
            ) from None

    def _check(self, names: Sequence[str], board: VariableList) -> None:
        self._known(names, board)
        busy = {v.name for v in board.variables if v.logged} | {one.variable for one in self.running}
        for name in names:
            if name in busy:
                raise LogRefused(name, "it is being logged already")

    def _known(self, names: Sequence[str], board: VariableList) -> None:
        known = [v.name for v in board.variables]
        for name in names:
            if name not in known:
                raise UnknownVariable(name, near(name, known))

    def _record(
        self, variable: str, file: str, board: VariableList, answer: LogStarted | None = None
    ) -> BoardLog:
        frame, end = (answer.frame, answer.end_frame) if answer is not None else (None, None)
        project = self._board().status.project
        return BoardLog(variable, file, project, self._clock(), board.sample_rate, board.frame, frame, end)

    def _without_old(self) -> list[BoardLog]:
        done = [one for one in self.logs if one not in self._jobs]
        gone = set(map(id, done[: max(0, len(done) - MOST_REMEMBERED)]))
        return [one for one in self.logs if id(one) not in gone]

    async def _look(self) -> tuple[VariableList, Login, str, list[RemoteLog]]:
        """What the board says, and what is in its folder."""
        board = await self._board().here().list()
        login, project = login_of(self.files.ssh, self._address()), self._board().status.project
        remote = await self.aside.run(shelf.remote_logs(login, project, self._key_file))
        return board, login, project, remote

    def _address(self) -> str:
        return self._board().here().address.host

    @property
    def _folder(self) -> Path:
        return Path(self.files.to).expanduser()

    @property
    def _key_file(self) -> HostKeys:
        return self._keys if self._keys is not None else HostKeys()
