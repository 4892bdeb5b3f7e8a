"""The keys by which boards are known again: belabridge's own file, trusted on first use."""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from belabridge.errors import LogError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE: Final = "known_boards"
_WORDS: Final = 3  # of a line: place, kind, key


def usual_file(environ: Mapping[str, str] = os.environ) -> Path:
    """``known_boards`` in ``$XDG_STATE_HOME/belabridge``, or in ``~/.local/state/belabridge``."""
    state = environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return folder / "belabridge" / FILE


def fingerprint(key: str) -> str:
    """A key as ``ssh-keygen -l`` shows it: ``SHA256:`` and 43 letters.

    Args:
        key: ``kind base64``, as in an OpenSSH public key file.
    """
    try:
        raw = base64.b64decode(key.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return "a key that cannot be read"
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


class HostKeys:
    """The keys of the boards that were met, one a place; a file with the lines of OpenSSH's ``known_hosts``.

    Args:
        path: of the file; it and its folder are made when the first board is trusted.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path if path is not None else usual_file()

    def of(self, host: str, port: int) -> str | None:
        """The key of a board, ``kind base64``; None when it was never met.

        Raises:
            LogError: the file cannot be read.
        """
        return self._read().get(_place(host, port))

    def trust(self, host: str, port: int, key: str) -> None:
        """Know a board by this key from now on, whichever it had before.

        Raises:
            LogError: the file cannot be written.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self.path.parent):
                known = self._read() | {_place(host, port): key}
                self._write("".join(f"{place} {key}\n" for place, key in sorted(known.items())))
        except OSError as error:
            raise LogError(
                f"cannot remember the board's key in {self.path} ({error.strerror}): "
                "make that folder writable, or set XDG_STATE_HOME to one that is"
            ) from error

    def _read(self) -> dict[str, str]:
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise LogError(
                f"cannot read the keys of the boards in {self.path} ({error.strerror}): "
                "make it readable, or remove it to trust the boards anew"
            ) from error
        lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
        return {words[0]: f"{words[1]} {words[2]}" for words in lines if len(words) >= _WORDS}

    def _write(self, text: str) -> None:
        descriptor, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=self.path.parent)  # with mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _place(host: str, port: int) -> str:
    return f"[{host.lower()}]:{port}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile: two boards may be met at once."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
