"""``belabridge status``: asks the running daemon how it is."""

from __future__ import annotations

import click

from belabridge.service.ask import answer_of, ask, running
from belabridge.strict_json import one_line


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with the board's own field names.")
@click.option("--pid", type=int, help="Of several daemons, the one with this process id.")
def status(*, as_json: bool, pid: int | None) -> None:
    """Ask the running daemon how it is.

    Shows the board, each mapping with its last value and rate, the destinations, what was dropped, the
    latency, and the last errors. Of several daemons it asks the newest.

    \b
    Example:
      belabridge status
      belabridge status --json | jq .board.connected
    """
    candidates = running(pid)
    if len(candidates) > 1:
        pids = ", ".join(path.stem for path in candidates)
        click.echo(f"belabridge: several daemons run ({pids}): this is the first; choose by --pid", err=True)
    answer = answer_of(ask("status", candidates[0] if candidates else None, pid=pid))
    if as_json:
        click.echo(one_line(answer))
        return
    from rich.console import Console

    from belabridge.cli.picture import WIDTH, picture, whole_width

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(picture(answer, long="fold"), width=min(console.width, WIDTH))
    else:  # what reads a pipe looks for whole words and lines
        console.print(picture(answer, long="ignore"), width=max(WIDTH, whole_width(answer)), crop=False)
