"""The unfinished file: full disks, busy files, names that are taken meanwhile."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from belabridge.board.logs.known import Known
from belabridge.board.logs.part import Part
from belabridge.board.logs.shell import LogShell
from belabridge.errors import LogError, NoRoom, TransferBusy
from log_board import DEADLINE_S, PROJECT, log_bytes

KNOWN_TEXT = '{"modified_s": 1600000000, "of_bytes": 10, "came_bytes": 3, "confirmed_bytes": 2}'


@pytest.fixture
def target(tmp_path):
    return tmp_path / "takes" / "mic.bin"


def test_it_becomes_its_target_with_the_time_of_the_boards_file(target):
    part = Part.open(target)
    part.append(b"abc")
    assert not target.exists()
    assert part.finish(1_600_000_000, target)
    part.close()
    assert target.read_bytes() == b"abc"
    assert target.stat().st_mtime == 1_600_000_000
    assert [path.name for path in target.parent.iterdir()] == ["mic.bin"]


def test_it_never_takes_the_place_of_a_file_that_came_meanwhile(target):
    part = Part.open(target)
    part.append(b"abc")
    target.write_bytes(b"somebody else's")
    assert not part.finish(0, target)
    assert part.finish(0, target.with_name("mic-2.bin"))
    part.close()
    assert target.read_bytes() == b"somebody else's"
    assert target.with_name("mic-2.bin").read_bytes() == b"abc"


def test_it_never_takes_the_place_on_a_disk_without_links(target, monkeypatch):
    def link(*_args, **_more):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)  # as FAT answers
    part = Part.open(target)
    part.append(b"abc")
    target.write_bytes(b"somebody else's")
    assert not part.finish(0, target)
    target.unlink()
    assert part.finish(0, target)
    part.close()
    assert target.read_bytes() == b"abc"


KNOWN = Known(modified_s=1_600_000_000, of_bytes=10, came_bytes=3, confirmed_bytes=2)


def test_it_is_gone_on_with_and_what_was_known_of_it_is_there(target):
    part = Part.open(target)
    assert part.known is None
    part.append(b"abc")
    part.rest(KNOWN)
    part.close()
    again = Part.open(target)
    assert (again.size, again.known) == (3, KNOWN)
    again.begin_anew()
    again.append(b"d")
    again.close()
    third = Part.open(target)
    assert (third.size, third.known) == (1, None)
    third.rest(KNOWN)
    assert third.finish(0, target)
    third.close()
    assert [path.name for path in target.parent.iterdir()] == ["mic.bin"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "1e999", "[" * 900, '{"modified_s": 1}', "\xff\x00", "x" * 100_000),
        KNOWN_TEXT.replace(": 3", ": 11"),
        KNOWN_TEXT.replace(": 2", ": -1"),
        KNOWN_TEXT.replace(": 2", ": 2.0"),
        KNOWN_TEXT.replace(": 10", ": true"),
    ],
)
def test_what_is_known_is_nothing_when_it_makes_no_sense(target, text):
    target.parent.mkdir()
    target.with_name("mic.bin.part.json").write_text(text, encoding="latin-1")
    assert Known.read(target.with_name("mic.bin.part")) is None
    target.with_name("mic.bin.part.json").write_text(KNOWN_TEXT, encoding="ascii")
    assert Known.read(target.with_name("mic.bin.part")) == KNOWN


def test_only_one_has_it(target):
    part = Part.open(target)
    with pytest.raises(TransferBusy):
        Part.open(target)
    part.append(b"x")
    part.close()
    Part.open(target).close()


def test_an_empty_one_leaves_nothing(target):
    Part.open(target).close()
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize("what", ["fifo", "folder", "link"])
def test_what_is_in_the_way_is_left_alone(target, what):
    target.parent.mkdir()
    path = target.with_name("mic.bin.part")
    if what == "fifo":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    with pytest.raises(LogError, match=r"mic\.bin\.part"):
        Part.open(target)
    assert os.path.lexists(path)
    assert not target.with_name("nowhere").exists()


FILL = """
import sys, resource
from pathlib import Path
from belabridge.board.logs.known import Known
from belabridge.board.logs.part import Part
from belabridge.errors import NoRoom
if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
part = Part.open(Path(sys.argv[1]))
try:
    for _ in range(40):
        part.append(b"x" * 50_001)
except NoRoom as full:
    print(part.size, part.path.stat().st_size, full.part, full)
    part.close()
"""


def filled(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=True)
    return done.stdout.split(maxsplit=3)


def test_a_limit_of_the_size_of_files_is_an_error_and_what_fitted_stays(target):
    size, on_disk, part, text = filled(sys.executable, "-c", FILL, target, "limited")
    assert int(size) == int(on_disk) == 1_000_000
    assert part == f"{target}.part"
    assert "make room and fetch again to go on" in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_an_error_and_what_fitted_stays(tmp_path):
    """On a disk of 1 MiB, in a mount namespace of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1/mic.bin"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", disk, sys.executable, FILL]
    size, on_disk, part, text = filled(*command)
    assert 0 < int(size) == int(on_disk) <= 1 << 20
    assert part == str(disk / "mic.bin.part")
    assert "No space left on device" in text


async def test_a_fetch_onto_a_full_disk_keeps_what_came_and_goes_on_when_there_is_room(
    standin, keys, tmp_path
):
    data = log_bytes(1000)
    (standin.logs / "mic.bin").write_bytes(data)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    takes = tmp_path / "takes"
    async with await LogShell.open(standin.login, PROJECT, keys=keys) as shell:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
        try:
            with pytest.raises(NoRoom):
                await shell.fetch("mic.bin", takes)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert (takes / "mic.bin.part").stat().st_size == 2_000_000
        got = await shell.fetch("mic.bin", takes)
    assert got.fetched_bytes == len(data) - 2_000_000
    assert got.path.read_bytes() == data
