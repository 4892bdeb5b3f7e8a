"""The file of known boards."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from belabridge.board.logs.host_keys import HostKeys, fingerprint, usual_file
from belabridge.errors import LogError

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA"


def test_a_board_is_known_by_its_place(keys):
    assert keys.of("bela.local", 22) is None
    keys.trust("bela.local", 22, KEY)
    keys.trust("bela.local", 2222, OTHER)
    assert HostKeys(keys.path).of("Bela.Local", 22) == KEY
    assert keys.of("bela.local", 2222) == OTHER
    assert keys.of("192.168.7.2", 22) is None
    keys.trust("bela.local", 22, OTHER)
    assert keys.of("bela.local", 22) == OTHER


def test_only_its_user_reads_it_and_nothing_else_is_left(keys):
    keys.trust("fe80::1", 22, KEY)
    keys.trust("fe80::1", 22, OTHER)
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in keys.path.parent.iterdir()] == ["known_boards"]


def test_boards_met_at_once_are_all_known(keys):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: HostKeys(keys.path).trust(f"b{number}", 22, KEY), range(40)))
    assert all(keys.of(f"b{number}", 22) == KEY for number in range(40))


def test_a_damaged_file_is_read_as_far_as_it_goes(keys):
    keys.path.parent.mkdir(parents=True)
    keys.path.write_bytes(
        b"# mine\n\n[a]:22\n[b]:22 ssh-ed25519\n\xff\xfe x y\n[c]:22 " + KEY.encode() + b" note\n"
    )
    assert keys.of("a", 22) is None
    assert keys.of("b", 22) is None
    assert keys.of("c", 22) == KEY


def test_a_file_that_cannot_be_read_or_written_says_what_to_do(tmp_path):
    (tmp_path / "known_boards").mkdir()
    with pytest.raises(LogError, match="remove it to trust"):
        HostKeys(tmp_path / "known_boards").of("a", 22)
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(LogError, match="XDG_STATE_HOME"):
        HostKeys(tmp_path / "file" / "known_boards").trust("a", 22, KEY)


def test_it_is_in_the_users_state_folder(tmp_path):
    assert usual_file({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "belabridge" / "known_boards"
    home = Path.home() / ".local" / "state" / "belabridge" / "known_boards"
    assert usual_file({}) == usual_file({"XDG_STATE_HOME": "relative"}) == home


def test_a_fingerprint_of_nonsense_is_no_fault():
    assert fingerprint(KEY).startswith("SHA256:")
    assert len(fingerprint(KEY)) == len("SHA256:") + 43
    assert fingerprint("ssh-ed25519") == fingerprint("a b") == "a key that cannot be read"
