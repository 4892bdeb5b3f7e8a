"""``belabridge monitor``: watch values live."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

import click

from belabridge.cli.options import board_option, json_option
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Group

    from belabridge.board.look import BoardView
    from belabridge.board.speech import Want
    from belabridge.values import Address, Block
    from belabridge.wire.listing import VariableList


@click.command("monitor")
@click.argument("variables", metavar="[VAR]...", nargs=-1)
@click.option(
    "--rate",
    "rate_hz",
    type=click.FloatRange(0.1, 200),
    default=10.0,
    show_default=True,
    help="Lines, or pictures, a second.",
)
@click.option("--count", type=click.IntRange(1), help="End after so many lines.")
@board_option
@json_option
def monitor(
    variables: tuple[str, ...], rate_hz: float, count: int | None, board: Address | None, *, as_json: bool
) -> None:
    """Watch the values of variables, of all of them when none is named. Ctrl-C ends it.

    In a terminal it is a table that stays in place; in a pipe it is a line each time.

    \b
    Example:
      belabridge monitor pot1 pot2
      belabridge monitor pot1 --rate 50 --json > pot1.jsonl
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_monitor([board] if board else [], variables, rate_hz, count, as_json=as_json))


async def _monitor(
    addresses: Sequence[Address], names: Sequence[str], rate_hz: float, count: int | None, *, as_json: bool
) -> None:
    from belabridge.board.link import Link
    from belabridge.board.look import look
    from belabridge.board.names import require
    from belabridge.tally import Tally

    view = await look(addresses)
    have = [variable.name for variable in view.variables]
    require(names, have)
    seen = Seen(list(names) or have, rate_hz)
    link = Link([view.address], seen, Tally())
    link.start()
    try:
        await _show(view, seen, rate_hz, count, as_json=as_json)
    finally:
        await link.stop()


class Seen:
    """The latest values of the variables that one wants to see; told by a link."""

    def __init__(self, names: list[str], rate_hz: float) -> None:
        self.values: dict[str, float | None] = dict.fromkeys(names)
        self.frame = 0
        self.changed = asyncio.Event()
        self.project = ""
        self.state = ""
        self.is_lost = False
        self._rate_hz = rate_hz
        self._names: dict[int, str] = {}
        self._controlled: set[str] = set()

    def connected(self, board: VariableList, project: str) -> Mapping[str, Want]:
        """Take what the program reads now; wish for a value at the rate."""
        from belabridge.board.speech import Want

        self.project = self.state = project
        self.is_lost = False
        self._names = {variable.id: variable.name for variable in board.variables}
        self.read(board)
        period_frames = max(2, round(board.sample_rate / self._rate_hz))
        return {name: Want(monitor_period_frames=period_frames) for name in self.values}

    def read(self, board: VariableList) -> None:
        """Take what the program reads."""
        self._controlled = {variable.name for variable in board.variables if variable.controlled}
        self.frame = board.frame
        for variable in board.variables:
            if variable.name in self.values:
                self.values[variable.name] = variable.value
        self.changed.set()

    def block(self, block: Block, now: float) -> None:  # noqa: ARG002  the receiver's signature
        """Take a monitored value, if that is what the program reads: somebody may control the variable."""
        name = self._names.get(block.id)
        if not block.monitored or name is None or name not in self.values:
            return
        if block.reads or name not in self._controlled:
            self.values[name] = float(block.values[0])
            self.frame = block.frame
            self.changed.set()

    def gap(self, id_: int, frames: int) -> None:
        """Nothing: only streams have gaps."""

    def lost(self, reason: str) -> None:
        """Say that the values are old."""
        self.state = f"lost: {reason}"
        self.is_lost = True
        self.changed.set()

    def row(self) -> dict[str, object]:
        """What one line of JSON says, in the board's own words."""
        watchers = [{"name": name, "value": value} for name, value in self.values.items()]
        return {"project": self.project, "timestamp": self.frame, "watchers": watchers}


async def _show(view: BoardView, seen: Seen, rate_hz: float, count: int | None, *, as_json: bool) -> None:
    live = sys.stdout.isatty() and not as_json
    shown = 0
    with _picture(live=live) as draw:
        while count is None or shown < count:
            await seen.changed.wait()
            seen.changed.clear()
            if None in seen.values.values() or (seen.is_lost and not live):
                continue  # a line says what was measured; the link's warning says that nothing is
            shown += 1
            if live:
                draw(_drawn(view, seen))
            elif as_json:
                click.echo(one_line(seen.row()))
            else:
                click.echo("  ".join(f"{printable(name)} {value:.6g}" for name, value in seen.values.items()))
            await asyncio.sleep(1 / rate_hz)


@contextlib.contextmanager
def _picture(*, live: bool):  # type: ignore[no-untyped-def]  # noqa: ANN202  a callable or nothing
    if not live:
        yield None
        return
    from rich.live import Live

    with Live(auto_refresh=False) as picture:
        yield lambda table: picture.update(table, refresh=True)


def _drawn(view: BoardView, seen: Seen) -> Group:
    from rich.console import Group
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    # not the table's title, which would be as narrow as the table
    title = Text(f"{printable(seen.state)} on {view.address}", style="italic")
    table = Table(box=None)
    table.add_column("variable", style="bold")
    table.add_column("value", justify="right", min_width=14)
    for name, value in seen.values.items():
        table.add_row(escape(printable(name)), "" if value is None else f"{value:.6g}")
    return Group(title, table)
