"""What is known of an unfinished file, kept beside it: a later transfer need not ask for all of it again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final, Self

from belabridge.errors import NoRoom

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".json"
_LONGEST: Final = 1000  # characters: four numbers


@dataclass(frozen=True, slots=True)
class Known:
    """Where a transfer was put down.

    Attributes:
        modified_s: of the file on the board then.
        of_bytes: its size then.
        came_bytes: so many from the beginning came of that file, and are on the disk for sure.
        confirmed_bytes: so many of them by a checksum of the board's.
    """

    modified_s: int
    of_bytes: int
    came_bytes: int
    confirmed_bytes: int

    def write(self, part: Path) -> None:
        """Keep it, in place of what was known before.

        Raises:
            NoRoom: the disk is full.
        """
        path = _beside(part)
        new = path.with_name(f".{path.name}")
        try:
            new.write_text(json.dumps(asdict(self)) + "\n", encoding="ascii")
            new.replace(path)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise NoRoom(str(part), str(error.strerror)) from error

    @classmethod
    def read(cls, part: Path) -> Self | None:
        """What was kept; None when there is nothing, or nothing that makes sense."""
        try:
            descriptor = os.open(_beside(part), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
            try:
                found = json.loads(file.read(_LONGEST))
            except (OSError, ValueError, RecursionError):
                return None
        names = [field.name for field in fields(cls)]
        if not isinstance(found, dict) or any(type(found.get(name)) is not int for name in names):
            return None
        known = cls(**{name: found[name] for name in names})
        return known if 0 <= known.confirmed_bytes <= known.came_bytes <= known.of_bytes else None

    @staticmethod
    def forget(part: Path) -> None:
        """Keep nothing."""
        _beside(part).unlink(missing_ok=True)


def _beside(part: Path) -> Path:
    return part.with_name(part.name + SUFFIX)
