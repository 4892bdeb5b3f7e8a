"""The daemon's control socket: one JSON line in, one JSON line out, for its own user only."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from belabridge.errors import BelabridgeError, ConfigError
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from belabridge.errors import Fault

    Handler = Callable[[], Awaitable[dict[str, Any]]]
    Tell = Callable[[dict[str, Any]], None]
    Talk = Callable[[Mapping[str, Any], Tell], Awaitable[dict[str, Any]]]

log = logging.getLogger("belabridge.service")

LINE_LIMIT = 1 << 16  # bytes; the longest question names a thousand variables
ALIVE_EVERY_S = 5.0  # a talk says at least so often that it goes on; whoever hung up is known by it
CLIENT_TIMEOUT_S = 2.0  # a client is a program that has its question ready
CLIENT_LIMIT = 16  # at once; a script in a loop must not keep the daemon busy
ACCEPT_PAUSE_S = 1.0  # as asyncio's own servers wait when there are no file descriptors left
BACKLOG = 16


class ControlServer:
    """Answers ``{"ask": NAME}`` with ``{"ok": true, "answer": {…}}``, by a handler for each name.

    What a handler refuses (``BelabridgeError``) is answered ``{"ok": false, "error": text, "faults": […]}``,
    faults being those of a ``ConfigError``, each with file, line, column, problem and instead. So are
    a question that is not JSON, an unknown name, and a line that is too long or too slow. One question a
    connection.

    A talk is asked by ``{"ask": NAME, "with": {…}}``, may last, and says lines ``{"told": {…}}`` before its
    answer; an empty one only says that it goes on. It is cancelled when whoever asked hangs up.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        folder: Path,
        name: str | None = None,
        *,
        talks: Mapping[str, Talk] | None = None,
        client_timeout_s: float = CLIENT_TIMEOUT_S,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            handlers: what can be asked.
            folder: where the socket goes; see ``folder.made_folder``.
            name: the socket's name without ``.sock``; None = the process id.
            talks: what takes words and time.
            client_timeout_s: for a client to ask, and again to take its answer.
        """
        self._handlers = dict(handlers)
        self._talks = dict(talks or {})
        self.path = folder / f"{name or os.getpid()}.sock"
        self._client_timeout_s = client_timeout_s
        self._sock: socket.socket | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; sockets that dead daemons left in the folder are removed.

        Raises:
            BelabridgeError: the socket cannot be made.
        """
        remove_stale(self.path.parent)
        newborn = self.path.with_suffix(".new")
        try:
            sock = _listening(newborn)
        except OSError as error:
            raise BelabridgeError(
                f"cannot listen at {self.path} ({error.strerror or error}): "
                "`belabridge status` and `reload` will not find this one"
            ) from error
        # Named only now that it listens: to another daemon's clean-up a socket that refuses is a dead one.
        newborn.rename(self.path)
        self._sock = sock
        self._listen()

    async def stop(self) -> None:
        """Close, remove the socket, and end the conversations."""
        if self._sock is None:
            return
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()
        self._sock = None
        self.path.unlink(missing_ok=True)
        for client in self._clients:
            client.cancel()
        if self._clients:
            await asyncio.wait(self._clients)

    def _listen(self) -> None:
        if self._sock is not None:
            asyncio.get_running_loop().add_reader(self._sock, self._accept, self._sock)

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            client, _ = listener.accept()
        except BlockingIOError:
            return  # it hung up before we came
        except OSError as error:
            # Out of file descriptors: the client still waits in the queue, and would wake us at every turn.
            log.warning("a control client could not be accepted: %s", error)
            loop.remove_reader(listener)
            loop.call_later(ACCEPT_PAUSE_S, self._listen)
            return
        client.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        full = len(self._clients) >= CLIENT_LIMIT
        task = loop.create_task(self._serve(client, full=full))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)
        task.add_done_callback(lambda _: client.close())  # also when it was cancelled before it began

    async def _serve(self, client: socket.socket, *, full: bool) -> None:
        loop = asyncio.get_running_loop()
        try:
            answer = TOO_MANY if full else await self._answer(client)
            async with asyncio.timeout(self._client_timeout_s):
                await loop.sock_sendall(client, f"{one_line(answer)}\n".encode("ascii"))
        except (OSError, TimeoutError) as error:
            log.debug("a control client went away: %s", error)

    async def _answer(self, client: socket.socket) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._client_timeout_s):
                line = await _read_line(client)
        except TimeoutError:
            line = b""
        if len(line) > LINE_LIMIT:
            return _refusal(f"the question is longer than {LINE_LIMIT} bytes")
        if not line.endswith(b"\n"):
            return _refusal("the question has no end: send one JSON object and a line end")
        name, words = _asked(line)
        talk, handler = self._talks.get(name), self._handlers.get(name)
        if talk is None and handler is None:
            names = ", ".join([*self._handlers, *self._talks])
            return _refusal(f'unknown question: send {{"ask": NAME}} with one of {names}')
        try:
            job = self._talk(talk, words, client) if talk is not None else handler() if handler else None
            return {"ok": True, "answer": {} if job is None else await job}
        except ConfigError as error:
            return _refusal("the config has faults", error.faults)
        except BelabridgeError as error:
            return _refusal(str(error))

    async def _talk(self, talk: Talk, words: Mapping[str, Any], client: socket.socket) -> dict[str, Any]:
        """Let it talk until it has its answer; a client that hangs up or takes nothing ends it."""
        loop = asyncio.get_running_loop()
        to_say: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        job = asyncio.ensure_future(talk(words, to_say.put_nowait))
        job.add_done_callback(lambda _: to_say.put_nowait({}))
        try:
            while not job.done() or not to_say.empty():
                try:
                    async with asyncio.timeout(ALIVE_EVERY_S):
                        told = await to_say.get()
                except TimeoutError:
                    told = {}
                async with asyncio.timeout(self._client_timeout_s):
                    await loop.sock_sendall(client, f"{one_line({'told': told})}\n".encode("ascii"))
            return await job
        finally:
            job.cancel()


