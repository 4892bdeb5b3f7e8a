"""The control socket: good questions, bad ones, and many at once."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from living import Living

from belabridge.errors import (
    BelabridgeError,
    ConfigError,
    DaemonNotRunning,
    DaemonSilent,
    Fault,
    RemoteFormatError,
)
from belabridge.service.ask import answer_of, ask, running
from belabridge.service.control import CLIENT_LIMIT, ControlServer

FAULT = Fault("c.yaml", 3, 4, "wrong", "right")


async def status():
    return {"n": 1, "nan": float("nan")}


async def refuse():
    raise BelabridgeError("not now")


async def faults():
    raise ConfigError([FAULT])


async def never():
    await asyncio.Event().wait()


HANDLERS = {"status": status, "refuse": refuse, "faults": faults, "never": never}


@pytest.fixture
async def server(short):
    it = ControlServer(HANDLERS, short)
    await it.start()
    yield it
    await it.stop()


async def converse(path, *parts, end=False):
    """Send the parts one by one; all that comes back."""
    reader, writer = await asyncio.open_unix_connection(path)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)  # let the server see the torn question
    if end:
        writer.write_eof()
    async with asyncio.timeout(20):
        answer = await reader.readline()
    writer.close()
    return answer


async def test_only_its_user_can_connect_and_no_trace_is_left(short):
    server = ControlServer(HANDLERS, short)
    await server.start()
    assert server.path == short / f"{os.getpid()}.sock"
    assert server.path.stat().st_mode & 0o777 == 0o600
    assert list(short.iterdir()) == [server.path]
    await server.stop()
    assert list(short.iterdir()) == []
    await server.stop()  # twice does no harm


QUESTION = b'{"ask":"status"}\n'


@pytest.mark.parametrize(
    "parts", [[QUESTION], [bytes([b]) for b in QUESTION], [QUESTION * 3], [QUESTION[:5], QUESTION[5:]]]
)
async def test_a_question_whole_torn_and_glued(server, parts):
    assert await converse(server.path, *parts) == b'{"ok": true, "answer": {"n": 1, "nan": null}}\n'


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (b"status\n", "unknown question"),
        (b"\n", "unknown question"),
        (b'{"ask":"help"}\n', "with one of status, refuse, faults, never"),
        (b'{"ask":["status"]}\n', "unknown question"),
        (b'{"ask":null}\n', "unknown question"),
        (b'"status"\n', "unknown question"),
        (b"[" * 3000 + b"\n", "unknown question"),
        (b"\xff\xfe\n", "unknown question"),
        (b"x" * 70_000, "longer than 65536"),
        (b"x" * 100_000 + b"\n", "longer than 65536"),
        (b'{"ask":"refuse"}\n', "not now"),
    ],
)
async def test_a_bad_question_gets_a_clear_answer(server, question, error):
    answer = json.loads(await converse(server.path, question))
    assert answer["ok"] is False
    assert error in answer["error"]
    assert answer["faults"] == []
    assert (await converse(server.path, QUESTION)).startswith(b'{"ok": true')  # and it goes on


async def test_a_question_without_an_end(server):
    answer = json.loads(await converse(server.path, b'{"ask":', end=True))
    assert "no end" in answer["error"]


async def test_a_client_that_says_nothing_is_let_go(short):
    server = ControlServer(HANDLERS, short, client_timeout_s=0.05)
    await server.start()
    assert b"no end" in await converse(server.path)
    await server.stop()


async def test_too_many_at_once_are_turned_away_and_the_others_served(server):
    idle = [await asyncio.open_unix_connection(server.path) for _ in range(CLIENT_LIMIT)]
    async with asyncio.timeout(20):
        while b"too many" not in await converse(server.path, QUESTION):
            pass  # until the server has met them all
        idle[0][1].write(QUESTION)
        assert (await idle[0][0].read()).startswith(b'{"ok": true')
        for _, writer in idle:
            writer.close()
        while b"too many" in await converse(server.path, QUESTION):
            pass  # until it has seen them go


async def test_stopping_ends_a_conversation_that_hangs(short):
    asked = asyncio.Event()

    async def hang():
        asked.set()
        await never()

    server = ControlServer({"never": hang}, short)
    await server.start()
    reader, writer = await asyncio.open_unix_connection(server.path)
    writer.write(b'{"ask":"never"}\n')
    await asked.wait()
    async with asyncio.timeout(5):
        await server.stop()
        assert await reader.read() == b""
    writer.close()


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_get_one_line_of_json(junk):
    async def once(folder):
        server = ControlServer(HANDLERS, folder)
        await server.start()
        answer = await converse(server.path, junk.replace(b"never", b""), end=True)
        await server.stop()
        return answer

    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="bb") as folder:
        answer = asyncio.run(once(Path(folder)))
    assert answer.count(b"\n") == 1
    assert isinstance(json.loads(answer)["ok"], bool)


async def test_the_client_asks_and_gets_the_daemons_refusals_as_exceptions(server):
    def conversation():
        assert answer_of(ask("status", server.path)) == {"n": 1, "nan": None}
        with pytest.raises(BelabridgeError, match="not now"):
            answer_of(ask("refuse", server.path))
        with pytest.raises(ConfigError) as caught:
            answer_of(ask("faults", server.path))
        assert caught.value.faults == (FAULT,)
        with pytest.raises(DaemonSilent, match=r"within 0\.1 s"):
            ask("never", server.path, 0.1)

    await asyncio.to_thread(conversation)


def test_faults_of_another_version_are_still_a_refusal():
    with pytest.raises(BelabridgeError, match="new words"):
        answer_of({"ok": False, "error": "new words", "faults": [{"where": "here"}]})


def test_nobody_there(short):
    environ = {"RUNTIME_DIRECTORY": str(short)}
    with pytest.raises(DaemonNotRunning, match=str(short)):
        ask("status", environ=environ)
    with pytest.raises(DaemonNotRunning, match="process 1"):
        ask("status", pid=1, environ=environ)
    with pytest.raises(DaemonNotRunning):
        ask("status", short / "1.sock")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"", DaemonSilent),
        (b'{"ok": tr', DaemonSilent),
        (b"hello\n", RemoteFormatError),
        (b"[1]\n", RemoteFormatError),
        (b'{"ok": "yes"}\n', RemoteFormatError),
        (b"\xff\n", RemoteFormatError),
        (b"[" * 100_000 + b"\n", RemoteFormatError),
    ],
)
def test_answers_that_are_none(short, reply, error):
    path = short / "1.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve():
            client, _ = listener.accept()
            with client:
                client.recv(100)
                client.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(error):
            ask("status", path)
        thread.join(20)


async def test_several_daemons_newest_first_and_dead_ones_removed(short):
    environ = {"RUNTIME_DIRECTORY": str(short)}
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(short / "7.sock"))
    dead.close()
    servers = [ControlServer(HANDLERS, short, name) for name in ("101", "102", "103")]
    for age, server in enumerate(servers):
        await server.start()
        os.utime(server.path, (1000 + age, 1000 + age))
    assert [path.stem for path in running(environ=environ)] == ["103", "102", "101"]
    assert [path.stem for path in running(102, environ)] == ["102"]
    assert running(104, environ) == []
    assert not (short / "7.sock").exists()
    for server in servers:
        await converse(server.path, QUESTION)  # it has met the knocks of before, too
        await server.stop()


async def test_a_path_that_is_too_long_says_so(short):
    deep = short / ("x" * 120)
    deep.mkdir()
    with pytest.raises(BelabridgeError, match="too long"):
        await ControlServer(HANDLERS, deep).start()


CROWDED = """
import asyncio, logging, os, sys
from pathlib import Path
from belabridge.service.control import ControlServer

class Say(logging.Handler):
    def emit(self, record):
        print(record.getMessage(), flush=True)
        while taken:
            os.close(taken.pop())

taken = []
logging.getLogger("belabridge.service").addHandler(Say())

async def status():
    return {}

async def main():
    await ControlServer({"status": status}, Path(sys.argv[1]), "1").start()
    try:
        while True:
            taken.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        print("full", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_without_file_descriptors_it_waits_once_and_then_answers(short):
    (short / "crowded.py").write_text(CROWDED)
    crowded = Living([short / "crowded.py", short], {})
    try:
        crowded.expect("full")
        assert ask("status", short / "1.sock", 20.0) == {"ok": True, "answer": {}}
        crowded.expect("a control client could not be accepted: [Errno 24] Too many open files")
        assert crowded.out.empty()  # one line, not one at every turn of the loop
    finally:
        crowded.kill()
