"""``belabridge log stop``: ends logs, whoever began them."""

from __future__ import annotations

from typing import Any

import click

from belabridge.cli.log_asking import asked, asking_options, show_files


@click.command("stop")
@click.argument("variables", metavar="[VAR]...", nargs=-1)
@asking_options
@click.pass_context
def stop(ctx: click.Context, /, variables: tuple[str, ...], *, as_json: bool, **options: Any) -> None:
    """End the logs of variables, or all; a running daemon brings the files as its config says.

    \b
    Example:
      belabridge log stop mic
      belabridge log stop
    """
    words = {"do": "stop", "vars": list(variables), "wait": True}
    show_files(ctx, asked(words, options | {"as_json": as_json}), as_json=as_json)