async def _read_line(client: socket.socket) -> bytes:
    """A line with its end; without one when the client hung up or went beyond the limit."""
    loop = asyncio.get_running_loop()
    received = b""
    while len(received) <= LINE_LIMIT:
        part = await loop.sock_recv(client, LINE_LIMIT)
        received += part
        line, end, _ = received.partition(b"\n")
        if end or not part:
            return line + end
    return received


def _asked(line: bytes) -> tuple[str, dict[str, Any]]:
    """What a question asks, and with which words; nothing when it is not one."""
    try:
        question = json.loads(line)
    except (ValueError, RecursionError):
        return "", {}
    name = question.get("ask") if isinstance(question, dict) else None
    words = question.get("with") if isinstance(question, dict) else None
    return name if isinstance(name, str) else "", words if isinstance(words, dict) else {}


def remove_stale(folder: Path) -> None:
    """Remove the sockets in ``folder`` at which nobody listens any more."""
    for path in folder.glob("*.sock"):
        if not listens(path):
            with suppress(OSError):  # of another user, or somebody else just did it
                path.unlink()


def listens(path: Path) -> bool:
    """Whether somebody listens at the unix socket ``path``."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        try:
            sock.connect(os.fspath(path))
        except BlockingIOError:
            return True  # alive, with a full queue
        except PermissionError:
            return True  # somebody else's: not ours to judge
        except OSError:
            return False
    return True


def _listening(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        before = os.umask(0o177)  # the socket is born with mode 0600: no moment when others may connect
        try:
            sock.bind(os.fspath(path))
        finally:
            os.umask(before)
        sock.listen(BACKLOG)
        sock.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    except OSError:
        sock.close()
        raise
    return sock


def _refusal(error: str, faults: Sequence[Fault] = ()) -> dict[str, Any]:
    return {"ok": False, "error": error, "faults": [asdict(fault) for fault in faults]}


TOO_MANY = _refusal("too many ask at once: ask again in a second")
