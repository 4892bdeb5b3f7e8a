"""A real sshd, set up as on a board: root, an empty password, the shell's own sha256sum."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from belabridge.board.logs.filling import Check
from belabridge.board.logs.login import Login
from belabridge.board.logs.shell import LogShell, trust
from belabridge.errors import HostKeyChanged, SshRefused
from log_board import PROJECT, Sshd, log_bytes


async def opened(board, keys):
    return await LogShell.open(board.login, PROJECT, keys=keys)


def fingerprint_of(key):
    told = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True)
    return told.stdout.split()[1]


def made_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


async def test_root_without_a_password_lists_fetches_and_removes(sshd, keys, tmp_path):
    (sshd.logs / "mic.bin").write_bytes(log_bytes(500))
    (sshd.logs / 'it\'s "odd" $(x).bin').write_bytes(log_bytes(2, name="odd"))
    (sshd.logs / "render.cpp").write_text("int main;", encoding="ascii")
    async with await opened(sshd, keys) as shell:
        odd, mic = await shell.list()
        got = await shell.fetch("mic.bin", tmp_path / "takes")
        other = await shell.fetch(odd.name, tmp_path / "takes", name="odd.bin")
        await shell.remove_fetched(got)
    assert (mic.name, mic.variable, mic.bytes, mic.problem) == ("mic.bin", "mic", got.bytes, "")
    assert (mic.first_frame, mic.last_frame) == (44_100, 44_100 + 499 * 1024)
    assert got.path.read_bytes() == log_bytes(500)
    assert other.path.read_bytes() == log_bytes(2, name="odd")
    assert got.check is other.check is Check.CHECKSUM
    assert not (sshd.logs / "mic.bin").exists()


async def test_a_server_of_files_only_is_verified_by_size_and_spots(tmp_path, keys):
    with Sshd(tmp_path / "board", settings="ForceCommand internal-sftp\n") as board:
        (board.logs / "mic.bin").write_bytes(log_bytes(500))
        async with await opened(board, keys) as shell:
            got = await shell.fetch("mic.bin", tmp_path / "takes")
    assert got.check is Check.SIZE
    assert got.path.read_bytes() == log_bytes(500)


async def test_a_board_flashed_anew_is_refused_until_it_is_trusted(tmp_path, keys):
    with Sshd(tmp_path / "board") as board:
        async with await opened(board, keys):
            pass
        async with await opened(board, keys):  # known again
            pass
        port, before = board.port, keys.of("127.0.0.1", board.port)
    with Sshd(tmp_path / "board", key="another") as board:
        keys.trust("127.0.0.1", board.port, before)  # as if it had the same port
        with pytest.raises(HostKeyChanged, match=r"belabridge log trust 127\.0\.0\.1:") as changed:
            await opened(board, keys)
        shown = fingerprint_of(board.key)
        assert changed.value.shown == shown
        assert await trust(board.login, keys) == shown
        async with await opened(board, keys):
            pass
    assert keys.of("127.0.0.1", port) == before or port == board.port


async def test_a_key_opens_a_board_that_wants_one(tmp_path, keys, monkeypatch):
    key = made_key(tmp_path / "id")
    settings = f"AuthorizedKeysFile {key}.pub\n"
    with Sshd(tmp_path / "board", settings=settings) as board:
        config = board.folder / "shadow"
        config.write_text("root:*:19000:0:99999:7:::\nsshd:!:19000::::::\n", encoding="ascii")
        with pytest.raises(SshRefused, match="password or a key"):
            await opened(board, keys)
        login = Login("127.0.0.1", board.port, key=key, agent=False)
        async with await LogShell.open(login, PROJECT, keys=keys) as shell:
            assert await shell.list() == []
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / ".ssh").mkdir()
        key.rename(tmp_path / ".ssh" / "id_ed25519")
        async with await opened(board, keys) as shell:  # the user's own key
            assert await shell.list() == []


async def test_twenty_files_at_once_are_all_confirmed(sshd, keys, tmp_path):
    """A server allows ten sessions on a connection, unless it was told otherwise."""
    names = [f"v{number}.bin" for number in range(20)]
    for number, name in enumerate(names):
        (sshd.logs / name).write_bytes(log_bytes(100 + number, seed=number))
    async with await opened(sshd, keys) as shell:
        got = await asyncio.gather(*(shell.fetch(name, tmp_path / "takes") for name in names))
    for number, one in enumerate(got):
        assert one.path.read_bytes() == log_bytes(100 + number, seed=number)
        assert one.check is Check.CHECKSUM
