"""The live picture that ``plot_data`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.client.spans import frames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.client.known.watcher import Watcher
    from belabridge.client.plotting import BlockingPlot


def plot(
    watcher: Watcher, names: Sequence[str], y_range: tuple[float, float] | None, rollover: int
) -> BlockingPlot:
    """Show variables of a board.

    Raises:
        MissingPackage: the library that draws is not installed.
    """
    return watcher.bela.plot(*names, y_range=y_range, window=frames(rollover))
