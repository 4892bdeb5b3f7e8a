"""``belabridge midi``: which MIDI ports there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from belabridge.cli.lazy import Entry, LazyGroup
from belabridge.cli.options import json_option
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.midi.names import SystemPort

COMMANDS = {"monitor": Entry("belabridge.cli.midi_monitor:monitor", "Show MIDI messages in words.")}


@click.group("midi", cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@json_option
@click.pass_context
def midi(ctx: click.Context, *, as_json: bool) -> None:
    """List the MIDI ports of this computer.

    A part of a name is enough in a config: midi: {in: nanoKONTROL2}. Behind the port of a controller that has
    a profile stands the profile's name, whose controls a config may use: midi: nanoKONTROL2.slider1.

    \b
    Example:
      belabridge midi
      belabridge midi monitor nanoKONTROL2
    """
    if ctx.invoked_subcommand is not None:
        return
    from belabridge.midi.host import list_ports
    from belabridge.settings.profiles import Profiles, shipped

    ports = asyncio.run(list_ports())
    profiles = Profiles(shipped())

    def row(port: SystemPort, *, own: bool) -> dict[str, Any]:
        profile = None if own else next(filter(None, map(profiles.of_port, port.names)), None)
        return {"name": port.name, "also": list(port.also), "profile": profile, "own": own}

    rows = {
        way: [row(port, own=False) for port in others] + [row(port, own=True) for port in own]
        for way, others, own in (("in", ports.ins, ports.own_ins), ("out", ports.outs, ports.own_outs))
    }
    if as_json:
        click.echo(one_line(rows))
        return
    _print("in, for a config's `midi: {in: …}`:", rows["in"])
    _print("out, for a config's `midi: {out: …}`:", rows["out"])


def _print(title: str, rows: Sequence[dict[str, Any]]) -> None:
    click.echo(title)
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        said = [f"also {', '.join(map(printable, row['also']))}"] if row["also"] else []
        said += [f"profile {row['profile']}"] if row["profile"] else []
        said += ["another belabridge's own: only its whole name means it"] if row["own"] else []
        click.echo(f"  {printable(row['name']):<{width}}  {'  '.join(said)}".rstrip())
    if all(row["own"] for row in rows):
        click.echo(
            "  none: plug a device in, or let belabridge make a port: {name: belabridge, virtual: true}"
        )
