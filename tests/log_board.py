"""Boards with log files: a real sshd set up like one, a lighter stand-in, and a network that breaks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import asyncssh

from belabridge.board.logs.login import Login
from belabridge.sim.logfile import header
from belabridge.sim.machine import X86_64
from belabridge.values import VarType

DEADLINE_S = 30.0  # for what takes a second
PROJECT = "synth"
BLOCK = 4104
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
CAN_BE_A_BOARD = os.geteuid() == 0 and Path(SSHD).exists()


def log_bytes(blocks, name="mic", seed=0):
    """A log file of an original 64-bit board."""
    first = header(name, VarType.FLOAT, X86_64)
    return first + b"".join(block(number, seed) for number in range(blocks))


def block(number, seed=0):
    frame = 44_100 + number * 1024
    pattern = (number * 2_654_435_761 + seed).to_bytes(8, "little")
    return frame.to_bytes(8, "little") + pattern * 512


class Sshd:
    """OpenSSH as a board runs it: root without a password, whose home has Bela's projects.

    It sees a shadow file and a home of its own, in a mount namespace; the machine's stay as they are.
    """

    def __init__(self, folder, *, settings="", key="hostkey"):
        self.folder = folder
        self.home = folder / "root"
        self.logs = self.home / "Bela" / "projects" / PROJECT
        self.logs.mkdir(parents=True, exist_ok=True)
        self.key = folder / key
        if not self.key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)
        (folder / "shadow").write_text("root::19000:0:99999:7:::\nsshd:!:19000::::::\n", encoding="ascii")
        self._settings = settings
        for _ in range(5):  # the port that was free may be taken by now
            self.port = free_port()
            if self._start():
                return
        raise AssertionError(f"sshd does not start: {(folder / 'sshd.log').read_text()}")

    def _start(self):
        config = self.folder / "sshd_config"
        config.write_text(
            textwrap.dedent(f"""\
                Port {self.port}
                ListenAddress 127.0.0.1
                HostKey {self.key}
                PidFile none
                PermitRootLogin yes
                PermitEmptyPasswords yes
                UsePAM no
                StrictModes no
                MaxStartups 500
                Subsystem sftp internal-sftp
                """)
            + self._settings,
            encoding="ascii",
        )
        script = " && ".join(
            [
                f"mount --bind {shlex.quote(str(self.folder / 'shadow'))} /etc/shadow",
                f"mount --bind {shlex.quote(str(self.home))} /root",
                "mount -t tmpfs none /run",
                "mkdir /run/sshd",
                f"exec {SSHD} -D -e -f {shlex.quote(str(config))}",
            ]
        )
        with (self.folder / "sshd.log").open("wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + DEADLINE_S
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return True
            time.sleep(0.02)
        self.close()
        return False

    @property
    def login(self):
        return Login("127.0.0.1", self.port, agent=False)

    def close(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Standin:
    """An ssh server in this process, which accepts everybody.

    Args:
        folder: becomes its root; the logs of the project are in ``logs``.
        shell: ``True`` runs commands, as a board does; ``False`` refuses to.
        key: of the host.
    """

    def __init__(self, folder, *, shell=True, key=None, password=None, sftp=asyncssh.SFTPServer):
        self.logs = folder / "root" / "Bela" / "projects" / PROJECT
        self.logs.mkdir(parents=True, exist_ok=True)
        self._folder, self._shell, self._password, self._sftp = folder, shell, password, sftp
        self._key = key or asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0
        self.environ = {}
        self._connections = []

    async def __aenter__(self):
        board = self

        class Server(asyncssh.SSHServer):
            def connection_made(self, connection):
                board._connections.append(connection)

            def begin_auth(self, _username):
                return board._password is not None

            def password_auth_supported(self):
                return True

            def validate_password(self, _username, password):
                return password == board._password

        self._server = await asyncssh.create_server(
            Server,
            "127.0.0.1",
            self.port,
            server_host_keys=self._key if isinstance(self._key, list) else [self._key],
            sftp_factory=lambda channel: self._sftp(channel, chroot=os.fsencode(self._folder)),
            process_factory=self._run if self._shell else None,
            encoding=None,
        )
        self.port = self._server.get_port()
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()
        for connection in self._connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in self._connections))

    @property
    def login(self):
        return Login("127.0.0.1", self.port, agent=False)

    async def _run(self, process):
        with self._sh(process.command) as shell:
            await process.redirect(stdin=shell.stdin, stdout=shell.stdout)
            over = asyncio.create_task(asyncio.to_thread(shell.wait))
            left = asyncio.create_task(process.wait_closed())
            try:
                await asyncio.wait((over, left), return_when=asyncio.FIRST_COMPLETED)
            finally:
                shell.kill()
                process.exit(await over)
                await left

    def _sh(self, command):
        """A shell for which ``/root`` is ours, and which notes what it is asked."""
        command = command.replace('"${file%|}"', '"$root${file%|}"')
        return subprocess.Popen(
            ["/bin/sh", "-c", command.replace("; do\n", '; do echo "$start" >>"$root/asked"\n')],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"root": str(self._folder)} | self.environ,
        )

    @property
    def asked(self):
        """From which bytes on checksums were asked for."""
        with contextlib.suppress(FileNotFoundError):
            return [int(line) for line in (self._folder / "asked").read_text(encoding="ascii").splitlines()]
        return []


class Cutter:
    """A network between a client and a board, which breaks after so many bytes from the board.

    Attributes:
        port: of this side.
        after: bytes until it breaks, for each connection in turn; without more: never.
        cuts: how often it broke.
    """

    def __init__(self, port, after=(), *, silently=False):
        """``silently``: nobody is told; nothing comes any more, as from a cable that was pulled."""
        self._to, self.after, self._silently = port, list(after), silently
        self.cuts = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks = set()
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def login(self):
        return Login("127.0.0.1", self.port, agent=False)

    async def _meet(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        after = self.after.pop(0) if self.after else None
        board_reader, board_writer = await asyncio.open_connection("127.0.0.1", self._to)
        up = asyncio.create_task(_pump(reader, board_writer, None))
        try:
            if await _pump(board_reader, writer, after):
                self.cuts += 1
                if self._silently:
                    up.cancel()
                    await asyncio.Event().wait()
        except asyncio.CancelledError:  # the end of ``async with``: the streams' own callback would report it
            pass
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            for end in (writer, board_writer):
                end.transport.abort()


async def _pump(reader, writer, after):
    """True when it was cut."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            cut = after is not None and len(data) >= after
            writer.write(data[:after] if cut else data)
            if cut:
                return True
            await writer.drain()
            if after is not None:
                after -= len(data)
    return False


if __name__ == "__main__":  # an sshd like a board's, for the bench: FOLDER; it says its port
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Sshd(Path(sys.argv[1])) as board:
        print(board.port, flush=True)
        signal.pause()
