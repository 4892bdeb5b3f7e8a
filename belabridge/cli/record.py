"""``belabridge record``: every sample of some variables into a take."""

from __future__ import annotations

import asyncio
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from belabridge.cli.lengths import LENGTH
from belabridge.cli.options import board_option, json_option
from belabridge.cli.progress import progress
from belabridge.printable import printable
from belabridge.strict_json import one_line

if TYPE_CHECKING:
    from belabridge.client.spans import Span
    from belabridge.client.stream import Stream
    from belabridge.values import Address

_PATIENCE_S: Final = 3.0
"""So long a person who ends it waits for what is on its way; a board that is gone sends nothing more."""


@click.command()
@click.argument("variables", metavar="[VAR]...", nargs=-1)
@click.option(
    "--for", "length", type=LENGTH, metavar="LENGTH", help="How long: 10s, 2min, 4410f. Else: until Ctrl-C."
)
@click.option(
    "--to",
    "take",
    type=click.Path(),
    default="take{n}",
    show_default=True,
    help="The folder to be made; {n} is the next free number.",
)
@board_option
@json_option
def record(
    variables: tuple[str, ...], length: Span | None, take: str, board: Address | None, *, as_json: bool
) -> None:
    """Record every sample of variables, of all of them when none is named, into a folder: a take.

    What is recorded stays, also when the disk gets full or the program is killed. A board that goes and comes
    back leaves a gap.

    \b
    Example:
      belabridge record mic pot1 --for 10s
      belabridge record --to takes/monday-{n}
      belabridge export take1 --to wav
    """
    path, chosen = asyncio.run(_record(board, variables, length, take))
    rows = _rows(path, chosen)
    if as_json:
        click.echo(one_line({"path": str(path), "tracks": rows}))
        return
    click.echo(printable(str(path)))
    for name, row in rows.items():
        missing = f", {row['missingFrames']} frames are missing" if row["missingFrames"] else ""
        click.echo(f"  {printable(name)}: {row['values']} values, {row['seconds']:.3g} s{missing}")


async def _record(
    board: Address | None, names: tuple[str, ...], length: Span | None, take: str
) -> tuple[Path, tuple[str, ...]]:
    """Record until it is over, or a person ends it; gives where, and which variables.

    Raises:
        BelabridgeError: as ``connect`` and ``Bela.stream``.
    """
    from belabridge.client.connect import connect
    from belabridge.client.spans import span_frames

    _allow_files()
    async with connect(board) as bela:
        rate, chosen = bela.sample_rate_hz, names or tuple(bela.variables)
        total = 0 if length is None else span_frames("--for", length, rate)
        async with bela.stream(*chosen, for_=length, save=take) as stream:
            path = Path(stream.saved_to or take)
            _end_by_signals(stream)
            with progress(str(path), total, "frames") as told:
                async for block in stream:
                    told(max(0, block.end_frame - stream.start_frame))
        return path, chosen


def _allow_files() -> None:
    """Let this process have as many files as it may: macOS gives 256 unless asked, a variable takes two."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(OSError, ValueError):  # a system with a limit besides; it is told when it is reached
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _end_by_signals(stream: Stream) -> None:
    """Ctrl-C ends it with all that was until then; a second one does not wait for that."""
    loop = asyncio.get_running_loop()
    asked = False

    def end() -> None:
        nonlocal asked
        if asked:
            stream.close()
        else:
            asked = True
            stream.stop()
            loop.call_later(_PATIENCE_S, stream.close)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


def _rows(path: Path, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """What was recorded of each variable, also of those that were never assigned."""
    from belabridge.recording.load import load

    recording = load(path)
    rows = {name: {"values": 0, "seconds": 0.0, "missingFrames": 0} for name in names}
    for name, track in recording.items():
        ends = [*track[:1].frames.tolist(), *track[-1:].frames.tolist()]
        rows[name] = {
            "values": len(track),
            "seconds": max(0, ends[-1] - ends[0] + 1) / track.sample_rate_hz if ends else 0.0,
            "missingFrames": sum(gap.frames for gap in track.gaps),
        }
    return rows
