"""``belabridge panic``: ends every note that sounds."""

from __future__ import annotations

import asyncio

import click

from belabridge.cli.failure import FAILURE
from belabridge.errors import BelabridgeError


@click.command()
@click.option("--pid", type=int, help="Only of the daemon with this process id.")
@click.pass_context
def panic(ctx: click.Context, *, pid: int | None) -> None:
    """End every note that sounds, on all ports that belabridge sends to.

    Every running daemon sends the note-offs that are due, then "all notes off", "all sound off" and a
    released pedal on every channel. When no daemon runs, all MIDI ports of this computer get them.

    \b
    Example:
      belabridge panic
    """
    from belabridge.service.ask import answer_of, ask, running

    sockets = running(pid)
    if not sockets and pid is None:
        from belabridge.cli.ears import silence_all

        count = asyncio.run(silence_all())
        click.echo(f"no daemon runs: silence was sent to {count} MIDI port{'' if count == 1 else 's'}")
        return
    if not sockets:
        raise BelabridgeError(f"no running belabridge is process {pid}: `belabridge panic` asks all of them")
    failed = False
    for path in sockets:
        try:
            answer_of(ask("panic", path))
        except BelabridgeError as error:
            failed = True
            click.echo(f"belabridge: daemon {path.stem}: {error}", err=True)
    if failed:
        ctx.exit(FAILURE)
    click.echo("silence" if len(sockets) == 1 else f"silence: {len(sockets)} daemons")
