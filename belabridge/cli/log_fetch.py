"""``belabridge log fetch``: brings log files here."""

from __future__ import annotations

from typing import Any

import click

from belabridge.cli.log_asking import absolute, asked, asking_options, show_files


@click.command("fetch")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All log files in the folder of the project.")
@click.option(
    "--to", type=click.Path(file_okay=False), help="Folder for the files. Else: as configured, or here."
)
@click.option(
    "--delete/--no-delete", default=None, help="Remove them from the board once they are here for sure."
)
@asking_options
@click.pass_context
def fetch(
    ctx: click.Context,
    /,
    names: tuple[str, ...],
    *,
    is_all: bool,
    to: str | None,
    delete: bool | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Bring log files here, verified: files by their names, or the last log of a variable by its own.

    Without a NAME, the last log of each variable. A transfer that broke goes on where it was; nothing is
    overwritten.

    \b
    Example:
      belabridge log fetch mic
      belabridge log fetch mic+0.bin --to takes
      belabridge log fetch --all --delete
    """
    words = {
        "do": "fetch",
        "names": list(names),
        "all": is_all,
        "to": absolute(to),
        "delete": delete,
    }
    show_files(ctx, asked(words, options | {"as_json": as_json}), as_json=as_json)
