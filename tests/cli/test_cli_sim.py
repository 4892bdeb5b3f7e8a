"""``belabridge sim`` as a user starts and ends it."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys

import pytest
from click.testing import CliRunner
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

from belabridge.cli.sim import sim

START_S = 20.0


async def started(*arguments: str, stdin=asyncio.subprocess.DEVNULL):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "belabridge", "sim", "--port", "0", *arguments,
        stdin=stdin, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(START_S):
        line = (await process.stdout.readline()).decode()
    return process, line, line.split()[3].rstrip(";")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_where_it_is_and_ends_cleanly(ending):
    process, line, address = await started("--vars", "3", "--project", "mine", "--speed", "2")
    try:
        assert f"belabridge list --board {address}" in line
        async with connect(f"ws://{address}/gui_control", compression=None, proxy=None) as control:
            assert json.loads(await control.recv())["projectName"] == "mine"
            await control.send('{"watcher":[{"cmd":"list"}]}')
            names = [w["name"] for w in json.loads(await control.recv())["watcher"]["watchers"]]
            assert names[:2] == ["pot1", "pot2"]
            assert names[-3:] == ["v0", "v1", "v2"]
            process.send_signal(ending)
            async with asyncio.timeout(2):
                rest, errors = await process.communicate()
        assert (process.returncode, rest, errors) == (0, b"", b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(("words", "kind"), [((), "watcher2"), (("--original",), "watcher")])
async def test_it_speaks_protocol_2_to_who_asks_unless_it_is_an_original_board(words, kind):
    process, _, address = await started("--vars", "1", *words)
    try:
        async with connect(f"ws://{address}/gui_control", compression=None, proxy=None) as control:
            await control.recv()
            await control.send('{"watcher":[{"cmd":"list","protocol":2}]}')
            (key,) = json.loads(await control.recv())
            assert key == kind
    finally:
        process.kill()
        await process.wait()


async def test_a_port_in_use_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "belabridge", "sim", "--port", port,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(START_S):
            out, errors = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert len(errors.splitlines()) == 1
    assert f"127.0.0.1:{port} is in use".encode() in errors


@pytest.mark.parametrize(
    "arguments",
    [["--port", "65536"], ["--speed", "0"], ["--vars", "-1"], ["--vars", "x"], ["--fault", "explode"]],
)
def test_what_makes_no_sense_is_a_usage_error(arguments):
    assert CliRunner().invoke(sim, arguments).exit_code == 2


async def test_a_fault_comes_at_its_time_and_another_when_it_is_typed():
    process, _, address = await started("--fault", "restart:2@200ms", stdin=asyncio.subprocess.PIPE)
    try:
        assert await names_at(address, lambda names: names == ["v0", "v1"])
        process.stdin.write(b"explode\nrestart:3\n")
        assert await names_at(address, lambda names: names == ["v0", "v1", "v2"])
        process.stdin.close()  # the board goes on without
        assert await names_at(address, lambda names: names == ["v0", "v1", "v2"])
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(START_S):
            errors = (await process.stderr.read()).decode()
            assert await process.wait() == 0
        assert errors.startswith("belabridge: 'explode': there is no such fault; there are vanish[:TIME], ")
        assert errors.count("\n") == 1
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def names_at(address, wanted):
    """Whether a board that may be restarting has these variables soon."""
    async with asyncio.timeout(START_S):
        while True:
            try:
                async with connect(f"ws://{address}/gui_control", compression=None, proxy=None) as control:
                    await control.send('{"watcher":[{"cmd":"list"}]}')
                    while "watchers" not in (said := json.loads(await control.recv()).get("watcher", {})):
                        pass
                    if wanted([variable["name"] for variable in said["watchers"]]):
                        return True
            except (OSError, ConnectionClosed, InvalidMessage):
                pass
            await asyncio.sleep(0.01)


def test_its_help_has_an_example():
    assert "belabridge sim --port" in CliRunner().invoke(sim, ["--help"]).output
