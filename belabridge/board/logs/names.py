"""Names that a board gives to files and projects: which are safe here, and where they are on the board."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from belabridge.errors import UnsafeName
from belabridge.numbered import numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONGEST_NAME: Final = 240
"""Bytes: file systems take 255, and ``-99.part`` is appended."""

PART: Final = ".part"
_FOREIGN: Final = frozenset('\\<>:"|?*')  # no names on the file systems of Windows, which USB sticks have
_DEVICES: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10))]
)


def safe_name(name: str) -> str:
    """A name from the board, if it is safe as the name of a file in any folder of this computer.

    Raises:
        UnsafeName: it could escape the folder, hide, be obeyed by a terminal, or mean a device.
    """
    for is_at_fault, reason in _FAULTS:
        if is_at_fault(name):
            raise UnsafeName(name, reason)
    return name


def _is_foreign(name: str) -> bool:
    device = name.split(".", maxsplit=1)[0].rstrip().lower()
    return not _FOREIGN.isdisjoint(name) or name.endswith((" ", ".")) or device in _DEVICES


_FAULTS: Final[tuple[tuple[Callable[[str], bool], str], ...]] = (
    (lambda name: not name.strip(), "is empty"),
    (lambda name: "/" in name, "leads to another folder"),
    (lambda name: name.startswith("."), "begins with a dot"),
    (lambda name: name.startswith(("-", "~")), "programs would take for something else than a file"),
    # control characters, NUL, directions of writing, bytes that are no characters
    (lambda name: not name.isprintable(), "has characters that cannot be shown"),
    (_is_foreign, "some computers do not allow"),
    (lambda name: name.lower().endswith(PART), f"ends with {PART}, as unfinished files do"),
    (lambda name: len(name.encode()) > LONGEST_NAME, f"is longer than {LONGEST_NAME} bytes"),
)


def remote_path(projects: PurePosixPath, project: str, remote: str | PurePosixPath) -> PurePosixPath:
    """Where a file is on the board.

    Args:
        projects: the folder with all projects.
        project: as the board named it.
        remote: a name that the board gave, which is in the project's folder; or a path of the user's own.

    Raises:
        UnsafeName: the board's name leads to elsewhere.
    """
    if isinstance(remote, PurePosixPath):
        return projects / project_part(project) / remote
    return projects / project_part(project) / within_folder(remote)


def project_part(project: str) -> str:
    """The name of a project, if it is the name of one folder.

    Raises:
        UnsafeName: it leads to elsewhere.
    """
    return within_folder(project)


def within_folder(name: str) -> str:
    """A name on the board, if it is one of a folder's own.

    Raises:
        UnsafeName: it leads to elsewhere.
    """
    if name in {"", ".", ".."} or "/" in name or "\0" in name:
        raise UnsafeName(name, "leads to another folder")
    return name


def free_names(folder: Path, name: str) -> Iterator[Path]:
    """``mic.bin``, ``mic-2.bin``, ``mic-3.bin`` and so on, in ``folder``.

    Not ``mic+0.bin``: that is how boards name the next log of the same variable.
    """
    return (folder / each for each in numbered(name, "-", 2))
