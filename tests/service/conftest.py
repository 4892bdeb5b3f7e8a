"""Short folders for sockets, a fake service manager, and daemons that do not outlive their test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from living import PROGRAM, Living, Manager


@pytest.fixture
def short():
    """A folder whose path leaves room: a unix socket's has 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="bb"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def manager(short):
    it = Manager(short)
    yield it
    it.close()


@pytest.fixture
def environ(short, manager):
    """The variables of a service: what systemd would set."""
    return {"RUNTIME_DIRECTORY": str(short / "run"), "NOTIFY_SOCKET": manager.name, "XDG_RUNTIME_DIR": ""}


@pytest.fixture
def start(environ):
    """Starts tiny daemons."""
    started = []

    def begin(path, **more):
        started.append(Living([PROGRAM, path], environ | more))
        return started[-1]

    yield begin
    for it in started:
        it.kill()
