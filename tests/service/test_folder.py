"""Where sockets go, and whom we do not trust with them."""

from __future__ import annotations

import os

import pytest

from belabridge.errors import BelabridgeError
from belabridge.service.folder import SYSTEM_FOLDER, folders_to_search, is_trusted, made_folder, own_folder


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"RUNTIME_DIRECTORY": "/run/x", "XDG_RUNTIME_DIR": "/run/user/5"}, "/run/x"),
        ({"RUNTIME_DIRECTORY": "/run/x:/run/y"}, "/run/x"),
        ({"XDG_RUNTIME_DIR": "/run/user/5"}, "/run/user/5/belabridge"),
        ({"TMPDIR": "/var/tmp"}, f"/var/tmp/belabridge-{os.getuid()}"),  # noqa: S108 - only a name
    ],
)
def test_the_first_that_is_given(environ, folder):
    assert str(own_folder(environ)) == folder


def test_it_is_made_for_its_user_only(short):
    folder = made_folder({"XDG_RUNTIME_DIR": str(short)})
    assert folder == short / "belabridge"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made_folder({"XDG_RUNTIME_DIR": str(short)}) == folder  # again
    assert folders_to_search({"XDG_RUNTIME_DIR": str(short)}) == [folder, SYSTEM_FOLDER]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_to_is_refused(short, mode):
    folder = short / "belabridge"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(BelabridgeError, match="can be written by other users"):
        made_folder({"XDG_RUNTIME_DIR": str(short)})
    assert folders_to_search({"XDG_RUNTIME_DIR": str(short)}) == [SYSTEM_FOLDER]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(short):
    folder = short / "belabridge"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    assert not is_trusted(folder)


def test_a_users_link_a_file_and_nothing_are_refused(short):
    (short / "real").mkdir(mode=0o700)
    assert is_trusted(short / "real")
    (short / "link").symlink_to(short / "real")
    if os.getuid() == 0:
        os.lchown(short / "link", 12345, 12345)
    assert not is_trusted(short / "link")
    (short / "file").touch()
    assert not is_trusted(short / "file")
    assert not is_trusted(short / "nothing")


def test_a_folder_that_cannot_be_made_says_what_to_do(short):
    (short / "file").touch()
    with pytest.raises(BelabridgeError, match="set XDG_RUNTIME_DIR"):
        made_folder({"XDG_RUNTIME_DIR": str(short / "file")})
