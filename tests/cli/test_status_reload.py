"""``belabridge status`` and ``belabridge reload`` against a control socket of a real server."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from belabridge.cli import group
from belabridge.errors import BelabridgeError, ConfigError, Fault
from belabridge.service.control import ControlServer

STATUS = {
    "belabridge": "0.1.0",
    "pid": 77,
    "config": None,
    "board": {"address": "bela.local:5555", "connected": True, "project": "theremin"},
    "out": [{"var": "pot1", "take": "value", "address": "/bela/pot1", "to": [], "value": 0.5, "per_s": 50.0}],
}
FAULTS = [Fault("c.yaml", 2, 3, "wrong", "right"), Fault("c.yaml", 5, 1, "worse")]


def answering(answer):
    """A handler that gives ``answer``, or raises it."""

    async def handler():
        if isinstance(answer, BelabridgeError):
            raise answer
        return answer

    return handler


@pytest.fixture
def short():
    path = Path(tempfile.mkdtemp(prefix="bb"))
    yield path
    shutil.rmtree(path)


def ask(short, *arguments, names=("77",), **answers):
    """What the command says while daemons run that give these answers, the last name being the newest."""

    async def conversation():
        handlers = {what: answering(answer) for what, answer in answers.items()}
        servers = [ControlServer(handlers, short, name) for name in names]
        for age, server in enumerate(servers):
            await server.start()
            os.utime(server.path, (1000 + age, 1000 + age))
        environ = {"RUNTIME_DIRECTORY": str(short)}
        result = await asyncio.to_thread(CliRunner().invoke, group, arguments, env=environ)
        for server in servers:
            await server.stop()
        return result

    return asyncio.run(conversation())


def test_status_is_a_picture(short):
    result = ask(short, "status", status=STATUS)
    assert result.exit_code == 0
    assert "● bela.local:5555  theremin" in result.stdout
    assert "→ /bela/pot1" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stderr == ""


def test_status_as_json_is_one_line_as_the_daemon_gave_it(short):
    result = ask(short, "status", "--json", status=STATUS)
    assert result.stdout.count("\n") == 1
    assert json.loads(result.stdout) == STATUS


def test_of_several_it_asks_the_newest_and_says_so(short):
    result = ask(short, "status", "--json", names=("5", "6"), status=STATUS)
    assert json.loads(result.stdout) == STATUS
    assert result.stderr == "belabridge: several daemons run (6, 5): this is the first; choose by --pid\n"
    chosen = ask(short, "status", "--json", "--pid", "5", names=("5", "6"), status=STATUS)
    assert (chosen.exit_code, chosen.stderr) == (0, "")
    absent = ask(short, "status", "--pid", "7", names=("5", "6"), status=STATUS)
    assert absent.exit_code == 1
    assert "process 7" in absent.stderr


@pytest.mark.parametrize("command", ["status", "reload"])
def test_without_a_daemon_it_says_how_to_start_one(short, command):
    result = ask(short, command, names=())
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"belabridge: no running belabridge at {short}: start one with `belabridge run`\n"


@pytest.mark.parametrize(
    ("arguments", "changed", "text"),
    [
        ((), True, "the new config is in force\n"),
        ((), False, "the config has not changed\n"),
        (("--json",), True, '{"ok": true, "changed": true}\n'),
    ],
)
def test_reload_says_what_came_of_it(short, arguments, changed, text):
    result = ask(short, "reload", *arguments, reload={"changed": changed})
    assert (result.exit_code, result.stdout) == (0, text)


def test_a_refused_reload_shows_all_faults_and_ends_with_78(short):
    result = ask(short, "reload", reload=ConfigError(FAULTS))
    assert result.exit_code == 78
    assert result.stderr == "c.yaml:2:3: wrong: right\nc.yaml:5:1: worse\n"


def test_a_refused_reload_is_json_for_a_program(short):
    result = ask(short, "reload", "--json", reload=ConfigError(FAULTS))
    assert result.exit_code == 78
    report = json.loads(result.stdout)
    assert report["ok"] is False
    assert [Fault(**fault) for fault in report["faults"]] == FAULTS
    assert result.stderr == ""


def test_a_reload_that_failed_otherwise_ends_with_1(short):
    result = ask(short, "reload", reload=BelabridgeError("not now"))
    assert (result.exit_code, result.stderr) == (1, "belabridge: not now\n")
