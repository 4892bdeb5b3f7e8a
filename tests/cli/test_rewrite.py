"""A config is replaced at once, and only by one without faults."""

from __future__ import annotations

import os
import stat

import pytest

from belabridge.cli.rewrite import rewrite, text_of
from belabridge.errors import BelabridgeError
from belabridge.settings.files import load

GOOD = "in:\r\n  - {osc: /a, var: a}\r\n"


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"out: []\n")
    path.chmod(0o640)
    return path


def test_the_text_is_there_with_its_ends_of_lines_and_its_permissions(config):
    rewrite(config, GOOD, load)
    assert config.read_bytes() == GOOD.encode()
    assert text_of(config) == GOOD
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert list(config.parent.iterdir()) == [config]


def test_a_link_stays_a_link(config, tmp_path):
    link = tmp_path / "link.yaml"
    link.symlink_to(config)
    rewrite(link, GOOD, load)
    assert link.is_symlink()
    assert config.read_bytes() == GOOD.encode()


def test_a_text_with_faults_leaves_everything_as_it_was(config):
    with pytest.raises(BelabridgeError, match=r"mine\.yaml was left as it was.*unknown key `vra`.*`var`"):
        rewrite(config, "in:\n  - {osc: /a, vra: a}\n", load)
    assert config.read_bytes() == b"out: []\n"
    assert list(config.parent.iterdir()) == [config]


def test_what_is_not_there_is_not_made(config):
    with pytest.raises(BelabridgeError, match=r"cannot be written .*it is as it was"):
        rewrite(config.with_name("other.yaml"), GOOD, load)
    assert list(config.parent.iterdir()) == [config]


def test_a_fault_of_ours_leaves_nothing_behind(config):
    def breaks(_path):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rewrite(config, GOOD, breaks)
    assert list(config.parent.iterdir()) == [config]


@pytest.mark.parametrize("data", [None, b"\xff"])
def test_what_cannot_be_read_is_told(tmp_path, data):
    path = tmp_path / "a.yaml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(BelabridgeError, match=r"a\.yaml cannot be read"):
        text_of(path)


def test_whoever_reads_meanwhile_sees_one_text_or_the_other(config):
    seen = []
    rewrite(config, GOOD, lambda path: seen.append((config.read_bytes(), path.read_bytes())))
    assert seen == [(b"out: []\n", GOOD.encode())]
    assert not os.access(config.parent / ".learn-", os.F_OK)
