"""One line of the bench's table: what was measured, beside its floor and its target."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number.

    Attributes:
        name: what it is.
        ours: belabridge's, with its unit.
        floor: what it is compared with, in the same unit; empty when it stands alone.
        ratio: of the two, or empty.
        target: what was promised, or empty when it is only told.
        met: whether it is so; None without a target.
    """

    name: str
    ours: str
    floor: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None


HEAD = Figure("figure", "ours", "floor", "ratio", "target")
WORDS = {None: "", True: "met", False: "NOT MET"}


def table(figures: list[Figure]) -> str:
    """Figures as columns of text."""
    rows = [
        (f.name, f.ours, f.floor, f.ratio, f.target, "" if f is HEAD else WORDS[f.met])
        for f in [HEAD, *figures]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if column in {0, 4} else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
