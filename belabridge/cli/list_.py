"""``belabridge list``: what a board offers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from belabridge.cli.options import board_option, json_option
from belabridge.printable import printable
from belabridge.strict_json import indented
from belabridge.values import C_NAMES

if TYPE_CHECKING:
    from belabridge.board.look import BoardView
    from belabridge.values import Address, Variable
    from belabridge.wire.listing import HostArray


@click.command("list")
@board_option
@json_option
def list_(board: Address | None, *, as_json: bool) -> None:
    """Show the variables of a board's program.

    \b
    Example:
      belabridge list
      belabridge list --board 192.168.7.2 --json
    """
    from belabridge.board.look import look

    view = asyncio.run(look([board] if board else []))
    if as_json:
        click.echo(indented(as_dict(view)))
    else:
        click.echo(as_text(view))


def as_dict(view: BoardView) -> dict[str, object]:
    """The board's answer under the board's own field names."""
    return {
        "project": view.project,
        "board": str(view.address),
        "sampleRate": view.sample_rate,
        "timestamp": view.frame,
        "watchers": [_watcher(variable) for variable in view.variables],
        "buffers": [_buffer(array) for array in view.arrays],
    }


def _buffer(array: HostArray) -> dict[str, object]:
    return {
        "name": array.name,
        "id": array.id,
        "type": array.type.value,
        "size": array.size,
        "received": array.received,
    }


def _watcher(variable: Variable) -> dict[str, object]:
    return {
        "name": variable.name,
        "type": variable.type.value,
        "timestampMode": int(variable.mode),
        "value": variable.value,
        "valueInput": variable.value_input,
        "controlled": variable.controlled,
        "watched": variable.watched,
        "monitor": variable.monitor_period_frames,
        "logged": variable.logged,
        "logFileName": variable.log_file_name,
    }


def as_text(view: BoardView) -> str:
    """A table for a person."""
    project = printable(view.project)
    head = f"{project} on {view.address}, {view.sample_rate:g} Hz, {len(view.variables)} variables"
    names = [printable(variable.name) for variable in view.variables]
    width = max(map(len, (*names, *(printable(array.name) for array in view.arrays))), default=4)
    lines = [head]
    for name, variable in zip(names, view.variables, strict=True):
        state = [
            word
            for word, true in (
                ("controlled", variable.controlled),
                ("watched", variable.watched),
                (f"monitored every {variable.monitor_period_frames} frames", variable.monitor_period_frames),
                ("logged", variable.logged),
                ("sparse", variable.mode),
            )
            if true
        ]
        line = f"  {name:<{width}}  {C_NAMES[variable.type]:<12}  {variable.value:>12.6g}"
        lines.append(f"{line}  {', '.join(state)}".rstrip())
    for array in view.arrays:
        name = printable(array.name)
        lines.append(f"  {name:<{width}}  {C_NAMES[array.type]}[{array.size}], a buffer that clients fill")
    return "\n".join(lines)
