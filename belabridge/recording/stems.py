"""Names of files for variables: safe in every folder, and each variable's its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 80  # characters; systems take 255 bytes, and something is put behind it
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.+-]|^[.-]")
"""What may not stand in the name of a file: a variable's name comes from outside, and must lead nowhere."""


class Stems:
    """Gives stems of file names that differ, also on systems that do not tell ``Mic`` from ``mic``.

    Args:
        endings: what is put behind a stem for further files of the variable, such as ``.frames``.
        taken: stems that are not given.
    """

    def __init__(self, endings: Iterable[str] = (), taken: Iterable[str] = ()) -> None:
        self._endings = ("", *endings)
        self._taken = set(taken)

    def new(self, name: str) -> str:
        """A stem for a variable: its name where that is safe and free."""
        wanted = stem = _UNSAFE.sub("_", name[:_LONGEST]) or "_"
        number = 2
        while not self._taken.isdisjoint(self._files(stem)):
            stem = f"{wanted}+{number}"
            number += 1
        self._taken.update(self._files(stem))
        return stem

    def _files(self, stem: str) -> list[str]:
        return [stem.lower() + ending for ending in self._endings]
