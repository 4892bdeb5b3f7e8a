"""``belabridge init``: a first config, made of the variables of a live board."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belabridge.cli.failure import FAILURE
from belabridge.cli.options import board_option
from belabridge.printable import printable

if TYPE_CHECKING:
    from belabridge.values import Address

SCHEMA = "belabridge.schema.json"  # as the config's first line calls it


@click.command()
@click.argument("path", default="belabridge.yaml", type=click.Path(dir_okay=False, path_type=Path))
@board_option
@click.pass_context
def init(ctx: click.Context, path: Path, *, board: Address | None) -> None:
    """Write a config, with comments, to PATH from the variables of a live board.

    A file that is there already is never touched. The schema that editors look for, to complete and explain
    the keys, is written beside it.

    \b
    Example:
      belabridge init
      belabridge init installation.yaml --board 192.168.7.2
    """
    if path.exists() or path.is_symlink():
        _refuse(ctx, path)
    from belabridge.board.look import look
    from belabridge.settings.starter import starter

    view = asyncio.run(look([board] if board else []))
    text = starter(view.project, str(view.address), view.variables)
    try:
        with path.open("x", encoding="utf-8") as stream:  # x: it may have appeared in the meantime
            stream.write(text)
    except FileExistsError:
        _refuse(ctx, path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        click.echo(f"belabridge: {path} cannot be written ({reason}): choose another place", err=True)
        ctx.exit(FAILURE)
    number = len(view.variables)
    project = printable(view.project) or "the board"
    click.echo(f"{path}: {number} variable{'' if number == 1 else 's'} of {project}")
    if _wrote_schema(path.with_name(SCHEMA)):
        click.echo(f"{path.with_name(SCHEMA)}: for editors, which complete and explain the keys by it")
    click.echo(f"try it: belabridge run {path}")


def _wrote_schema(path: Path) -> bool:
    """Write what the config's first line points to; a convenience, and no failure without it."""
    from belabridge.settings.schema import schema_text

    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(schema_text())
    except OSError:
        return False
    return True


def _refuse(ctx: click.Context, path: Path) -> None:
    click.echo(
        f"belabridge: {path} exists and was left alone: choose another name, or move it away", err=True
    )
    ctx.exit(FAILURE)
