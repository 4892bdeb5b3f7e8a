"""What was lost on the way from a board, as its buffers show it and as a board of protocol 2 tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from belabridge.values import Exact
    from belabridge.wire.data import DataReader
    from belabridge.wire.listing import VariableList

LONGEST_NAMES = 100  # characters of names in one line of the log
_WORDS = {
    "board.lost_watched": "streamed values were lost on the board",
    "board.lost_monitored": "monitored values were lost on the board",
    "board.lost_logged": "logged values were lost on the board: its card was too slow",
}

_LOST = {  # what a reader counts, in words
    "header": "their headers never came",
    "body": "only their headers came",
    "mismatch": "they do not fit to what the board lists",
    "unlisted": "they are of no variable that the board lists",
    "garbage": "they are no buffers at all",
    "frame": "their frames cannot be",
}


def taken_losses(reader: DataReader) -> Iterator[tuple[str, int, str]]:
    """What a reader has counted since the last time; for each kind its counter, how many, and a sentence."""
    for reason, n in reader.lost.items():
        yield f"board.lost_{reason}", n, f"{n} buffer{'s' * (n > 1)} of the board lost: {_LOST[reason]}"
    reader.lost.clear()


class Losses:
    """The counts of one program; of another one, or after a restart, they begin anew."""

    def __init__(self) -> None:
        self._known: dict[str, Exact] | None = None
        self._refused = 0

    def seen(self, board: VariableList) -> Iterator[tuple[str, int, str]]:
        """Take a list; for each kind of loss since the one before: its counter, how many, and a sentence.

        The first list tells what was lost before us, which is nobody's business here.
        """
        now = {variable.name: variable.exact for variable in board.variables if variable.exact is not None}
        before, self._known = self._known, now
        refused, self._refused = board.refused - self._refused, board.refused
        if before is None or not now:
            return
        if refused > 0:
            words = "messages for buffers were refused by the board: their lengths or types are wrong"
            yield "board.refused_buffers", refused, f"{refused} {words}"
        for counter, words in _WORDS.items():
            field = counter.removeprefix("board.")
            lost = {
                name: getattr(exact, field) - getattr(before.get(name, exact), field)
                for name, exact in now.items()
            }
            lost = {name: n for name, n in lost.items() if n > 0}
            if lost:
                names = printable(", ".join(lost), LONGEST_NAMES)
                yield counter, sum(lost.values()), f"{sum(lost.values())} {words} ({names})"
