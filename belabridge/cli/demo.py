"""``belabridge demo``: a simulated board, the bridge, and a player, shown live."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from belabridge.settings.config import Config
    from belabridge.values import Address


@click.command("demo")
def demo() -> None:
    """Show values flowing from a simulated board to OSC and back; Ctrl-C ends it.

    A player subscribes by OSC, hears the board, and turns its gain and freq as a patch would. What listens on
    port 9000 when the demo begins hears it too: `oscdump 9000`, or Pure Data's [netreceive -u -b 9000].

    \b
    Example:
      belabridge demo
      belabridge demo | head -5
    """
    raise SystemExit(asyncio.run(_demo()))


async def _demo() -> int:
    from belabridge.bridge import Bridge
    from belabridge.cli.player import Player
    from belabridge.cli.stage import simulated_board
    from belabridge.cli.view import beside, show
    from belabridge.service import journal
    from belabridge.service.daemon import Daemon

    async with AsyncExitStack() as stack:
        board = await stack.enter_async_context(simulated_board())
        config = _config(board)
        journal.configure(level="error" if sys.stdout.isatty() else "warning")
        daemon = Daemon(lambda: config, Bridge)
        if config.osc.listen is None:
            raise AssertionError("the demo listens")
        player = await stack.enter_async_context(Player(config.osc.listen))
        works = (show(daemon.status), player.play())
        await stack.enter_async_context(beside(*works, failed=daemon.request_stop))
        code = await daemon.run()
    click.echo(
        f"the player heard {player.heard} messages; next: `belabridge run --sim`, and a patch of your own"
    )
    return code


def _config(board: Address) -> Config:
    """Everything mapped, on the usual port when it is free, and to the usual one when it is heard."""
    from belabridge.settings.config import DEFAULT_LISTEN, Config

    config = Config(board=(board,))
    heard = tuple(end for end in config.osc.destinations if _is_taken(end.host, end.port))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(DEFAULT_LISTEN)
        except OSError:
            probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
    return replace(config, osc=replace(config.osc, listen=(host, port), destinations=heard))


def _is_taken(host: str, port: int) -> bool:
    """Whether a program has this UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
