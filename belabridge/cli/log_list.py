"""``belabridge log list``: the log files on the board and on this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from belabridge.cli.figures import span_text
from belabridge.cli.log_asking import absolute, asked, asking_options
from belabridge.cli.progress import amount_text
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command("list")
@click.option(
    "--to", type=click.Path(file_okay=False), help="The folder here. Else: as configured, or this one."
)
@asking_options
def list_(*, to: str | None, as_json: bool, **options: Any) -> None:
    """List the log files of the board's project, and those that are here: size, variable, length, state.

    \b
    Example:
      belabridge log list
      belabridge log list --json | jq '.board[].file'
    """
    answer = asked({"do": "list", "to": absolute(to)}, options | {"as_json": as_json})
    click.echo(one_line(answer) if as_json else as_text(answer))


def as_text(answer: Mapping[str, Any]) -> str:
    """Two tables for a person."""
    tables = (
        (f"on the board, {printable(answer['project'])}:", answer["board"]),
        (f"here, {printable(answer['folder'])}:", answer["here"]),
    )
    lines = []
    for head, rows in tables:
        lines.append(head if rows else f"{head} none")
        width = max((len(printable(row["file"])) for row in rows), default=0)
        lines += [_row(row, width) for row in rows]
    return "\n".join(lines)


def _row(row: Mapping[str, Any], width: int) -> str:
    seconds = row.get("seconds")
    length = "" if seconds is None else span_text(seconds)
    words = [row["state"], printable(row.get("problem") or "")]
    if row.get("here"):
        words.append(f"here as {printable(row['here'])}")
    variable = printable(row.get("variable") or "")
    told = ", ".join(filter(None, words))
    size = amount_text(row["bytes"])
    return f"  {printable(row['file']):<{width}}  {size:>8}  {variable:<12}  {length:>8}  {told}"
