"""``belabridge plot``: variables as a live picture in a browser."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import click

from belabridge.cli.lengths import LENGTH
from belabridge.cli.options import board_option

if TYPE_CHECKING:
    from belabridge.client.spans import Span
    from belabridge.values import Address


@click.command("plot")
@click.argument("variables", metavar="[VAR]...", nargs=-1)
@click.option(
    "--window", type=LENGTH, metavar="LENGTH", default="5s", show_default=True, help="From left to right."
)
@click.option("--keep", type=LENGTH, metavar="LENGTH", help="So far one can look back. Else: the window.")
@click.option("--range", "y_range", type=float, nargs=2, metavar="LOW HIGH", help="What the y axes show.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Of the page. Else: any free one.")
@click.option("--no-browser", is_flag=True, help="Only say where the page is.")
@click.option("--sim", is_flag=True, help="Use a simulated board.")
@board_option
def plot(  # noqa: PLR0917 - click hands over each option by itself
    variables: tuple[str, ...],
    window: Span,
    keep: Span | None,
    y_range: tuple[float, float] | None,
    port: int,
    board: Address | None,
    *,
    no_browser: bool,
    sim: bool,
) -> None:
    """Show every sample of variables, of all of them when none is named, as a live picture in a browser.

    The space bar pauses it, dragging looks closer. Ctrl-C ends it. Only this computer can see the page.

    \b
    Example:
      belabridge plot mic pot1 --window 2s
      belabridge plot --sim
    """
    asyncio.run(
        _plot(
            variables,
            board,
            window=window,
            keep=keep,
            y_range=y_range,
            port=port,
            show=not no_browser,
            sim=sim,
        )
    )


async def _plot(
    names: tuple[str, ...],
    board: Address | None,
    *,
    window: Span,
    keep: Span | None,
    y_range: tuple[float, float] | None,
    port: int,
    show: bool,
    sim: bool,
) -> None:
    from belabridge.cli.stage import simulated_board
    from belabridge.client.connect import connect

    async with AsyncExitStack() as stack:
        if sim:
            board = await stack.enter_async_context(simulated_board())
        bela = await stack.enter_async_context(connect(board))
        picture = bela.plot(*names, window=window, rollover=keep, y_range=y_range, port=port)
        await stack.enter_async_context(picture)
        click.echo(picture.url)
        if show:
            await asyncio.to_thread(picture.show)
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        await ended.wait()
