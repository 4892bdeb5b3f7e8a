"""``belabridge midi``: which MIDI ports there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from belabridge.cli.lazy import Entry, LazyGroup
from belabridge.cli.options import json_option
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    known = {name: profiles.of_port(name) for name in (*ports.ins, *ports.outs)}
    if as_json:
        rows = {
            way: [{"name": name, "profile": known[name]} for name in names]
            for way, names in (("in", ports.ins), ("out", ports.outs))
        }
        click.echo(one_line(rows))
        return
    _print("in, for a config's `midi: {in: …}`:", ports.ins, known)
    _print("out, for a config's `midi: {out: …}`:", ports.outs, known)


def _print(title: str, names: Sequence[str], known: dict[str, str | None]) -> None:
    click.echo(title)
    width = max(map(len, names), default=0)
    for name in names:
        profile = known[name]
        click.echo(f"  {printable(name):<{width}}  profile {profile}" if profile else f"  {printable(name)}")
    if not names:
        click.echo(
            "  none: plug a device in, or let belabridge make a port: {name: belabridge, virtual: true}"
        )
