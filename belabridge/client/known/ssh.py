"""The files of a board for programs without ``async``: a connection over SSH, in a thread of its own."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, TypeVar

from belabridge.client.loop_thread import LoopThread
from belabridge.errors import Closed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path, PurePosixPath

    from belabridge.board.logs.login import Login
    from belabridge.board.logs.shell import LogShell
    from belabridge.board.logs.transfers import Fetched

T = TypeVar("T")
END_S = 5.0


class Ssh:
    """One object's way to the files of its board; opened when it is first needed, and again after an end."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._thread: LoopThread | None = None
        self._shell: LogShell | None = None
        self._key: tuple[Login, str] | None = None
        self._end: Callable[[], object] = lambda: None

    def open(self, login: Login, project: str) -> None:
        """Connect; nothing when there is a connection of that kind.

        Raises:
            SshRefused: there is no way to the board's files.
        """
        with self._lock:
            if self._shell is not None and self._key == (login, project):
                return
            self.close()
            thread = LoopThread("belabridge ssh")
            try:
                self._shell = thread.call(_opened(login, project))
            except BaseException:
                thread.end()
                raise
            self._thread, self._key = thread, (login, project)
            self._end = weakref.finalize(self, _close, thread, self._shell)

    def close(self) -> None:
        """End the connection; more than once does no harm."""
        with self._lock:
            self._shell = self._thread = self._key = None
            self._end()

    def begin(self, ask: Callable[[LogShell], Awaitable[T]]) -> Callable[[], T]:
        """Begin something with the files; what is given back waits for its end.

        Raises:
            Closed: there is no connection.
        """
        import asyncio

        with self._lock:
            thread, shell = self._thread, self._shell
        if thread is None or shell is None:
            raise Closed

        async def work() -> asyncio.Task[T]:
            async def asked() -> T:
                return await ask(shell)

            return asyncio.create_task(asked())

        async def outcome(task: asyncio.Task[T]) -> T:
            return await task

        task = thread.call(work())
        return lambda: thread.call(outcome(task))

    def call(self, ask: Callable[[LogShell], Awaitable[T]]) -> T:
        """Do something with the files.

        Raises:
            Closed: there is no connection.
        """
        return self.begin(ask)()

    def fetch(self, remote: str | PurePosixPath, local: Path, told: Callable[[int, int], None]) -> Fetched:
        """Bring one file here, to this path or, when that is taken, one beside it."""
        return self.call(lambda shell: shell.fetch(remote, local.parent, name=local.name, progress=told))

    def run(self, function: Callable[[], object]) -> None:
        """Call a function in the connection's loop."""
        with self._lock:
            if self._thread is not None:
                self._thread.run(function)


async def _opened(login: Login, project: str) -> LogShell:
    from belabridge.board.logs.shell import LogShell  # takes a tenth of a second

    return await LogShell.open(login, project)


def _close(thread: LoopThread, shell: LogShell) -> None:
    try:
        if not thread.is_here:
            thread.call(shell.close(), END_S)
    except (Closed, TimeoutError):
        pass
    finally:
        thread.end()
