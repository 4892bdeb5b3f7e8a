"""Where running daemons keep their control sockets: a folder that only their user can enter."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from belabridge.errors import BelabridgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "belabridge"
SYSTEM_FOLDER = Path("/run") / NAME  # where systemd puts the RuntimeDirectory of the system unit


def own_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for this user's sockets, whether it exists or not.

    In this order: ``$RUNTIME_DIRECTORY`` (systemd made it for us), ``$XDG_RUNTIME_DIR/belabridge``,
    ``belabridge-UID`` in the temporary folder.
    """
    if given := environ.get("RUNTIME_DIRECTORY", "").split(":")[0]:  # a list: systemd.exec(5)
        return Path(given)
    if session := environ.get("XDG_RUNTIME_DIR", ""):
        return Path(session) / NAME
    return Path(environ.get("TMPDIR") or tempfile.gettempdir()) / f"{NAME}-{os.getuid()}"


def made_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """``own_folder``, made when it is not there.

    Raises:
        BelabridgeError: it cannot be made, or somebody else could put sockets into it.
    """
    folder = own_folder(environ)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BelabridgeError(
            f"cannot make the folder {folder} for the control socket ({error.strerror}): "
            "set XDG_RUNTIME_DIR to a folder of your own"
        ) from error
    if not is_trusted(folder):
        raise BelabridgeError(
            f"{folder} can be written by other users, so it is not used for the control socket: "
            "remove it, or set XDG_RUNTIME_DIR to a folder of your own"
        )
    return folder


def folders_to_search(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The existing folders in which a daemon that we may ask can be: our own and the system's."""
    folders = dict.fromkeys((own_folder(environ), SYSTEM_FOLDER))
    return [folder for folder in folders if folder == SYSTEM_FOLDER or is_trusted(folder)]


def is_trusted(folder: Path) -> bool:
    """Whether ``folder`` is a real folder of ours that nobody else can write to.

    The temporary folder is everybody's: a folder of our name that another user made there, or a link
    to elsewhere, would let them answer in a daemon's place.
    """
    try:
        status = folder.lstat()
    except OSError:
        return False
    # DynamicUser= makes the runtime directory a link, in a folder where only root makes links.
    if stat.S_ISLNK(status.st_mode) and status.st_uid == 0:
        status = folder.stat()
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.getuid()
        and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )
