"""The live picture that ``plot_data`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.client.spans import frames, seconds, span_frames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from belabridge.client.blocking import BlockingBela
    from belabridge.client.plotting import BlockingPlot


def plot(
    bela: BlockingBela,
    names: Sequence[str],
    every: Mapping[str, int],
    y_range: tuple[float, float] | None,
    rollover: int,
) -> BlockingPlot:
    """Show variables of a board.

    Args:
        bela: the board.
        names: of the variables.
        every: the periods in frames of those that are monitored; of the others, every sample is shown.
        y_range: of all of them.
        rollover: how many values the picture holds.

    Raises:
        MissingPackage: the library that draws is not installed.
    """
    from belabridge.client.plotting import LONGEST_S

    most = span_frames("window", seconds(LONGEST_S), bela.sample_rate_hz)
    window = frames(min(most, rollover * max(every.values(), default=1)))
    streamed = [name for name in names if name not in every]
    return bela.plot(*streamed, monitor=every, y_range=y_range, window=window)
