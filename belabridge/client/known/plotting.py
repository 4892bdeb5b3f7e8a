"""The live picture that ``plot_data`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from belabridge.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.client.known.watcher import Watcher


def plot(watcher: Watcher, names: Sequence[str], y_range: tuple[float, float] | None, rollover: int) -> Any:
    """Show variables of a board.

    Raises:
        UsageError: there is no picture in this version.
    """
    del names, y_range, rollover
    if not hasattr(watcher.bela, "plot"):
        raise UsageError("this version has no pictures")
    return None
