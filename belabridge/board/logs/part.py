"""The unfinished file beside its target: appended to, resumed, and given its name when it is whole."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final, Self

from belabridge.board.logs.known import Known
from belabridge.board.logs.names import PART
from belabridge.errors import LogError, NoRoom, TransferBusy

if TYPE_CHECKING:
    from pathlib import Path

_READ_BYTES: Final = 1 << 20
_NO_LINKS: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What file systems without hard links answer, such as those of USB sticks."""


class Part:
    """``mic.bin.part``, held by one transfer at a time. Its methods block: call them in a thread.

    Attributes:
        target: what it becomes.
        path: of itself.
        size: in bytes.
        expected: bytes that it will have, as far as that is known.
        known: where an earlier transfer put it down, or None.
    """

    def __init__(self, target: Path, descriptor: int) -> None:
        self.target = target
        self.path = _beside(target)
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self.expected = 0
        self.known = Known.read(self.path)
        self._hash = hashlib.sha256()

    @classmethod
    def open(cls, target: Path) -> Self:
        """Take what is there of a target, or begin it; the folder is made.

        Raises:
            TransferBusy: somebody has it.
            LogError: the folder cannot be written.
        """
        path = _beside(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            while True:
                # no link is followed: another user may have laid one into a shared folder
                flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
                descriptor = os.open(path, flags, 0o666)
                if cls._is_ours(descriptor, path):
                    return cls(target, descriptor)
                os.close(descriptor)
        except OSError as error:
            raise LogError(
                f"cannot write {path} ({error.strerror}): choose another folder, or make it writable"
            ) from error

    @staticmethod
    def _is_ours(descriptor: int, path: Path) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise TransferBusy(str(path)) from None
        try:
            now = path.lstat()
        except FileNotFoundError:
            return False  # it was finished between the two calls
        mine = os.fstat(descriptor)
        if not stat.S_ISREG(mine.st_mode):
            os.close(descriptor)
            raise LogError(f"{path} is in the way: it is no file; remove it")
        return (now.st_dev, now.st_ino) == (mine.st_dev, mine.st_ino)

    def append(self, data: bytes) -> None:
        """Write behind the end.

        Raises:
            NoRoom: the disk is full; what fitted is kept.
        """
        view = memoryview(data)
        while view:
            try:
                count = os.write(self._descriptor, view)
            except OSError as error:
                raise NoRoom(str(self.path), str(error.strerror)) from error
            self._hash.update(view[:count])
            self.size += count
            view = view[count:]

    def digest(self) -> str:
        """SHA-256 of what was appended since the last call."""
        digest, self._hash = self._hash.hexdigest(), hashlib.sha256()
        return digest

    def digest_of(self, at: int, end: int) -> str:
        """SHA-256 of the bytes from ``at`` to ``end``."""
        digest = hashlib.sha256()
        while data := os.pread(self._descriptor, min(_READ_BYTES, end - at), at):
            digest.update(data)
            at += len(data)
        return digest.hexdigest()

    def read(self, at: int, size: int) -> bytes:
        """A piece of what is there."""
        return os.pread(self._descriptor, size, at)

    def begin_anew(self) -> None:
        """Forget what is there."""
        Known.forget(self.path)  # first: nothing may be known of what is not there
        os.ftruncate(self._descriptor, 0)
        self.size, self._hash = 0, hashlib.sha256()

    def rest(self, known: Known) -> None:
        """Put it down for later, on the disk for sure.

        Raises:
            NoRoom: the disk did not keep what it took.
        """
        self._sync()
        known.write(self.path)

    def finish(self, modified_s: int, target: Path) -> bool:
        """Give it its name; False when somebody else has taken that meanwhile.

        Raises:
            NoRoom: the disk did not keep what it took.
        """
        self._sync()
        try:
            os.utime(self._descriptor, (modified_s, modified_s))
            self._name(target)
            _sync_folder(target.parent)
        except FileExistsError:
            return False
        except OSError as error:
            raise NoRoom(str(self.path), str(error.strerror)) from error
        Known.forget(self.path)
        return True

    def close(self) -> None:
        """Let it go; an empty one is removed."""
        if self._descriptor >= 0:
            if not self.size and self.path.exists():
                Known.forget(self.path)
                self.path.unlink()
            os.close(self._descriptor)
            self._descriptor = -1

    def _name(self, target: Path) -> None:
        try:
            os.link(self.path, target, follow_symlinks=False)  # never replaces anything
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(target):
                raise FileExistsError from error
            self.path.rename(target)
        else:
            self.path.unlink()

    def _sync(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise NoRoom(str(self.path), str(error.strerror)) from error


def _beside(target: Path) -> Path:
    return target.with_name(target.name + PART)


def _sync_folder(folder: Path) -> None:
    """The new name is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
