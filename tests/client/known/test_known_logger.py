"""``Logger``: a simulated board that logs, and a real sshd that shows its files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from belabridge import Logger
from belabridge.board.logs.login import Login
from belabridge.errors import LogError, NoSuchLog, SshRefused, UsageError
from processes import wait_for

MODES = {"myvar": "dense", "myvar2": "dense", "myvar3": "sparse", "myvar4": "sparse"}
LENGTHS = {"myvar": 512, "myvar2": 1024, "myvar3": 512, "myvar4": 341}


@pytest.fixture
def logger(bela_board, disk, connected):
    logger = connected(Logger, bela_board)
    logger.login = disk.login
    return logger


def values_of(logger, name, path):
    """All values of a log, each of which is its frame; without what pads an original one."""
    log = logger.read_binary_file(path, MODES[name])
    assert (log["project_name"], log["var_name"]) == ("watcher", name)
    assert log["type"] == logger.get_prop_of_var(name, "type")
    buffers = log["buffers"]
    assert {len(buffer["data"]) for buffer in buffers[:-1]} <= {LENGTHS[name]}
    values = []
    for buffer in buffers:
        assert buffer["ref_timestamp"] == buffer["data"][0]
        if MODES[name] == "sparse":
            assert [buffer["ref_timestamp"] + each for each in buffer["rel_timestamps"]] == buffer["data"]
        values += buffer["data"]
    while values[-1] == 0:
        values.pop()
    step = 1 if MODES[name] == "dense" else 12
    assert values == list(range(int(values[0]), int(values[-1]) + 1, step))
    return values


def test_logs_come_while_they_grow(logger, disk, tmp_path):
    paths = logger.start_logging(list(MODES), logging_dir=str(tmp_path / "logs"))
    assert logger.is_logging()
    for name in MODES:
        assert paths["remote_paths"][name] == f"/root/Bela/projects/bela-test/{name}.bin"
        assert paths["local_paths"][name] == str(tmp_path / "logs" / f"{name}.bin")
    wait_for(lambda: any(part.stat().st_size > 20_000 for part in tmp_path.glob("logs/myvar.bin.part")))
    until = logger.get_latest_timestamp()
    assert logger.stop_logging() == paths
    assert not logger.is_logging()
    for name in MODES:
        assert values_of(logger, name, paths["local_paths"][name])[-1] >= until - 12
        assert Path(paths["local_paths"][name]).read_bytes() == (disk.folder / f"{name}.bin").read_bytes()


def test_without_transfer_and_copied_later(logger, disk, tmp_path):
    paths = logger.start_logging("myvar2", transfer=False, logging_dir=str(tmp_path))
    assert paths["local_paths"] == {}
    logger.wait(0.2)
    logger.stop_logging()
    disk.settle()
    remote = paths["remote_paths"]["myvar2"]
    first = logger.copy_file_from_bela(remote, str(tmp_path / "mine.bin"))
    assert first == str(tmp_path / "mine.bin")
    values_of(logger, "myvar2", first)
    (tmp_path / "mine.bin").write_bytes(b"something else")
    assert logger.copy_file_from_bela(remote, str(tmp_path / "mine.bin")) == str(tmp_path / "mine-2.bin")
    assert logger.copy_file_from_bela(remote, str(tmp_path), verbose=False) == str(tmp_path / "myvar2.bin")


def test_no_variables_are_all_and_all_are_transferred(logger, tmp_path):
    paths = logger.start_logging(logging_dir=str(tmp_path))
    logger.wait(0.1)
    logger.stop_logging()
    assert set(paths["local_paths"]) == {*MODES, "myvar5"}
    for name in MODES:
        values_of(logger, name, paths["local_paths"][name])


def test_some_end_while_others_go_on(logger, tmp_path):
    paths = logger.start_logging(["myvar", "myvar2"], logging_dir=str(tmp_path))
    logger.wait(0.1)
    logger.stop_logging("myvar")
    values_of(logger, "myvar", paths["local_paths"]["myvar"])
    assert logger.is_logging()
    logger.stop_logging()
    assert not logger.is_logging()
    values_of(logger, "myvar2", paths["local_paths"]["myvar2"])


def test_scheduled_to_the_frame(logger, tmp_path):
    start = logger.get_latest_timestamp() + logger.sample_rate
    paths = logger.schedule_logging(
        ["myvar", "myvar3"], [start, start], [5000, 5000], logging_dir=str(tmp_path)
    )
    assert not logger.is_logging()
    for name in ("myvar", "myvar3"):
        values = values_of(logger, name, paths["local_paths"][name])
        assert start <= values[0] < start + 12
        assert start + 5000 - 12 <= values[-1] <= start + 5000 + 12


def test_the_second_log_of_a_variable_is_the_file_that_the_board_names(logger, tmp_path):
    for suffix in ("", "+0"):
        paths = logger.start_logging(["myvar2", "myvar"], logging_dir=str(tmp_path))
        logger.wait(0.1)
        logger.stop_logging()
        for name in ("myvar", "myvar2"):
            assert paths["remote_paths"][name].endswith(f"/{name}{suffix}.bin")
            values_of(logger, name, paths["local_paths"][name])


def test_a_name_that_is_taken_here_stays_as_it_is(logger, tmp_path):
    (tmp_path / "myvar.bin").write_bytes(b"mine")
    paths = logger.start_logging("myvar", logging_dir=str(tmp_path))
    logger.wait(0.1)
    logger.stop_logging()
    assert paths["local_paths"]["myvar"] == str(tmp_path / "myvar-2.bin")
    assert (tmp_path / "myvar.bin").read_bytes() == b"mine"
    values_of(logger, "myvar", paths["local_paths"]["myvar"])


def test_all_files_of_the_project(logger, disk, tmp_path):
    logger.start_logging(["myvar", "myvar2"], transfer=False)
    logger.wait(0.1)
    logger.stop_logging()
    disk.settle()
    copied = logger.copy_all_bin_files_in_project(str(tmp_path / "all"))
    assert copied == [str(tmp_path / "all" / f"{name}.bin") for name in ("myvar", "myvar2")]
    logger.start_logging("myvar3", transfer=False)
    wait_for((disk.folder / "myvar3.bin").exists)
    logger.delete_all_bin_files_in_project()
    assert [path.name for path in disk.folder.iterdir()] == ["myvar3.bin"]  # it is being written
    logger.stop_logging()
    logger.delete_file_from_bela("/root/Bela/projects/bela-test/myvar3.bin")
    assert not list(disk.folder.iterdir())
    with pytest.raises(NoSuchLog):
        logger.delete_file_from_bela("/root/Bela/projects/bela-test/myvar3.bin")


def test_the_rest_of_a_file(logger, disk, tmp_path):
    logger.start_logging("myvar", transfer=False)
    logger.wait(0.2)
    logger.stop_logging()
    disk.settle()
    remote = "/root/Bela/projects/bela-test/myvar.bin"
    whole = (disk.folder / "myvar.bin").read_bytes()
    local = tmp_path / "half.bin"
    local.write_bytes(whole[: len(whole) // 2])
    assert logger.finish_copying_file(remote, str(local)) == str(local)
    assert local.read_bytes() == whole
    local.write_bytes(b"x" + whole[1 : len(whole) // 2])
    with pytest.raises(LogError, match="is not the beginning"):
        logger.finish_copying_file(remote, str(local))
    assert local.read_bytes() == b"x" + whole[1 : len(whole) // 2]
    with pytest.raises(LogError, match="fetch all of it"):
        logger.finish_copying_file(remote, str(tmp_path / "none.bin"))


def test_what_is_logged_already(logger, bela_board, disk, connected, tmp_path):
    other = connected(Logger, bela_board)
    other.login = disk.login
    other.start_logging("myvar", logging_dir=str(tmp_path / "other"))
    with pytest.raises(UsageError, match="myvar: being logged already"):
        logger.start_logging(["myvar2", "myvar"], logging_dir=str(tmp_path))
    assert not logger.is_logging()
    paths = other.stop_logging()
    values_of(other, "myvar", paths["local_paths"]["myvar"])


def test_who_has_no_way_to_the_files_logs_nothing(logger, bela_board, tmp_path):
    logger.login = Login("127.0.0.1", 1, agent=False)
    with pytest.raises(SshRefused):
        logger.start_logging("myvar", logging_dir=str(tmp_path))
    assert not logger.is_logging()
    with pytest.raises(SshRefused):
        logger.schedule_logging("myvar", durations=1000, logging_dir=str(tmp_path))
    assert not logger.is_logging()
    wait_for(lambda: not any(each["logged"] for each in logger.list()["watchers"]))


def test_cleanup_ends_the_logs_and_brings_them(logger, bela_board, tmp_path):
    logger.start_logging("myvar", logging_dir=str(tmp_path))
    logger.wait(0.1)
    logger.cleanup()
    assert not any(watcher.outlet.log.running for watcher in bela_board.board.watchers)
    assert (tmp_path / "myvar.bin").exists()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda log: log.start_logging("nothing"), "no variable"),
        (lambda log: log.schedule_logging("myvar", [1.5], [1]), "no whole number"),
        (lambda log: log.schedule_logging(["myvar", "myvar2"], [1], [1, 2]), "1 for 2 variables"),
        (lambda log: log.read_binary_file("x.bin", "thick"), "'dense' or 'sparse'"),
    ],
)
def test_misuse_is_a_value_error(logger, call, words):
    with pytest.raises(ValueError, match=words):
        call(logger)


def test_ssh_may_be_opened_and_closed_by_hand(logger, tmp_path):
    logger.connect_ssh()
    logger.disconnect_ssh()
    logger.disconnect_ssh()
    assert shutil.which("sshd")
    logger.connect_ssh()
