"""``belabridge midi monitor``: MIDI messages in words."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import click

from belabridge.cli.options import json_option, midi_port
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from mido import Message

    from belabridge.rules import MidiPort

WAITING = 4096  # messages that a slow terminal may be behind; a controller sends a thousand a second at most


@click.command("monitor")
@click.argument(
    "ports", metavar="[PORT]...", nargs=-1, callback=lambda _c, _p, names: tuple(map(midi_port, names))
)
@click.option("--count", type=click.IntRange(1), help="End after so many messages.")
@click.option("--clock", "with_clock", is_flag=True, help="Show clock and active sensing too.")
@json_option
def monitor(ports: tuple[MidiPort, ...], count: int | None, *, with_clock: bool, as_json: bool) -> None:
    """Show what comes in at MIDI ports, in words; at all of them when none is named. Ctrl-C ends it.

    PORT is a part of a port's name, or a /regular expression/ for all ports that it fits. A running daemon
    goes on hearing the same ports. What it sends is shown when its own port is named in full, as
    `belabridge midi` lists it; what goes to a port that it has made (virtual: true) is not shown.

    \b
    Example:
      belabridge midi monitor
      belabridge midi monitor nanoKONTROL2 --json
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_monitor(ports, count, with_clock=with_clock, as_json=as_json))


async def _monitor(
    ports: tuple[MidiPort, ...], count: int | None, *, with_clock: bool, as_json: bool
) -> None:
    from belabridge.cli.ears import Ears
    from belabridge.midi.codec.words import in_words

    queue: asyncio.Queue[tuple[str, Message, float]] = asyncio.Queue(WAITING)
    lost = 0

    def heard(port: str, message: Message, at: float) -> None:
        nonlocal lost
        if with_clock or message.type not in {"clock", "active_sensing"}:
            try:
                queue.put_nowait((port, message, at))
            except asyncio.QueueFull:
                lost += 1

    known: list[str] = []

    def changed(ears: Ears) -> None:
        for name in ears.open:
            if name not in known:
                click.echo(f"hearing {printable(name)}", err=True)
        known[:] = ears.open

    began = asyncio.get_running_loop().time()
    async with Ears(heard, ports, changed) as ears:
        await ears.require_open()
        shown = 0
        while count is None or shown < count:
            port, message, at = await queue.get()
            shown += 1
            if as_json:
                row = {"s": round(at - began, 4), "port": port, "says": in_words(message)}
                click.echo(one_line(row | {"bytes": message.bytes()}))
            else:
                click.echo(f"{at - began:9.3f}  {printable(port)}  {in_words(message)}")
            if lost:
                click.echo(f"{lost} messages came faster than they could be shown", err=True)
                lost = 0
