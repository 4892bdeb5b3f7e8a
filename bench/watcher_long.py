"""The C++ library for ten minutes: what ``render`` takes with 64 floats watched, and what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.watcher import rendered

if TYPE_CHECKING:
    from bench.figure import Figure


def measure(*, quick: bool) -> list[Figure]:
    """The figures of ``render``, the program's share of a core, and what was lost."""
    return rendered(10 if quick else 600)
