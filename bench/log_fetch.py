"""Log files over SFTP: 200 MB from an sshd on this machine, beside OpenSSH's sftp and a plain asyncssh get.

Each way brings the same file to the same disk, in turns; ours verifies it and writes it through to the disk,
the others do neither. Told is the fastest round of each, because the machine's other work only slows.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figure import Figure
from bench.processes import Program

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

LARGE_MB, QUICK_MB = 200, 8
ROUNDS, QUICK_ROUNDS = 5, 1
FILES = 20
LEAST = 0.9
FOLLOWED_MB = 4
STEP = 16_384  # bytes that a board writes at a time
COMPLETE_S = 2.0


def openssh(port, remote, to):
    batch = f"get {remote} {to}\n"
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
    words = [word for option in options for word in ("-o", option)]
    subprocess.run(
        ["sftp", "-q", "-F", "none", "-P", str(port), *words, "-b", "-", "root@127.0.0.1"],
        input=batch.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )


async def plain(port, remote, to):
    import asyncssh

    async with (
        asyncssh.connect(
            "127.0.0.1",
            port,
            username="root",
            known_hosts=None,
            config=None,
            client_keys=None,
            agent_path=None,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        await sftp.get(remote, to)


@contextlib.asynccontextmanager
async def opened(port, folder):
    from belabridge.board.logs.host_keys import HostKeys
    from belabridge.board.logs.login import Login
    from belabridge.board.logs.shell import LogShell
    from log_board import PROJECT

    login = Login("127.0.0.1", port, agent=False)
    async with await LogShell.open(login, PROJECT, keys=HostKeys(folder / "known_boards")) as shell:
        yield shell


async def fetch(port, folder, names, takes):
    """With what it takes to connect, as for the others."""
    async with opened(port, folder) as shell:
        got = await asyncio.gather(*(shell.fetch(name, takes) for name in names))
    if any(one.check.value != "checksum" for one in got):
        raise SystemExit("it was not verified by checksums: the bench measures something else")
    return sum(one.fetched_bytes for one in got)


async def follow(port, folder, logs, takes, size):
    """Seconds from the stop of a growing log until it is here, verified and with its name."""
    from log_board import log_bytes

    data = log_bytes(size // 4104, name="followed")
    path = logs / "followed.bin"
    path.write_bytes(b"")
    stopped = asyncio.Event()
    async with opened(port, folder) as shell:
        task = asyncio.create_task(shell.follow(path.name, takes, stopped=stopped))
        with path.open("ab", buffering=0) as file:
            for at in range(0, len(data) - STEP, STEP):
                file.write(data[at : at + STEP])
                await asyncio.sleep(0.002)
            start = time.perf_counter()
            stopped.set()
            file.write(data[-(len(data) % STEP or STEP) :])
        await task
        return time.perf_counter() - start


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def same(one, other):
    with one.open("rb") as first, other.open("rb") as second:
        return hashlib.file_digest(first, "sha256").digest() == hashlib.file_digest(second, "sha256").digest()


def rounds(port, folder, large, takes, count):
    """Seconds of each way, by its name."""
    remote = f"/root/Bela/projects/{large.parent.name}/{large.name}"
    ways = {
        "sftp": lambda: openssh(port, remote, takes / large.name),
        "asyncssh": lambda: asyncio.run(plain(port, remote, takes / large.name)),
        "ours": lambda: asyncio.run(fetch(port, folder, [large.name], takes)),
    }
    seconds = {name: [] for name in ways}
    for _ in range(count):
        for name, way in ways.items():
            (takes / large.name).unlink(missing_ok=True)
            seconds[name].append(timed(way))
            if not same(takes / large.name, large):
                raise SystemExit(f"{name} brought something else")
    return {name: min(times) for name, times in seconds.items()}


def measure(*, quick=False):
    size = (QUICK_MB if quick else LARGE_MB) * 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Program(
            sys.executable, Path(__file__).parent.parent / "tests" / "log_board.py", folder
        ) as board:
            return figures(int(board.line()), folder, size, quick=quick)


def figures(port, folder, size, *, quick):
    from log_board import PROJECT

    logs, takes = folder / "root" / "Bela" / "projects" / PROJECT, folder / "takes"
    takes.mkdir()
    large = logs / "large.bin"
    large.write_bytes(random.Random(1).randbytes(size))
    least_s = rounds(port, folder, large, takes, QUICK_ROUNDS if quick else ROUNDS)

    whole_s, part = least_s["ours"], takes / "large.bin.part"
    (takes / "large.bin").unlink()
    part.write_bytes(large.read_bytes()[: size * 3 // 4])
    rest_s = timed(lambda: asyncio.run(fetch(port, folder, ["large.bin"], takes)))
    (takes / "large.bin").unlink()

    names = [f"part{number}.bin" for number in range(FILES)]
    for number, one in enumerate(names):
        (logs / one).write_bytes(large.read_bytes()[number * size // FILES :][: size // FILES])
    together_s = timed(lambda: asyncio.run(fetch(port, folder, names, takes)))
    shutil.rmtree(takes)
    followed_s = asyncio.run(follow(port, folder, logs, takes, FOLLOWED_MB * 1_000_000))

    floor = "sftp" if least_s["sftp"] < least_s["asyncssh"] else "asyncssh"
    ratio = least_s[floor] / whole_s

    def rate(seconds):
        return f"{size / seconds / 1e6:.0f} MB/s"

    return [
        Figure(
            f"log fetch, {size // 1_000_000} MB, verified, beside the faster of the next two",
            rate(whole_s),
            rate(least_s[floor]),
            f"{ratio:.2f}",
            f"at least {LEAST:g} x",
            ratio >= LEAST,
        ),
        Figure("  sftp of OpenSSH", rate(least_s["sftp"])),
        Figure("  a plain get of asyncssh", rate(least_s["asyncssh"])),
        Figure(
            f"  ours, {FILES} files at once", rate(together_s), rate(whole_s), f"{whole_s / together_s:.2f}"
        ),
        Figure(
            "  ours, the last quarter after a break",
            f"{rest_s:.2f} s",
            f"{whole_s:.2f} s",
            f"{rest_s / whole_s:.2f}",
        ),
        Figure(
            "  a followed log, from its stop until it is here",
            f"{followed_s:.2f} s",
            target=f"at most {COMPLETE_S:g} s",
            met=followed_s <= COMPLETE_S,
        ),
    ]
