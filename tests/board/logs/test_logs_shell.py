"""Connecting: what is refused and why, known boards, lists of logs, and what is imported when."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import asyncssh
import pytest

from belabridge.board.logs.login import CIPHERS, Login
from belabridge.board.logs.shell import LogShell, trust
from belabridge.errors import HostKeyChanged, LogError, NoSuchLog, SshRefused, TransferBroken, UsageError
from belabridge.values import VarType
from log_board import DEADLINE_S, PROJECT, Standin, free_port, log_bytes

WORD = "drum"  # a board's password


async def opened(board, keys):
    return await LogShell.open(board.login, PROJECT, keys=keys)


async def test_a_board_is_known_after_the_first_time_and_another_key_is_refused(tmp_path, keys):
    async with Standin(tmp_path / "one") as board:
        async with await opened(board, keys):
            pass
        port, first = board.port, keys.of("127.0.0.1", board.port)
        async with await opened(board, keys):
            pass
    other = Standin(tmp_path / "two")
    other.port = port
    async with other as board:
        with pytest.raises(HostKeyChanged, match="belabridge log trust") as changed:
            await opened(board, keys)
        assert keys.of("127.0.0.1", port) == first
        assert changed.value.known != changed.value.shown == await trust(board.login, keys)
        async with await opened(board, keys) as shell:
            assert await shell.list() == []


async def test_a_board_with_a_second_key_is_still_known_by_the_first(tmp_path, keys):
    """An update gave it a kind of key that would be preferred."""
    rsa = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    async with Standin(tmp_path / "board", key=rsa) as board:
        async with await opened(board, keys):
            pass
        port = board.port
    both = Standin(tmp_path / "board", key=[rsa, asyncssh.generate_private_key("ssh-ed25519")])
    both.port = port
    async with both as board, await opened(board, keys):
        pass


async def test_one_that_lets_nobody_in_is_not_known(tmp_path, keys):
    async with Standin(tmp_path / "board", password=WORD) as board:
        with pytest.raises(SshRefused, match="lets in nobody without a key or password as root"):
            await opened(board, keys)
        assert keys.of("127.0.0.1", board.port) is None
        wrong = Login("127.0.0.1", board.port, password=WORD + "s", agent=False)
        with pytest.raises(SshRefused, match="does not accept the key or password for root"):
            await LogShell.open(wrong, PROJECT, keys=keys)
        right = Login("127.0.0.1", board.port, password=WORD, agent=False)
        async with await LogShell.open(right, PROJECT, keys=keys):
            pass
        assert WORD not in repr(right)


async def test_an_empty_password_is_tried_where_one_is_wanted(tmp_path, keys):
    async with Standin(tmp_path / "board", password="") as board, await opened(board, keys):
        pass


async def test_nobody_there_says_what_to_look_at(keys):
    with pytest.raises(SshRefused, match="nothing listens there: is this the board's address"):
        await LogShell.open(Login("127.0.0.1", free_port()), PROJECT, keys=keys)
    with pytest.raises(SshRefused, match="nothing listens there"):
        await trust(Login("127.0.0.1", free_port()), keys)


async def test_what_is_no_ssh_says_so(keys):
    async def greet(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.write_eof()
        await reader.read()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        login = Login("127.0.0.1", server.sockets[0].getsockname()[1])
        with pytest.raises(SshRefused, match="not as a board's ssh does"):
            await LogShell.open(login, PROJECT, keys=keys)


async def test_one_that_says_nothing_is_given_up(keys):
    ends = []

    async def mute(_reader, writer):
        ends.append(writer)

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        login = Login("127.0.0.1", server.sockets[0].getsockname()[1])
        with pytest.raises(SshRefused, match="no answer: is the board plugged in"):
            await LogShell.open(login, PROJECT, keys=keys, timeout_s=0.3)
        for end in ends:
            end.transport.abort()


async def test_a_key_that_cannot_be_read_is_said_before_anything_is_sent(tmp_path, keys):
    (tmp_path / "id").write_text("no key", encoding="ascii")
    for name in ("id", "missing"):
        with pytest.raises(UsageError, match="name a private key without a passphrase"):
            await LogShell.open(Login("127.0.0.1", 1, key=tmp_path / name), PROJECT, keys=keys)


async def test_keys_of_the_users_own_that_cannot_be_read_are_no_fault_of_the_boards(
    standin, keys, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no agent"))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_rsa").write_text("garbage", encoding="ascii")
    (tmp_path / ".ssh" / "id_ecdsa").mkdir()
    locked = asyncssh.generate_private_key("ssh-ed25519").export_private_key("pkcs8-pem", passphrase=WORD)
    (tmp_path / ".ssh" / "id_ed25519").write_bytes(locked)
    async with await LogShell.open(Login("127.0.0.1", standin.port), PROJECT, keys=keys) as shell:
        assert await shell.list() == []


async def test_logs_are_listed_by_name_with_what_is_in_them(standin, keys):
    (standin.logs / "mic.bin").write_bytes(log_bytes(10))
    (standin.logs / "mic+0.bin").write_bytes(log_bytes(2)[:-1])
    (standin.logs / "new.bin").write_bytes(b"")
    (standin.logs / "lib.bin").write_bytes(b"\x7fELF" + bytes(100))
    (standin.logs / "folder.bin").mkdir()
    (standin.logs / "link.bin").symlink_to("mic.bin")
    (standin.logs / "mic.wav").write_bytes(b"RIFF")
    async with await opened(standin, keys) as shell:
        logs = {log.name: log for log in await shell.list()}
    assert list(logs) == ["lib.bin", "mic+0.bin", "mic.bin", "new.bin"]
    mic = logs["mic.bin"]
    assert (mic.variable, mic.type, mic.protocol, mic.problem) == ("mic", VarType.FLOAT, 1, "")
    assert (mic.first_frame, mic.last_frame) == (44_100, 44_100 + 9 * 1024)
    assert logs["mic+0.bin"].last_frame == 44_100 + 1024
    assert "neither with 'watcher'" in logs["lib.bin"].problem
    assert "empty" in logs["new.bin"].problem
    assert logs["new.bin"].variable is None


async def test_a_folder_that_is_not_there_and_one_that_may_not_be_read(standin, keys):
    async with await LogShell.open(standin.login, "other", keys=keys) as shell:
        with pytest.raises(NoSuchLog, match="/root/Bela/projects/other"):
            await shell.list()


async def test_what_is_asked_of_a_connection_that_ended_is_broken(tmp_path, keys):
    async with Standin(tmp_path / "board") as board:
        shell = await opened(board, keys)
    async with shell:
        for call in (shell.list(), shell.fetch("mic.bin", tmp_path), shell.remove("mic.bin")):
            with pytest.raises(TransferBroken, match="nothing came"):
                await call
    await shell.close()
    with pytest.raises(LogError):
        await shell.list()


async def test_the_fastest_cipher_is_taken_and_another_one_where_it_is_missing(tmp_path, keys):
    async with Standin(tmp_path / "board") as board:
        for ciphers in (CIPHERS, CIPHERS[1:], CIPHERS[2:]):
            login = Login("127.0.0.1", board.port, agent=False, ciphers=ciphers)
            async with await LogShell.open(login, PROJECT, keys=keys) as shell:
                assert shell.cipher == ciphers[0]


HELP = """
import contextlib, sys, belabridge.cli
sys.argv[1:] = ["--help"]
with contextlib.suppress(SystemExit): belabridge.cli.main()
"""


@pytest.mark.parametrize(
    "program",
    [
        "import belabridge.cli",
        "import belabridge",
        "import belabridge.bridge, belabridge.service.daemon, belabridge.board.link",
        "import belabridge.board.logs.login, belabridge.board.logs.host_keys, belabridge.board.logs.names",
        HELP,
    ],
)
def test_ssh_is_not_imported_before_logs_are_wanted(program):
    check = "import sys; sys.exit('asyncssh' in sys.modules or 'cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", f"{program}\n{check}"], timeout=DEADLINE_S, check=False)
    assert done.returncode == 0
