"""``belabridge reload``: lets the running daemon read its config again."""

from __future__ import annotations

from dataclasses import asdict

import click

from belabridge.cli.failure import CONFIG
from belabridge.errors import ConfigError
from belabridge.service.ask import answer_of, ask
from belabridge.strict_json import one_line

TIMEOUT_S = 10.0  # a big config takes a second or two to check, and a board may be slow to answer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON object.")
@click.option("--pid", type=int, help="Of several daemons, the one with this process id.")
@click.pass_context
def reload(ctx: click.Context, *, as_json: bool, pid: int | None) -> None:
    """Let the running daemon read its config again.

    The new config is checked first. When it has faults they are shown, the exit code is 78, and the
    daemon goes on with the old one. Only what has changed is touched.

    \b
    Example:
      belabridge reload
    """
    try:
        answer = answer_of(ask("reload", pid=pid, timeout_s=TIMEOUT_S))
    except ConfigError as error:
        if not as_json:
            raise
        click.echo(one_line({"ok": False, "faults": [asdict(fault) for fault in error.faults]}))
        ctx.exit(CONFIG)
    if as_json:
        click.echo(one_line({"ok": True, **answer}))
    else:
        click.echo("the new config is in force" if answer.get("changed") else "the config has not changed")
