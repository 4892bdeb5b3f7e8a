"""A connection to the files of one board, used once: list, fetch, follow and remove logs over SFTP."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import asyncssh

from belabridge.board.logs import listing, transfers
from belabridge.board.logs.failures import BREAKS, refused, told
from belabridge.board.logs.filling import Check
from belabridge.board.logs.host_keys import HostKeys, fingerprint
from belabridge.board.logs.names import project_part, remote_path
from belabridge.board.logs.reading import Budget
from belabridge.board.logs.sums import Sums
from belabridge.errors import HostKeyChanged, NotVerified, SshRefused, UsageError
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import PurePosixPath

    from belabridge.board.logs.login import Login
    from belabridge.board.logs.transfers import Fetched

OPEN_TIMEOUT_S: Final = 15.0  # a board that is busy needs a second or two for the keys
ALIVE_EVERY_S: Final = 4.0
ALIVE_TRIES: Final = 3
"""A board that was unplugged is given up after 12 s: nothing else says so in the middle of a transfer."""

WINDOW_BYTES: Final = 8 << 20  # more than is asked for at once by one transfer: the board never waits for it
KINDS: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
OWN_KEYS: Final = ("id_ed25519", "id_ecdsa", "id_rsa")
_RSA: Final = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")


class LogShell:
    """The log files of one project on one board. Use with ``async with``; all calls may run at once.

    Args:
        connection: open.
        sftp: the same.
        login: how it was reached.
        project: whose folder it is, as the board's greeting named it.

    Attributes:
        sums: checksums made by the board.
    """

    def __init__(
        self, connection: asyncssh.SSHClientConnection, sftp: asyncssh.SFTPClient, login: Login, project: str
    ) -> None:
        self._connection, self._sftp = connection, sftp
        self.login, self.project = login, project
        self.sums = Sums(connection)
        self._budget = Budget.of(sftp.limits.max_read_len)

    @classmethod
    async def open(
        cls, login: Login, project: str, *, keys: HostKeys | None = None, timeout_s: float = OPEN_TIMEOUT_S
    ) -> Self:
        """Connect; a board that was never met is trusted, and known from then on.

        Args:
            login: where and as whom.
            project: the name of the program, as the board tells it (``Session.project``).
            keys: of the boards; None = belabridge's own file.
            timeout_s: for all of it.

        Raises:
            HostKeyChanged: it is not the board that was there before.
            SshRefused: nobody there, or nobody that lets us in.
            UnsafeName: the project's name leads to another folder.
            UsageError: the private key cannot be read.
            LogError: the file of known boards cannot be read or written.
        """
        project_part(project)
        keys = keys if keys is not None else HostKeys()
        known = keys.of(login.host, login.port)
        proof = _proof(login)
        client = _Client(known)
        try:
            async with asyncio.timeout(timeout_s):
                connection = await asyncssh.connect(
                    login.host,
                    login.port,
                    client_factory=lambda: client,
                    known_hosts=([], [], []),
                    server_host_key_algs=_kinds(known),
                    encryption_algs=list(login.ciphers),
                    config=None,
                    username=login.user,
                    keepalive_interval=ALIVE_EVERY_S,
                    keepalive_count_max=ALIVE_TRIES,
                    window=WINDOW_BYTES,
                    compression_algs=None,
                    **proof,
                )
                sftp = await connection.start_sftp_client(path_errors="surrogateescape")
        except asyncssh.HostKeyNotVerifiable as error:
            if known is not None and client.shown is not None:
                raise HostKeyChanged(login.place, fingerprint(known), fingerprint(client.shown)) from error
            raise refused(login, error) from error
        except (*BREAKS, OSError) as error:
            raise refused(login, error) from error
        if known is None and client.shown is not None:
            keys.trust(login.host, login.port, client.shown)
        return cls(connection, sftp, login, project)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection; more than once does no harm."""
        await self.sums.close()
        self._sftp.exit()
        self._connection.abort()
        await self._connection.wait_closed()

    @property
    def folder(self) -> PurePosixPath:
        """The project's folder on the board."""
        return self.login.projects / self.project

    @property
    def cipher(self) -> str:
        """What the board's bytes are encrypted with."""
        return str(self._connection.get_extra_info("recv_cipher"))

    async def list(self) -> list[listing.RemoteLog]:
        """The log files in the project's folder, by name.

        Raises:
            NoSuchLog: there is no such folder.
            LogError: it cannot be read.
            TransferBroken: the connection ended.
        """
        with told(self.folder):
            return await listing.list_logs(self._sftp, self.folder, self._budget)

    async def fetch(
        self,
        remote: str | PurePosixPath,
        folder: Path,
        *,
        name: str | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Fetched:
        """Bring a file here as it is now, verified. Nothing is overwritten: ``mic-2.bin`` if need be.

        What an earlier transfer left in ``mic.bin.part`` is gone on with. When the same file is here already,
        nothing is fetched.

        Args:
            remote: its name, as the board gave it; or a path of the user's own.
            folder: to bring it to; it is made.
            name: of the file here; None = as on the board.
            progress: ``progress(done, total)`` in bytes, called in the loop.

        Raises:
            NoSuchLog, UnsafeName, TransferBroken, TransferBusy, NoRoom, LogChanges, LogError: as they say.
        """
        path = self._path(remote)
        order = transfers.Order(self.sums, self._sftp, self._budget, path, progress)
        return await transfers.fetch(order, transfers.here(folder, name, path))

    async def follow(
        self,
        remote: str | PurePosixPath,
        folder: Path,
        *,
        stopped: asyncio.Event,
        name: str | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Fetched:
        """Bring a file here while it grows; ends soon after ``stopped`` is set, when all of it is here.

        Until then it is the ``.part`` beside the target. A broken connection leaves that as it is: follow it
        again, or fetch it. The file need not be there yet.

        Args:
            remote: as for ``fetch``, like the rest.
            folder: as there.
            stopped: the board has ended the log.
            name: as there.
            progress: as there; the total is what the file has by now.

        Raises:
            NoSuchLog: it was not there when the log was stopped.
            UnsafeName, TransferBroken, TransferBusy, NoRoom, LogChanges, LogError: as they say.
        """
        path = self._path(remote)
        order = transfers.Order(self.sums, self._sftp, self._budget, path, progress)
        return await transfers.follow(order, transfers.here(folder, name, path), stopped)

    async def remove(self, remote: str | PurePosixPath) -> None:
        """Remove a file from the board, whether it is here or not.

        Raises:
            NoSuchLog, UnsafeName, TransferBroken, LogError: as they say.
        """
        path = self._path(remote)
        with told(path):
            await self._sftp.remove(str(path))

    async def remove_fetched(self, fetched: Fetched) -> None:
        """Remove a file from the board that is here, confirmed by a checksum, and did not change since.

        Raises:
            NotVerified: it is not so.
            NoSuchLog, TransferBroken, LogError: as they say.
        """
        path = fetched.remote
        if fetched.check is not Check.CHECKSUM:
            raise NotVerified(printable(str(path)), "its shell has no sha256sum to confirm what came")
        with told(path):
            now = await self._sftp.lstat(str(path))
            if (now.size, now.mtime) != (fetched.bytes, fetched.modified_s):
                raise NotVerified(printable(str(path)), "it has changed since it was fetched")
            await self._sftp.remove(str(path))

    def _path(self, remote: str | PurePosixPath) -> PurePosixPath:
        return remote_path(self.login.projects, self.project, remote)


async def trust(login: Login, keys: HostKeys | None = None, *, timeout_s: float = OPEN_TIMEOUT_S) -> str:
    """Know a board by the key that it has now, whichever it had before; its fingerprint.

    Raises:
        SshRefused: nobody there.
        LogError: the file of known boards cannot be written.
    """
    keys = keys if keys is not None else HostKeys()
    try:
        async with asyncio.timeout(timeout_s):
            key = await asyncssh.get_server_host_key(
                login.host, login.port, server_host_key_algs=list(KINDS), config=None
            )
    except (*BREAKS, OSError) as error:
        raise refused(login, error) from error
    if key is None:
        raise SshRefused(login.place, "it showed no key", "is this the port of its ssh?")
    keys.trust(login.host, login.port, _text(key))
    return fingerprint(_text(key))


class _Client(asyncssh.SSHClient):
    """Compares the board's key with the one that is known.

    Attributes:
        shown: the key that the board has shown.
    """

    def __init__(self, known: str | None) -> None:
        self._known = known
        self.shown: str | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Known, or never met."""
        del host, addr, port
        self.shown = _text(key)
        return self._known in {None, self.shown}


def _text(key: asyncssh.SSHKey) -> str:
    """``kind base64``, without a comment."""
    return " ".join(key.export_public_key("openssh").decode().split()[:2])


def _kinds(known: str | None) -> list[str]:
    """Kinds of keys in the order in which to ask for them: the known one first, or another would be shown."""
    kind = known.split()[0] if known is not None else ""
    first = _RSA if kind == "ssh-rsa" else tuple(name for name in KINDS if name == kind)
    return list(dict.fromkeys((*first, *KINDS)))


def _proof(login: Login) -> Mapping[str, object]:
    """What shows who we are. A board that wants nothing is not shown anything."""
    proof: dict[str, object] = {"password": login.password or ""}  # some boards want an empty one
    if not login.agent:
        proof["agent_path"] = None
    if login.key is None:
        proof["client_keys"] = _own_keys()
    else:
        try:
            proof["client_keys"] = [asyncssh.read_private_key(login.key)]
        except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"cannot use the key {login.key} ({reason}): name a private key without a passphrase, "
                "or leave it to an ssh agent"
            ) from error
    return proof


def _own_keys() -> list[asyncssh.SSHKey]:
    """The keys in the user's own folder that can be read; those with a passphrase are the agent's."""
    keys = []
    for name in OWN_KEYS:
        with suppress(OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            keys.append(asyncssh.read_private_key(Path.home() / ".ssh" / name))
    # without any, the library would stop at one that it cannot read, or leave the agent out: so a new one
    return keys or [asyncssh.generate_private_key("ssh-ed25519")]
