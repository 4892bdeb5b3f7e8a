"""Asks the running daemon about logs, or the board itself when none runs; shows what happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import click

from belabridge.cli.options import board_option, json_option
from belabridge.cli.progress import amount_text, progress
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from belabridge.rules import LogFiles

PASSWORD: Final = "BELABRIDGE_SSH_PASSWORD"  # noqa: S105 - its name; on a command line all could read it
_SSH: Final = ("ssh_port", "user", "key", "projects")

_OPTIONS: Final = (
    board_option,
    click.option("--ssh-port", type=click.IntRange(1, 65_535), help="Of the board's ssh. Else: 22."),
    click.option("--user", help="Of the board's ssh. Else: root."),
    click.option("--key", type=click.Path(dir_okay=False), help="File of a private key for it."),
    click.option("--projects", help="Folder of the projects on the board. Else: /root/Bela/projects."),
    click.option("--pid", type=int, help="Of several daemons, the one with this process id."),
)


def asking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--board`` and how its ssh is reached, which go past a daemon; ``--pid`` of the daemon; ``--json``."""
    for option in (json_option, *reversed(_OPTIONS)):
        command = option(command)
    return command


def asked(
    words: Mapping[str, Any], options: Mapping[str, Any], *, ending: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Ask, and wait for the answer; ``viaDaemon`` in it says who gave it.

    Args:
        words: as ``logs.desk.Desk`` has them.
        options: as ``asking_options`` gave them.
        ending: is asked at the first Ctrl-C, and the first question goes on; None = Ctrl-C ends it.

    Raises:
        BelabridgeError: what was asked cannot be.
    """
    from belabridge.service.ask import running, talk

    is_alone = options["board"] is not None or any(options[name] is not None for name in _SSH)
    daemons = [] if is_alone else running(options["pid"])
    with Meanwhile(as_json=options["as_json"]) as meanwhile:
        if not daemons:
            return asyncio.run(_alone(words, options, ending, meanwhile)) | {"viaDaemon": False}

        def end() -> None:
            talk("log", ending or {}, lambda _told: None, daemons[0])

        interrupted = end if ending is not None else None
        return talk("log", words, meanwhile.told, daemons[0], interrupted=interrupted) | {"viaDaemon": True}


async def _alone(
    words: Mapping[str, Any],
    options: Mapping[str, Any],
    ending: Mapping[str, Any] | None,
    meanwhile: Meanwhile,
) -> dict[str, Any]:
    from belabridge.client.connect import connect
    from belabridge.logs.desk import Desk
    from belabridge.logs.session import LogSession

    async with connect(options["board"]) as bela:
        session = LogSession(lambda: bela.hub.link, _files(options))
        desk = Desk(session)
        job = asyncio.current_task()
        endings: list[asyncio.Task[Any]] = []

        def interrupted() -> None:
            if ending is not None and not endings:
                endings.append(asyncio.create_task(desk.do(ending, lambda _told: None)))
            elif job is not None:
                job.cancel()

        loop = asyncio.get_running_loop()
        if ending is not None:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, interrupted)
        try:
            return await desk.do(words, meanwhile.told)
        finally:
            await asyncio.gather(*endings, return_exceptions=True)
            await session.close()


def _files(options: Mapping[str, Any]) -> LogFiles:
    """Without a daemon and its config: files keep the board's names, and nobody is there to bring them."""
    from belabridge.rules import FetchWhen, LogFiles, Ssh

    usual = Ssh()
    ssh = Ssh(
        port=options["ssh_port"] or usual.port,
        user=options["user"] or usual.user,
        password=os.environ.get(PASSWORD) or None,
        key=options["key"],
        projects=options["projects"] or usual.projects,
    )
    return LogFiles(to=".", fetch=FetchWhen.NEVER, ssh=ssh)


def absolute(folder: str | None) -> str | None:
    """A folder as the daemon finds it, which runs elsewhere."""
    return None if folder is None else str(Path(folder).absolute())


class Meanwhile:
    """Shows how far files are, all as one: a bar in a terminal, lines elsewhere."""

    def __init__(self, *, as_json: bool) -> None:
        """``as_json``: nothing is told on the way."""
        self._as_json = as_json
        self._stack = ExitStack()
        self._files: dict[str, tuple[int, int]] = {}
        self._show: Callable[..., None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def told(self, what: Mapping[str, Any]) -> None:
        """Something happened."""
        if self._as_json:
            return
        if what["what"] == "progress":
            self._files[what["file"]] = (what["done"], what["total"])
            done, total = (sum(column) for column in zip(*self._files.values(), strict=True))
            if self._show is None:
                self._show = self._stack.enter_context(progress("fetching", total))
            self._show(done, total)
        elif what["what"] == "began":
            click.echo(began_text(what), err=True)


def began_text(log: Mapping[str, Any]) -> str:
    """That a log has begun."""
    length = ""
    if log["endFrame"] is not None and log["frame"] is not None and log["sampleRate"]:
        length = f", {(log['endFrame'] - log['frame']) / log['sampleRate']:.4g} s"
    at = "" if log["frame"] is None else f", from frame {log['frame']} on"
    return f"{printable(log['variable'])}: the board logs into {printable(log['file'])}{at}{length}"


def show_files(ctx: click.Context, answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Tell what became of files; ends with 1 when one is not here."""
    if as_json:
        click.echo(one_line(answer))
    else:
        for log in answer["logs"]:
            click.echo(_file_text(log), err=log["state"] == "failed")
    if any(log["state"] == "failed" for log in answer["logs"]):
        ctx.exit(1)


def _file_text(log: Mapping[str, Any]) -> str:
    if log["state"] == "failed":
        return f"belabridge: {printable(log['problem'])}"
    if log["path"] is None:
        return f"{printable(log['variable'])}: {printable(log['file'])} is on the board"
    parts = [amount_text(log["bytes"]), f"{log['frames']} frames", f"verified by {log['check']}"]
    parts += [log["structure"]] if log["structure"] else []
    parts += [printable(log["problem"])] if log["problem"] else []
    return f"{printable(log['path'])}: {', '.join(parts)}"
