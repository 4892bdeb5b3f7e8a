"""``belabridge check``: all faults of a config at once, and whether it fits a board."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from belabridge.cli.failure import CONFIG, FAILURE, lines_of
from belabridge.cli.options import board_option, json_option
from belabridge.errors import BelabridgeError, ConfigError, Fault, UsageError
from belabridge.printable import printable
from belabridge.strict_json import one_line
from belabridge.values import Address, VarType
from belabridge.wire.host_arrays import find_array

if TYPE_CHECKING:
    from belabridge.settings.config import Config


@click.command()
@click.argument("config", required=False, type=click.Path())
@board_option
@json_option
@click.option("--schema", is_flag=True, help="Print the JSON schema for editors, and check nothing.")
@click.pass_context
def check(
    ctx: click.Context, config: str | None, *, board: Address | None, as_json: bool, schema: bool
) -> None:
    """Find all faults of CONFIG, as file:line:column: what is wrong: what to write instead.

    With --board it also names the variables that this board does not have, at their places. Ends with 0 when
    the config can be used, 78 when not, and 1 when only variables are missing.

    \b
    Example:
      belabridge check belabridge.yaml
      belabridge check belabridge.yaml --board bela.local
    """
    if schema:
        from belabridge.settings.schema import schema_text

        click.echo(schema_text(), nl=False)
        return
    if config is None:
        raise click.UsageError("which config? For example: belabridge check belabridge.yaml", ctx)
    from belabridge.mapping.expr import problem
    from belabridge.mapping.problems import rule_problem
    from belabridge.settings.files import load

    loaded: Config | None = None
    faults: tuple[Fault, ...] = ()
    try:
        loaded = load(config, check_expr=problem, check_rule=rule_problem)
    except ConfigError as error:
        faults = error.faults
    lacking: tuple[Fault, ...] = ()
    try:
        lacking = _lacking(config, board) if board else ()
    except BelabridgeError as error:  # no board: what is known is said all the same
        if loaded is not None:
            raise
        if not isinstance(error, ConfigError):
            for line in lines_of(error):
                click.echo(line, err=True)
    _print(config, loaded=loaded, faults=faults, lacking=lacking, as_json=as_json)
    ctx.exit(CONFIG if faults else FAILURE if lacking else 0)


def _lacking(file: str, board: Address) -> tuple[Fault, ...]:
    """Give a fault for each variable and buffer that the board does not have.

    Raises:
        ConfigError: the file cannot be read.
        BoardUnreachable: no board.
    """
    from belabridge.board.look import look
    from belabridge.settings.files import buffers_in, variables_in
    from belabridge.settings.refusal import nearest, shown

    named, filled = variables_in(file), buffers_in(file)
    view = asyncio.run(look([board]))
    names = [variable.name for variable in view.variables]
    lacking = []
    for name, place in dict.fromkeys(named):  # what a reference repeats is one fault
        if name in names:
            continue
        near = nearest(name, names)
        instead = f"did you mean `{near}`?" if near else "`belabridge list` shows what it has"
        problem = f"{view.address} ({shown(view.project)}) has no variable {shown(name)}"
        lacking.append(Fault(file, *place, problem, instead))
    for buffer, said, place in filled:
        type_ = VarType(said) if said in set(VarType) else None  # another one is a fault of the file itself
        try:
            find_array(view, buffer, type_)
        except UsageError as error:
            problem, _, instead = str(error).partition(": ")
            lacking.append(Fault(file, *place, problem, instead))
    return tuple(sorted(lacking))


def _print(
    file: str,
    *,
    loaded: Config | None = None,
    faults: tuple[Fault, ...] = (),
    lacking: tuple[Fault, ...] = (),
    as_json: bool,
) -> None:
    if as_json:
        report = {
            "ok": not faults and not lacking,
            "file": file,
            "faults": [asdict(fault) for fault in faults],
            "missing": [asdict(fault) for fault in lacking],
            "notes": [
                {"line": line, "column": column, "note": said}
                for (line, column), said in (_notes(loaded) if loaded is not None else ())
            ],
        }
        click.echo(one_line(report))
        return
    for fault in sorted((*faults, *lacking)):
        click.echo(printable(str(fault)))
    if loaded is not None:
        for (line, column), said in _notes(loaded):
            click.echo(f"{printable(file)}:{line}:{column}: note: {printable(said)}")
    if loaded is not None and not lacking:
        click.echo(f"{printable(file)}: good: {printable(_summary(loaded))}")


def _notes(config: Config) -> list[tuple[tuple[int, int], str]]:
    from belabridge.settings.overlaps import overlaps

    return overlaps(config)


def _summary(config: Config) -> str:
    if config.out is None and config.in_ is None:
        rules = "every variable goes out and can be set"
    else:
        rules = f"{_count(len(config.out or ()), 'output')}, {_count(len(config.in_ or ()), 'input')}"
    listen = config.osc.listen
    heard = f"listens on {Address(*listen)}" if listen else "listens nowhere"
    sends = ", ".join(str(Address(end.host, end.port)) for end in config.osc.destinations)
    ends = f"{rules}, {heard}, sends to {sends or 'subscribers only'}"
    ins, outs = (", ".join(port.name for port in ports) for ports in (config.midi.ins, config.midi.outs))
    return ends + (f", MIDI from {ins}" if ins else "") + (f", MIDI to {outs}" if outs else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
