"""What flows, shown live: a picture that stays in place in a terminal, a line a second in a pipe."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping

    from rich.console import Console

PICTURES_PER_S = 5  # values move visibly, and a slow terminal keeps up
REST = 4.0  # times what a picture took: drawing never takes more than a fifth of a core
SWITCH_S = 0.0005  # so long a picture holds the interpreter while the bridge wants it; 5 ms unless said
LINE_EVERY_S = 1.0


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None], failed: Callable[[], None]) -> AsyncIterator[None]:
    """Let these run as long as the block does; they have ended when it has.

    Args:
        works: they go on until they are cancelled.
        failed: called when one of them ends by a fault, such as a reader that has seen enough; the block
            should end then, and raises that fault.
    """
    tasks = [asyncio.create_task(work) for work in works]
    for task in tasks:
        task.add_done_callback(lambda task: None if task.cancelled() else failed())
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def show(status: Callable[[], Mapping[str, Any]]) -> None:
    """Show ``status`` until cancelled."""
    from belabridge.cli.picture import line

    if sys.stdout.isatty():
        from rich.console import Console

        sys.setswitchinterval(SWITCH_S)
        await draw(status, Console(highlight=False))
    while True:
        await asyncio.sleep(LINE_EVERY_S)
        click.echo(line(status()))
        sys.stdout.flush()


async def draw(status: Callable[[], Mapping[str, Any]], console: Console) -> None:
    """Draw ``status`` in its place until cancelled, in a thread: a terminal that hangs holds up nothing."""
    from rich.live import Live

    from belabridge.cli.picture import WIDTH, picture

    def update(what: Mapping[str, Any]) -> None:
        height = max(6, console.height - 1)
        live.console.width = min(console.size.width, WIDTH)
        live.update(picture(what, height), refresh=True)

    loop = asyncio.get_running_loop()
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while True:
            began = loop.time()
            drawing = asyncio.create_task(asyncio.to_thread(update, status()))
            try:
                await asyncio.shield(drawing)
            finally:
                await drawing  # before the picture is closed, also when this is cancelled
            await asyncio.sleep(max(1 / PICTURES_PER_S, REST * (loop.time() - began)))
