"""``belabridge sim``: a simulated board."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from belabridge.values import DEFAULT_PORT, Address

if TYPE_CHECKING:
    from belabridge.sim.server import SimServer

MAX_VARIABLES = (
    10_000  # the answer to `list` is then 2 MB; a typing error of three zeros should not hang the machine
)


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
@click.option("--project", default=None, help="Name of the program that the board seems to run.")
def sim(  # noqa: PLR0917 - click hands over each option by itself
    host: str,
    port: int,
    speed: float,
    count: int,
    original: bool,  # noqa: FBT001 - a flag
    project: str | None,
) -> None:
    """Simulate a board, to try everything without one.

    Its program has pot1, pot2, mic, trigger and counter; control gain and freq, and hear them in mic.

    \b
    Example:
      belabridge sim --port 5555
      belabridge run --board 127.0.0.1:5555
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
    asyncio.run(_serve(SimServer(program, host, port, speed, original=original)))


async def _serve(server: SimServer) -> None:
    """Run the board until somebody ends it."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with server:
        where = Address(server.host, server.port)
        click.echo(f"simulated board on {where}; try: belabridge list --board {where}  (Ctrl-C ends it)")
        await ended.wait()
