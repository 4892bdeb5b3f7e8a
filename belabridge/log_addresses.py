"""Logs by OSC: ``/belabridge/log/start`` and its kin, and what comes back to whoever asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from belabridge.errors import BelabridgeError, UsageError
from belabridge.logs.record import Began, Done, Ended, Failed, Progress
from belabridge.osc.codec.writer import message

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from belabridge.logs.record import Told
    from belabridge.logs.session import LogSession
    from belabridge.osc.server import OscServer
    from belabridge.osc.space import Source

_ROOT = "/belabridge/log"


@dataclass(frozen=True)
class _Teller:
    """Tells one program what becomes of logs; whoever begins one and ends it is told once.

    Attributes:
        server: the port to tell it from.
        destination: of the program.
    """

    server: OscServer
    destination: Source

    def __call__(self, told: Told) -> None:
        """Something happened."""
        match told:
            case Began(log):
                data = _message("started", log.variable, log.file)
            case Ended(log):
                data = _message("stopped", log.variable, log.file)
            case Progress(file, done, total):
                data = _message("progress", file, float(done), float(total))
            case Done(log):
                data = _message("done", str(log.path), log.frames)
            case Failed(_, text):
                data = _message("error", text)
        self.server.send(self.destination, data)


class LogAddresses:
    """Answers to the addresses of logs.

    ===============================  ==================================================================
    ``/belabridge/log/start`` var…   ``/belabridge/log/started var file`` for each
    ``/belabridge/log/stop`` [var…]  ``/belabridge/log/stopped var file`` for each; none = all
    ``/belabridge/log/fetch``        as follows; a file or a variable, none = the last of each variable
    ``/belabridge/log/list``         ``/belabridge/log/list file var bytes seconds state`` (``ssffs``) for
                                     each file on the board, and ``/belabridge/log/list/end count``
    ===============================  ==================================================================

    Files on their way are told by ``/belabridge/log/progress file done total``, and at their end by
    ``/belabridge/log/done path frames``; what goes wrong by ``/belabridge/log/error text``.

    Args:
        session: with the board.
        server: the port.
    """

    def __init__(self, session: LogSession, server: OscServer) -> None:
        self._session, self._server = session, server
        self._tasks: set[asyncio.Task[None]] = set()
        for word, do in (
            ("start", self._start),
            ("stop", self._stop),
            ("fetch", self._fetch),
            ("list", self._list),
        ):
            server.space.add(f"{_ROOT}/{word}", self._handler(do))

    def _handler(
        self, do: Callable[[list[str], Source], Coroutine[Any, Any, None]]
    ) -> Callable[[tuple[Any, ...], str, str, Source], None]:
        def handle(args: tuple[Any, ...], _tags: str, address: str, source: Source) -> None:
            if self._server.is_self(self._server.answers_to(source)):
                raise UsageError("it came from our own port: point the sender elsewhere")
            if not all(isinstance(arg, str) for arg in args):
                self._say(source, "error", f"{address} takes names")
                raise UsageError(f"{address} takes names")
            task = asyncio.create_task(self._done(do, list(args), source))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return handle

    async def _done(
        self, do: Callable[[list[str], Source], Coroutine[Any, Any, None]], names: list[str], source: Source
    ) -> None:
        try:
            await do(names, source)
        except BelabridgeError as error:
            self._say(source, "error", str(error))

    async def _start(self, names: list[str], source: Source) -> None:
        await self._session.start(names, tell=self._teller(source))

    async def _stop(self, names: list[str], source: Source) -> None:
        await self._session.stop(names, tell=self._teller(source))

    async def _fetch(self, names: list[str], source: Source) -> None:
        await self._session.fetch(names, tell=self._teller(source))

    async def _list(self, names: list[str], source: Source) -> None:
        if names:
            raise UsageError(f"{_ROOT}/list takes no arguments")
        rows = (await self._session.listed())["board"]
        answers = [
            _message(
                "list",
                row["file"],
                row["variable"] or "",
                float(row["bytes"]),
                row["seconds"] or 0.0,
                row["state"],
            )
            for row in rows
        ]
        self._server.reply_all(source, [*answers, message(f"{_ROOT}/list/end", [len(rows)], "i")])

    def _teller(self, source: Source) -> _Teller:
        return _Teller(self._server, self._server.answers_to(source))

    def _say(self, source: Source, word: str, *args: str | float) -> None:
        self._server.reply(source, _message(word, *args))


def _message(word: str, *args: str | float) -> bytes:
    tags = "".join(_tag(arg) for arg in args)
    plain = [
        arg.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(arg, str) else arg
        for arg in args
    ]
    return message(f"{_ROOT}/{word}", plain, tags)


def _tag(arg: str | float) -> str:
    if isinstance(arg, str):
        return "s"
    return "i" if isinstance(arg, int) and abs(arg) < 2**31 else "f"
