"""``belabridge log rm``: removes log files from the board."""

from __future__ import annotations

from typing import Any

import click

from belabridge.cli.log_asking import asked, asking_options
from belabridge.printable import printable
from belabridge.strict_json import one_line


@click.command("rm")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All that are not being written.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@asking_options
def rm(names: tuple[str, ...], *, is_all: bool, yes: bool, as_json: bool, **options: Any) -> None:
    """Remove log files from the board, whether they are here or not; asks before.

    \b
    Example:
      belabridge log rm mic.bin
      belabridge log rm --all --yes
    """
    if not names and not is_all:
        raise click.UsageError("name the files that should go, or --all")
    if not yes:
        what = "all log files" if is_all else ", ".join(map(printable, names))
        click.confirm(f"Remove {what} from the board?", abort=True, err=True)
    words = {"do": "rm", "names": list(names), "all": is_all}
    answer = asked(words, options | {"as_json": as_json})
    if as_json:
        click.echo(one_line(answer))
        return
    for file in answer["removed"]:
        click.echo(f"{printable(file)} is gone from the board")
