"""``belabridge init``: a first config of a live board, and nobody's file is ever touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from belabridge.cli import group
from belabridge.settings.files import load
from processes import BELABRIDGE, Running


def init(*words):
    return CliRunner().invoke(group, ["init", *map(str, words)], prog_name="belabridge")


@pytest.fixture(scope="module")
def board():
    running = Running(BELABRIDGE, "sim", "--port", "0", "--vars", "3")
    try:
        yield running.wait_out(r"127\.0\.0\.1:\d+")[0]
    finally:
        running.kill()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_writes_a_config_that_loads(board):
    result = init("--board", board)
    assert result.exit_code == 0, result.output
    config = load("belabridge.yaml")
    assert [str(address) for address in config.board] == [board]
    names = [rule.var for rule in config.out]
    assert {"v0", "v1", "v2"} <= set(names)
    assert [rule.var for rule in config.in_] == names
    assert result.output.splitlines()[0].startswith(f"belabridge.yaml: {len(names)} variables of ")
    assert result.output.splitlines()[-1] == "try it: belabridge run belabridge.yaml"


def test_the_schema_that_its_first_line_names_is_beside_it(board, folder):
    (folder / "of").mkdir()
    result = init("of/mine.yaml", "--board", board)
    assert result.exit_code == 0, result.output
    name = (folder / "of/mine.yaml").read_text().splitlines()[0].partition("$schema=")[2]
    schema = json.loads((folder / "of" / name).read_text())
    assert schema == json.loads(CliRunner().invoke(group, ["check", "--schema"]).output)
    assert f"of/{name}: " in result.output
    (folder / "of" / name).write_text("mine")
    again = init("of/other.yaml", "--board", board)
    assert again.exit_code == 0
    assert (folder / "of" / name).read_text() == "mine"
    assert name not in again.output


@pytest.mark.parametrize("make", ["file", "link"])
def test_it_never_overwrites(folder, make):
    mine = folder / "mine.yaml"
    if make == "file":
        mine.write_text("# mine")
    else:
        mine.symlink_to("nowhere")
    result = init("mine.yaml", "--board", "127.0.0.1:1")  # not even asked
    assert result.exit_code == 1
    assert (
        result.output
        == "belabridge: mine.yaml exists and was left alone: choose another name, or move it away\n"
    )
    assert mine.read_text() == "# mine" if make == "file" else not mine.exists()


def test_without_a_board_there_is_no_file():
    result = init("--board", "127.0.0.1:1")
    assert result.exit_code == 1
    assert "no Bela at 127.0.0.1:1" in result.output
    assert not Path("belabridge.yaml").exists()


def test_a_place_that_cannot_be_written(board):
    result = init("no/such/folder.yaml", "--board", board)
    assert result.exit_code == 1
    assert result.output == (
        "belabridge: no/such/folder.yaml cannot be written (no such file or directory): "
        "choose another place\n"
    )


def test_help_has_an_example():
    assert "belabridge init installation.yaml --board 192.168.7.2" in init("--help").output
