"""Puts a new text in the place of a config file at once, and only one that has no faults."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from belabridge.errors import BelabridgeError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable


def text_of(path: Path) -> str:
    """The text of a file, its ends of lines as they are.

    Raises:
        BelabridgeError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BelabridgeError(f"{path} cannot be read ({_reason(error)})") from error


def rewrite(path: Path, text: str, check: Callable[[Path], object]) -> None:
    """Write a config; whoever reads it meanwhile sees the old text or the new one.

    Args:
        path: a file that is there; a link to it stays a link, and its permissions stay.
        text: what it will say.
        check: reads a config file, and raises ``ConfigError`` when it has faults.

    Raises:
        BelabridgeError: the text has faults, or cannot be written; the file is as it was.
    """
    real = path.resolve()
    new: Path | None = None
    try:
        mode = real.stat().st_mode & 0o7777
        # in the same folder: what the config refers to is there, and a rename stays within a file system
        with NamedTemporaryFile(
            dir=real.parent, prefix=f".{real.stem}-", suffix=".yaml", delete=False
        ) as file:
            new = Path(file.name)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        check(new)
        new.chmod(mode)
        new.replace(real)
    except ConfigError as error:
        faults = "; ".join(f"{fault.problem}: {fault.instead}" for fault in error.faults)
        raise BelabridgeError(f"{path} was left as it was, for it would have faults: {faults}") from error
    except OSError as error:
        raise BelabridgeError(f"{path} cannot be written ({_reason(error)}): it is as it was") from error
    finally:
        if new is not None:
            with suppress(OSError):  # it has become the config
                new.unlink()


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
