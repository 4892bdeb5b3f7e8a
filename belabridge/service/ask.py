"""Asks a running daemon over its control socket."""

from __future__ import annotations

import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any

from belabridge.errors import (
    BelabridgeError,
    ConfigError,
    DaemonNotRunning,
    DaemonSilent,
    Fault,
    RemoteFormatError,
)
from belabridge.service.control import listens
from belabridge.service.folder import folders_to_search, own_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ANSWER_LIMIT = 16 << 20  # bytes; a thousand mappings are 300 kB
DEFAULT_TIMEOUT_S = 3.0
SILENCE_S = 20.0  # of a daemon that says every five seconds that it goes on


def running(pid: int | None = None, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Control sockets of the live daemons that we may see, the newest first.

    Args:
        pid: only the daemon with this process id.
        environ: where ``RUNTIME_DIRECTORY`` and ``XDG_RUNTIME_DIR`` are.
    """
    found = []
    for folder in folders_to_search(environ):
        for path in folder.glob("*.sock" if pid is None else f"{pid}.sock"):
            try:
                found.append((path.stat().st_mtime, path))
            except OSError:
                continue  # it ended just now
    return [path for _, path in sorted(found, reverse=True) if listens(path)]


def ask(
    what: str,
    path: Path | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    *,
    pid: int | None = None,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, Any]:
    """Ask a daemon one thing, and wait for its answer.

    Args:
        what: ``status`` or ``reload``.
        path: its socket; None = the newest of ``running``.
        timeout_s: for the whole conversation.
        pid: when ``path`` is None: the daemon with this process id.
        environ: as for ``running``.

    Returns:
        ``{"ok": True, "answer": {…}}`` or ``{"ok": False, "error": text, "faults": […]}``; ``answer_of``
        makes exceptions of the second.

    Raises:
        DaemonNotRunning: nobody is there.
        DaemonSilent: somebody is, and does not answer in time.
        RemoteFormatError: the answer is not one.
    """
    if path is None:
        candidates = running(pid, environ)
        if not candidates:
            raise DaemonNotRunning(str(own_folder(environ)) if pid is None else f"process {pid}")
        path = candidates[0]
    line = _converse(path, json.dumps({"ask": what}).encode("ascii") + b"\n", timeout_s)
    answer = _object(line, path)
    if "told" in answer:
        raise RemoteFormatError(f"{path} gave an answer that is not belabridge's")
    return answer


def talk(
    what: str,
    words: Mapping[str, Any],
    told: Callable[[dict[str, Any]], None],
    path: Path,
    *,
    interrupted: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Ask a daemon something that takes its time; the answer, as ``answer_of`` gives it.

    Args:
        what: the question.
        words: what belongs to it.
        told: is called with what happens meanwhile.
        path: the daemon's socket.
        interrupted: is called at the first Ctrl-C, and the talk goes on; None = it ends.

    Raises:
        DaemonNotRunning, DaemonSilent, RemoteFormatError, BelabridgeError: as ``ask`` and ``answer_of``.
    """
    question = json.dumps({"ask": what, "with": dict(words)}).encode("ascii") + b"\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(SILENCE_S)
        try:
            sock.connect(os.fspath(path))
            sock.sendall(question)
        except OSError as error:
            raise DaemonNotRunning(str(path)) from error
        received = bytearray()
        while True:
            line, end, rest = bytes(received).partition(b"\n")
            if end:
                received = bytearray(rest)
                reply = _object(line, path)
                if "told" not in reply:
                    return answer_of(reply)
                if reply["told"]:
                    told(reply["told"])
                continue
            try:
                received += _part(sock, path)
            except KeyboardInterrupt:
                if interrupted is None:
                    raise
                interrupted()
                interrupted = None


def _part(sock: socket.socket, path: Path) -> bytes:
    try:
        part = sock.recv(1 << 16)
    except TimeoutError as error:
        raise DaemonSilent(f"the daemon at {path} says nothing more: its log says why") from error
    except ConnectionError:
        part = b""
    if not part:
        raise DaemonSilent(f"the daemon at {path} ended before it answered: its log says why")
    return part


def _object(line: bytes, path: Path) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RemoteFormatError(f"{path} gave an answer that is not JSON") from error
    if not isinstance(answer, dict) or not (isinstance(answer.get("ok"), bool) or "told" in answer):
        raise RemoteFormatError(f"{path} gave an answer that is not belabridge's")
    return answer


def answer_of(reply: Mapping[str, Any]) -> dict[str, Any]:
    """The answer in a reply of ``ask``.

    Raises:
        ConfigError: the daemon refused a config; with its faults.
        BelabridgeError: the daemon refused for another reason.
    """
    if reply["ok"] and isinstance(answer := reply.get("answer"), dict):
        return answer
    text = str(reply.get("error", "the daemon refused without a reason"))
    if faults := reply.get("faults"):
        try:
            raise ConfigError([Fault(**fault) for fault in faults])
        except TypeError as error:  # of another version
            raise BelabridgeError(text) from error
    raise BelabridgeError(text)


def _converse(path: Path, question: bytes, timeout_s: float) -> bytes:
    deadline = time.monotonic() + timeout_s
    received = bytearray()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout_s)
        try:
            sock.connect(os.fspath(path))
        except TimeoutError as error:
            raise DaemonSilent(f"the daemon at {path} is too busy to be asked") from error
        except OSError as error:
            raise DaemonNotRunning(str(path)) from error
        try:
            sock.sendall(question)
            while not received.endswith(b"\n") and len(received) <= ANSWER_LIMIT:
                sock.settimeout(max(deadline - time.monotonic(), 1e-3))
                if not (part := sock.recv(1 << 16)):
                    break
                received += part
        except TimeoutError as error:
            raise DaemonSilent(
                f"the daemon at {path} did not answer within {timeout_s:g} s: its log says why"
            ) from error
        except ConnectionError:
            pass  # it went away; perhaps after its answer
    if not received.endswith(b"\n"):
        raise DaemonSilent(f"the daemon at {path} ended, or failed, before it answered: its log says why")
    return bytes(received)
