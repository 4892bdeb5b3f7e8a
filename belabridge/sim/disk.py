"""A simulated board's disk: its log files as files of this computer, while they grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Disk:
    """Writes what a board logs.

    Args:
        folder: of the project; it is made.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._written: dict[str, int] = {}

    def taken(self) -> dict[str, bytearray]:
        """The names that no new log gets, as an earlier run of the program has left its files."""
        self._written = {path.name: 0 for path in self._folder.glob("*.bin")}
        return {name: bytearray() for name in self._written}

    def write(self, files: Mapping[str, bytearray]) -> None:
        """Write what the files have grown by."""
        for name, content in files.items():
            done = self._written.get(name, 0)
            if len(content) > done:
                with (self._folder / name).open("ab") as file:
                    file.write(content[done:])
                self._written[name] = len(content)
