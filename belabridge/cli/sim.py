"""``belabridge sim``: a simulated board."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belabridge.printable import printable
from belabridge.values import DEFAULT_PORT, Address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from belabridge.sim.faults import Fault
    from belabridge.sim.server import SimServer

MAX_VARIABLES = (
    10_000  # the answer to `list` is then 2 MB; a typing error of three zeros should not hang the machine
)


def _faults(
    _ctx: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[tuple[float, Fault], ...]:
    """Read all of them."""
    from belabridge.cli.sim_faults import fault
    from belabridge.errors import UsageError

    try:
        return tuple(map(fault, texts))
    except UsageError as error:
        raise click.BadParameter(str(error)) from None


@click.command("sim")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    help="0 = any that is free.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Virtual seconds a second.",
)
@click.option(
    "--vars",
    "count",
    type=click.IntRange(0, MAX_VARIABLES),
    default=0,
    help="Add so many floats v0, v1…, whose values say the frame.",
)
@click.option("--original", is_flag=True, help="Speak only the original protocol, as older libraries do.")
@click.option(
    "--fault",
    "faults",
    metavar="FAULT[@TIME]",
    multiple=True,
    callback=_faults,
    help="What goes wrong, and when after the start; may be given often.",
)
@click.option("--project", default=None, help="Name of the program that the board seems to run.")
@click.option(
    "--logs",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for log files. Else: they are nowhere.",
)
def sim(  # noqa: PLR0917 - click hands over each option by itself
    host: str,
    port: int,
    speed: float,
    count: int,
    original: bool,  # noqa: FBT001 - a flag
    faults: tuple[tuple[float, Fault], ...],
    project: str | None,
    folder: Path | None,
) -> None:
    """Simulate a board, to try everything without one.

    Its program has pot1, pot2, mic, trigger and counter; control gain and freq, and hear them in mic.

    Its faults, of the board or of the way to it, to see what becomes of a patch or a program then:

    \b
      vanish[:TIME]        connections end and none can be made; for ever without a TIME (5s, 500ms)
      stall[:TIME]         connections stay and nothing passes
      drop-header[:N]      the next headers of blocks are lost, and their bodies arrive
      drop-body[:N]        the other way round
      splice[:FRAMES]      blocks with a seam, as after a pause
      restart[:VARS]       the program starts again; with VARS another one, with the variables v0, v1...
      greet                the greeting once more, as when another client connects

    A fault that is typed into the running board, such as stall:2s and Enter, happens then.

    \b
    Example:
      belabridge sim --port 5555
      belabridge run --board 127.0.0.1:5555
      belabridge sim --fault vanish:5s@10s --fault stall:10s@30s
    """
    from belabridge.sim.programs.default import default_program
    from belabridge.sim.programs.many import many_variables
    from belabridge.sim.server import SimServer

    program = default_program()
    program = replace(
        program,
        project=program.project if project is None else project,
        variables=program.variables + many_variables(count).variables,
    )
    asyncio.run(_serve(SimServer(program, host, port, speed, faults, original=original, folder=folder)))


async def _serve(server: SimServer) -> None:
    """Run the board until somebody ends it."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with server:
        where = Address(server.host, server.port)
        click.echo(f"simulated board on {where}; try: belabridge list --board {where}  (Ctrl-C ends it)")
        with _typed(loop, lambda line: _inject(server, line)):
            await ended.wait()


def _inject(server: SimServer, line: str) -> None:
    """Let happen what was typed."""
    from belabridge.cli.sim_faults import fault
    from belabridge.errors import UsageError

    try:
        after_s, what = fault(line)
    except UsageError as error:
        click.echo(f"belabridge: {printable(str(error))}", err=True)
        return
    asyncio.get_running_loop().call_later(after_s, server.inject, what)


@contextmanager
def _typed(loop: asyncio.AbstractEventLoop, say: Callable[[str], None]) -> Iterator[None]:
    """Hand over each line of standard input; where there is none, or no terminal or pipe, nothing."""
    rest = bytearray()
    try:
        number = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or a test's
        yield
        return

    def read() -> None:
        try:
            data = os.read(number, 4096)
        except OSError:  # in the background, a terminal is not ours to read
            data = b""
        if not data:
            loop.remove_reader(number)
        rest.extend(data)
        *lines, last = bytes(rest).split(b"\n")
        rest[:] = last[:4096]
        for line in lines:
            if line.strip():
                say(line.decode(errors="replace").strip())

    try:
        # a shell's background job that reads its terminal would be stopped: so it gets an error instead
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        loop.add_reader(number, read)
    except (OSError, ValueError):  # a file or /dev/null: epoll takes neither
        yield
        return
    try:
        yield
    finally:
        loop.remove_reader(number)
