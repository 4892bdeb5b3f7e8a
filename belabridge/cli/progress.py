"""How far something long is: a bar in a terminal, and now and then a plain line elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUIET_S: Final = 2.0  # before the first plain line, and between two: what is soon over needs none


@contextmanager
def progress(what: str, total: int, unit: str = "bytes") -> Iterator[Callable[..., None]]:
    """Tell on stderr how far something is.

    Args:
        what: it is, as the user knows it.
        total: how much there is in all; 0 = nobody knows.
        unit: of it; bytes are told as kB, MB and GB.

    Yields:
        A function that is called with how much is done, and with the total if that is another now; it costs
        next to nothing and may be called often.
    """
    if sys.stderr.isatty():
        with _bar(printable(what), total, unit) as told:
            yield told
    else:
        yield Lines(printable(what), total, unit).told


class Lines:
    """Plain lines: none in the first two seconds, and then one every two seconds at most.

    Args:
        what: it is.
        total: how much there is in all, or 0.
        unit: of it.
        clock: tells the time in seconds.
    """

    def __init__(
        self, what: str, total: int, unit: str = "bytes", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what, self._total, self._unit, self._clock = what, total, unit, clock
        self._next_s = clock() + QUIET_S

    def told(self, done: int, total: int | None = None) -> None:
        """So much is done, of ``total`` in all if that is another now."""
        self._total = self._total if total is None else total
        now_s = self._clock()
        if now_s < self._next_s:
            return
        self._next_s = now_s + QUIET_S
        percent = f" ({100 * done // self._total} %)" if self._total else ""
        click.echo(f"{self._what}: {amount_text(done, self._unit)}{percent}", err=True)


def amount_text(count: int, unit: str = "bytes") -> str:
    """``12.3 MB`` of bytes, else ``1200 values``."""
    if unit != "bytes":
        return f"{count} {unit}"
    size = float(count)
    for suffix in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.3g} {suffix}"
        size /= 1000
    return f"{size:.3g} GB"


@contextmanager
def _bar(what: str, total: int, unit: str) -> Iterator[Callable[..., None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    amount: list[Any] = (
        [DownloadColumn(), TransferSpeedColumn()] if unit == "bytes" else [MofNCompleteColumn()]
    )
    columns = [TextColumn("{task.description}", markup=False), BarColumn(), *amount, TimeRemainingColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total or None)
        yield lambda done, total=None: bar.update(task, completed=done, total=total)
