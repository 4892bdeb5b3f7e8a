"""Files that are here already."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def is_there(path: Path) -> bool:
    """Whether the name is taken, be it by a link to nowhere."""
    return os.path.lexists(path)


def digest_of(path: Path) -> str | None:
    """The SHA-256 of a file; None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def status_of(path: Path) -> os.stat_result | None:
    """Of a regular file; None when it is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None
