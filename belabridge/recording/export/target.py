"""Where an export goes: it has its name only when it is whole, and nothing is overwritten."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from belabridge.errors import AlreadyExists, CannotSave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file to be written; until its end it is called ``.part``, and an error leaves nothing.

    Raises:
        AlreadyExists: there is something of that name.
        CannotSave: it cannot be written.
    """
    with _target(path) as part, part.open("xb") as file:
        yield file


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """The same for a folder; gives where its files are to be written.

    Raises:
        AlreadyExists: there is something of that name.
        CannotSave: it cannot be written.
    """
    with _target(path) as part:
        part.mkdir()
        yield part


@contextmanager
def _target(path: Path) -> Iterator[Path]:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        if os.path.lexists(path) or os.path.lexists(part):
            raise AlreadyExists(str(path if os.path.lexists(path) else part))
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            _name(part, path)
        finally:
            _forget(part)
    except OSError as error:
        raise CannotSave(str(path), error.strerror or str(error)) from None


def _name(part: Path, path: Path) -> None:
    """Give the whole thing its name, unless somebody else took it meanwhile."""
    if part.is_dir():
        try:
            part.rename(path)
        except OSError:
            if path.exists():  # with something in it: an empty one is replaced
                raise AlreadyExists(str(path)) from None
            raise
        return
    try:
        path.hardlink_to(part)  # a rename would overwrite
    except FileExistsError:
        raise AlreadyExists(str(path)) from None
    except OSError:  # a file system without links, such as that of a memory stick
        if os.path.lexists(path):
            raise AlreadyExists(str(path)) from None
        part.rename(path)


def _forget(part: Path) -> None:
    if part.is_dir():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)
