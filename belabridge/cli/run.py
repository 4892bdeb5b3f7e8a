"""``belabridge run``: the daemon."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belabridge.cli.options import board_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from belabridge.service.daemon import Daemon
    from belabridge.settings.config import Config
    from belabridge.values import Address


@click.command("run")
@click.argument("config", required=False, type=click.Path(dir_okay=False, path_type=Path))
@board_option
@click.option("--sim", is_flag=True, help="Bridge a simulated board instead of a real one.")
@click.option("--show", "is_shown", is_flag=True, help="Show what flows.")
@click.pass_context
def run(ctx: click.Context, config: Path | None, board: Address | None, *, sim: bool, is_shown: bool) -> None:
    """Bridge a board: its variables out as OSC, and OSC in to control it, as CONFIG says.

    Without CONFIG, every variable goes out to 127.0.0.1:9000 as /bela/NAME, 50 times a second, and what comes
    to port 9001 as /bela/NAME controls it. A board that is not there, or goes away, is looked for until it is
    back. SIGHUP and `belabridge reload` read CONFIG again.

    \b
    Example:
      belabridge run
      belabridge run belabridge.yaml --board 192.168.7.2
      belabridge run --sim --show
    """
    if sim and board is not None:
        raise click.UsageError("--sim and --board are two boards: give one of them")
    ctx.exit(asyncio.run(_run(config, board, sim=sim, is_shown=is_shown)))


async def _run(config: Path | None, board: Address | None, *, sim: bool, is_shown: bool) -> int:
    async with AsyncExitStack() as stack:
        if sim:
            from belabridge.cli.stage import simulated_board

            board = await stack.enter_async_context(simulated_board())
        daemon = make_daemon(config, board)
        if not is_shown:
            return await daemon.run()
        from belabridge.cli.view import beside, show

        await stack.enter_async_context(beside(show(daemon.status), failed=daemon.request_stop))
        return await daemon.run()


def make_daemon(path: Path | None, board: Address | None) -> Daemon[Config]:
    """The daemon for a config file, or for none.

    Args:
        path: of the file; None = everything is mapped.
        board: instead of the one in the file.
    """
    from belabridge.bridge import Bridge
    from belabridge.service import journal
    from belabridge.service.daemon import Daemon

    def applied(config: Config) -> None:
        journal.configure(config.log.format, config.log.level)

    return Daemon(
        loader(path, board),
        Bridge,
        config=path,
        applied=applied,
        place_of=lambda config, _what: config.listen_place,
    )


def loader(path: Path | None, board: Address | None) -> Callable[[], Config]:
    """What reads the config, as often as it is asked.

    Args:
        path: as for ``make_daemon``.
        board: as for ``make_daemon``.
    """
    from belabridge.mapping.expr import problem
    from belabridge.mapping.problems import rule_problem
    from belabridge.settings.config import Config
    from belabridge.settings.files import load

    def read() -> Config:
        config = Config() if path is None else load(path, check_expr=problem, check_rule=rule_problem)
        if path is not None and not config.logs.to.startswith("~"):
            config = replace(
                config, logs=replace(config.logs, to=str(path.absolute().parent / config.logs.to))
            )
        return config if board is None else replace(config, board=(board,))

    return read
