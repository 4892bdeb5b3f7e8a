"""Reading a file: what the file system says becomes a fault like any other."""

from __future__ import annotations

import pytest

from belabridge.errors import ConfigError
from belabridge.settings.config import Config
from belabridge.settings.files import MAX_BYTES, load
from belabridge.values import Address


def fault_of(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    (fault,) = caught.value.faults
    return fault


def test_a_file_is_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffboard: bela.local  # für die Bühne\r\n".encode())
    assert load(path) == Config(board=(Address("bela.local", 5555),))
    assert load(str(path)) == load(path)


def test_faults_name_the_file_as_the_user_did(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("bord: x")
    assert str(fault_of("a.yaml")) == "a.yaml:1:1: unknown key `bord`: did you mean `board`?"


def test_no_file(tmp_path):
    fault = fault_of(tmp_path / "a.yaml")
    assert (fault.line, fault.column) == (1, 1)
    assert fault.problem == "no such file or directory"
    assert "belabridge init" in fault.instead


def test_a_folder(tmp_path):
    fault = fault_of(tmp_path)
    assert (fault.problem, fault.instead) == ("is a directory", "name a file in it")


def test_a_name_that_no_file_can_have():
    assert fault_of("a\0b").problem == "no such file"


BYTES = {
    "Latin-1": ("board: a\n# f\u00fcr".encode("latin-1"), (2, 4)),
    "UTF-16": ("board: a".encode("utf-16"), (1, 1)),
    "a sound": (b"RIFF\xff\xfe", (1, 5)),
    "behind Windows lines": (b"board: a\r\n\r\n\xff", (3, 1)),
    "wide characters count as one": ("# \u00fc\u00fc".encode() + b"\xff", (1, 5)),
}


@pytest.mark.parametrize("name", BYTES)
def test_not_utf_8(tmp_path, name):
    data, place = BYTES[name]
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    fault = fault_of(path)
    assert (fault.line, fault.column) == place
    assert (fault.problem, fault.instead) == ("this is not UTF-8 text", "save the file as UTF-8")


def test_a_huge_file_is_not_read_whole(tmp_path):
    path = tmp_path / "a.yaml"
    with path.open("wb") as stream:
        stream.truncate(100 * MAX_BYTES)  # a hole: takes no room on the disk
    assert fault_of(path).problem == "too big for a config"


def test_expressions_are_checked_by_whom_one_says(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("out: [{var: a, expr: y}]")
    assert load(path).out[0].shape.expr == "y"
    with pytest.raises(ConfigError, match="`y` cannot be used: there is only x"):
        load(path, check_expr=lambda _text: "there is only x")
