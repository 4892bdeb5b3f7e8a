"""``belabridge set``: control variables of a board."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import click

from belabridge.cli.options import board_option, json_option
from belabridge.errors import UsageError
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.values import Address, VarType
    from belabridge.wire.listing import VariableList

MAX_ROUNDED = 0.5  # a whole number is the nearest one; further away it is another value


@click.command("set")
@click.argument("assignments", metavar="VAR=VALUE...", nargs=-1)
@click.option("--release", metavar="VAR", multiple=True, help="Give this variable back to the program.")
@board_option
@json_option
def set_(
    assignments: tuple[str, ...], release: tuple[str, ...], board: Address | None, *, as_json: bool
) -> None:
    """Make the board's program read a value.

    The variable stays under control until it is released, also after this command has ended.

    \b
    Example:
      belabridge set gain=0.5 freq=220
      belabridge set --release gain
    """
    values = dict(map(_assignment, assignments))
    if not values and not release:
        raise click.UsageError("nothing to do: give VAR=VALUE, or --release VAR")
    if both := sorted(values.keys() & set(release)):
        raise click.UsageError(f"set and released at once: {', '.join(both)}")
    shown, project = asyncio.run(apply([board] if board else [], values, release))
    table = {variable.name: variable for variable in shown.variables}
    named = [table[name] for name in (*values, *release)]
    if as_json:
        rows = [
            {"name": v.name, "type": v.type.value, "value": v.value, "controlled": v.controlled}
            for v in named
        ]
        click.echo(one_line({"project": project, "sampleRate": shown.sample_rate, "watchers": rows}))
        return
    for variable in named:
        owner = "controlled" if variable.controlled else "the program's own"
        click.echo(f"{printable(variable.name)} = {variable.value:.9g} ({owner})")


def _assignment(text: str) -> tuple[str, float]:
    name, equals, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not equals or not name or not math.isfinite(value):
        raise click.UsageError(f"{text!r} is not VAR=VALUE with a number, such as gain=0.5")
    return name, value


async def apply(
    addresses: Sequence[Address], values: Mapping[str, float], release: Sequence[str]
) -> tuple[VariableList, str]:
    """Set and release on the first board that answers, and wait until the board shows it.

    Returns:
        What the board shows then, and its project.

    Raises:
        BoardUnreachable: no board.
        UnknownVariable: a name that the board lacks; then nothing is set.
        BoardTimeout: the board does not show it in time.
        UsageError: a value that the variable's type cannot hold.
    """
    from belabridge.board.candidates import open_first
    from belabridge.board.names import require
    from belabridge.stored import equal
    from belabridge.wire import commands as cmd

    connection = await open_first(addresses, on_block=lambda _block, _now: None, on_event=lambda _event: None)
    pump = asyncio.create_task(connection.run())
    try:
        await connection.list()
        table = connection.session.variables
        require([*values, *release], table)
        char_signed = connection.session.reader.char_signed
        exact = {
            name: _held(name, table[name].type, value, char_signed=char_signed)
            for name, value in values.items()
        }
        if exact:
            connection.say([cmd.control(list(exact)), cmd.set_(exact)])
        if release:
            connection.say([cmd.uncontrol(list(release))])

        def shows_it(board: VariableList) -> bool:
            # Another client's answer may be older than what we said, and tell of what was before.
            now = {variable.name: variable for variable in reversed(board.variables)}
            is_set = all(
                name in now and now[name].controlled and equal(now[name].type, value, now[name].value)
                for name, value in exact.items()
            )
            return is_set and not any(name in now and now[name].controlled for name in release)

        board = await connection.list(accept=shows_it)
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
    return board, connection.session.project or ""


def _held(name: str, kind: VarType, value: float, *, char_signed: bool) -> float:
    """The value as the variable holds it.

    Raises:
        UsageError: it is beyond what the type holds; a person is told so, and not given the nearest.
    """
    from belabridge.stored import LARGEST_FLOAT32, as_stored
    from belabridge.values import C_NAMES, VarType

    held = as_stored(kind, value, char_signed=char_signed)
    is_float = kind in {VarType.FLOAT, VarType.DOUBLE}
    if math.isfinite(held) if is_float else abs(held - value) <= MAX_ROUNDED:
        return held
    low, high = (as_stored(kind, end, char_signed=char_signed) for end in (-LARGEST_FLOAT32, LARGEST_FLOAT32))
    said = f"{low:.8g} to {high:.8g}" if is_float else f"{low} to {high}"
    raise UsageError(f"{printable(name)}={value:g} does not fit: {C_NAMES[kind]} holds {said}")
