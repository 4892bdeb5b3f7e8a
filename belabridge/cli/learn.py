"""``belabridge learn``: move a control, and it moves a variable from then on."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from belabridge.cli.options import board_option, midi_port
from belabridge.controls import Kind
from belabridge.errors import BelabridgeError, BoardError, UsageError
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.cli.catch import Caught
    from belabridge.midi.codec.detect import Found
    from belabridge.rules import InRule, MidiPort, OutRule
    from belabridge.settings.config import Config
    from belabridge.settings.learned import Learned
    from belabridge.settings.profiles import Profiles
    from belabridge.values import Address

RELOAD_S = 10.0  # as `belabridge reload` has it
LOOK_S = 2.0  # for a board to list its variables; learning goes on without one
LINE_WIDTH = 1000  # of what is shown of a rule


@click.command()
@click.argument("config", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("variable", required=False)
@click.option(
    "--port",
    metavar="NAME",
    callback=lambda _c, _p, name: None if name is None else midi_port(name),
    help="Hear only the port with this in its name, or those that fit a /regular expression/.",
)
@click.option("--another", is_flag=True, help="Add a rule also when a control moves the variable already.")
@click.option("--jump", is_flag=True, help="No soft takeover: the variable jumps to where the control is.")
@board_option
def learn(
    config: Path,
    variable: str | None,
    port: MidiPort | None,
    board: Address | None,
    *,
    another: bool,
    jump: bool,
) -> None:
    """Choose a variable, move a control: CONFIG gets the rule, and the running daemon takes it.

    Without VARIABLE the board's variables are shown: choose with the arrow keys or the first letters. Then
    move the control to and fro, press the button, or play the note. When a control moves the variable
    already, the new one takes its place in the rule. All else in CONFIG stays as it is written.

    \b
    Example:
      belabridge learn belabridge.yaml
      belabridge learn belabridge.yaml gain
    """
    loaded = _load(config)
    daemon = _daemon_of(config)
    if variable is None and not sys.stdin.isatty():
        raise click.UsageError(f"which variable? For example: belabridge learn {config} gain")
    options = _options(loaded, _places(loaded, daemon, board), variable)
    if variable is None:
        variable = _chosen(options)
    from belabridge.cli.catch import catch

    caught = asyncio.run(catch(variable, port))
    click.echo(f"{printable(caught.port)}: {caught.found.says}")
    taken = _write(config, variable, caught, another=another, jump=jump)
    click.echo(
        f"{config}:{taken.line}: {printable(taken.text.splitlines()[taken.line - 1].strip(), LINE_WIDTH)}"
    )
    if taken.stands_alone:
        click.echo(
            "this is its first rule. Until now every variable was sent and could be set: "
            "`belabridge init` writes those rules",
            err=True,
        )
    if daemon is None:
        click.echo(f"no daemon runs it: belabridge run {config}")
        return
    from belabridge.service.ask import answer_of, ask

    answer_of(ask("reload", daemon.socket, RELOAD_S))
    click.echo("the running daemon has it: move the control")


@dataclass(frozen=True, slots=True)
class _Daemon:
    """A daemon that runs the config, and the address of its board."""

    socket: Path
    board: str | None


def _load(path: Path) -> Config:
    from belabridge.cli.run import loader

    return loader(path, None)()


def _daemon_of(config: Path) -> _Daemon | None:
    """The newest daemon that runs this file, or None."""
    from belabridge.service.ask import answer_of, ask, running

    for socket in running():
        try:
            status = answer_of(ask("status", socket))
        except BelabridgeError:
            continue  # it ended, or is too busy: it would not reload either
        theirs, board = status.get("config"), status.get("board")
        if isinstance(theirs, str) and _same(Path(theirs), config):
            address = board.get("address") if isinstance(board, dict) else None
            return _Daemon(socket, address if isinstance(address, str) else None)
    return None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _places(config: Config, daemon: _Daemon | None, board: Address | None) -> Sequence[Address]:
    """Where the board is: as the user says, else where the daemon has it, else as the config says."""
    from belabridge.settings.addresses import board_address

    if board is not None:
        return [board]
    if daemon is not None and daemon.board is not None:
        return [board_address(daemon.board)]
    return config.board


def _options(config: Config, places: Sequence[Address], variable: str | None) -> Mapping[str, str]:
    """The variables to choose from, and what they are now; without a board, those of the config's rules.

    Raises:
        UnknownVariable: the board does not have the one that was named.
    """
    from belabridge.board.look import look
    from belabridge.board.names import require

    try:
        view = asyncio.run(look(places, timeout_s=LOOK_S))
    except BoardError:
        click.echo("no board answers: the names of its variables are not checked", err=True)
        rules: list[OutRule | InRule] = [*(config.out or ()), *(config.in_ or ())]
        return dict.fromkeys(sorted({name for rule in rules for name in rule.variables}), "")
    options = {each.name: f"now {each.value:g}" for each in view.variables}
    require([variable] if variable is not None else [], options)
    return options


def _chosen(options: Mapping[str, str]) -> str:
    if not options:
        raise UsageError("there is nothing to choose from: connect a board, or name the variable")
    from belabridge.cli.choose import choose

    return choose("Which variable?", options)


def _write(path: Path, variable: str, caught: Caught, *, another: bool, jump: bool) -> Learned:
    """Write the rule into the file.

    Raises:
        BelabridgeError: the file would have faults, or cannot be written; it is as it was.
    """
    from belabridge.cli.rewrite import rewrite, text_of
    from belabridge.settings.learned import learned
    from belabridge.settings.profiles import Profiles, shipped

    config = _load(path)  # once more: it may have been edited while we waited
    found = caught.found
    profiles = Profiles(path.parent / "controllers", shipped())
    profile = next(filter(None, map(profiles.of_port, caught.names)), None)
    name = caught.heard_by(config.midi.ins)
    is_new = name is None
    if name is None:
        name = caught.name(profiles[profile].ports if profile is not None else ())
    several = len(config.midi.ins) + is_new > 1
    taken = learned(
        text_of(path),
        variable,
        _words(caught, profiles, profile, name if several else None),
        is_relative=found.relative is not None,
        takeover=None if jump or not _is_level(found) else "pickup",
        port=name if is_new else None,
        another=another,
    )
    rewrite(path, taken.text, _load)
    return taken


def _is_level(found: Found) -> bool:
    """Whether it stays where it is when it is let go: only then the variable can be elsewhere."""
    return found.moves and found.control.kind in {Kind.CC, Kind.CC14, Kind.RPN, Kind.NRPN}


def _words(caught: Caught, profiles: Profiles, profile: str | None, port: str | None) -> dict[str, Any] | str:
    """What stands after ``midi:``: the name that a profile has for the control, or what it sends."""
    from belabridge.settings.learned import as_written

    found = caught.found
    if profile is not None:
        known = profiles[profile].name_of(as_written(found.control, found.relative))
        if known is not None:
            return f"{profile}.{known}"
    return as_written(found.control, found.relative, port)
