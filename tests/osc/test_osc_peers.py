"""Both ways with liblo, another implementation: ``oscsend`` into the server, the sender into ``oscdump``."""

import asyncio
import contextlib
import re
import shutil

import numpy as np
import pytest

from belabridge.osc.codec.blocks import BlockTemplate
from belabridge.osc.codec.reader import Midi
from belabridge.osc.codec.writer import Template, message
from belabridge.osc.sender import Sender

pytestmark = pytest.mark.skipif(
    not (shutil.which("oscsend") and shutil.which("oscdump")), reason="needs the Debian package liblo-tools"
)

# types and words for oscsend, what the handler gets
SENT = [
    ("i", ["-7"], (-7,)),
    ("f", ["0.5"], (0.5,)),
    ("h", ["1099511627776"], (2**40,)),
    ("d", ["0.1"], (0.1,)),
    ("s", ["hello world"], ("hello world",)),
    ("S", ["sym"], ("sym",)),
    ("c", ["A"], ("A",)),
    ("m", ["00903c7f"], (Midi(0, 0x90, 0x3C, 0x7F),)),
    ("TFNI", [], (True, False, None, True)),
    ("iTfs", ["1", "3.5", "x"], (1, True, 3.5, "x")),
    ("ffff", ["1", "2", "3", "4"], (1.0, 2.0, 3.0, 4.0)),
    ("", [], ()),
]


@pytest.mark.parametrize(("tags", "words", "args"), SENT)
async def test_what_oscsend_sends(server, inbox, tags, words, args):
    server.space.add("/from/liblo", inbox)
    types = [tags] if tags else []
    oscsend = await asyncio.create_subprocess_exec(
        "oscsend", f"osc.udp://127.0.0.1:{server.port}", "/from/liblo", *types, *words
    )
    got, got_tags, address, source = await inbox.get()
    assert await oscsend.wait() == 0
    assert (got, got_tags, address, source[0]) == (args, tags, "/from/liblo", "127.0.0.1")


async def test_a_pattern_from_oscsend(server, inbox):
    for name in ("gain", "freq"):
        server.space.add(f"/synth/{name}", lambda args, _t, _a, _s, name=name: inbox(name, args))
    oscsend = await asyncio.create_subprocess_exec(
        "oscsend", f"osc.udp://127.0.0.1:{server.port}", "/synth/{gain,f*}", "f", "0.5"
    )
    await oscsend.wait()
    oscsend = await asyncio.create_subprocess_exec(
        "oscsend", f"osc.udp://127.0.0.1:{server.port}", "/synth/*", "f", "0.25"
    )
    await oscsend.wait()
    # braces hold plain words: the first is malformed and reaches nobody
    assert [await inbox.get() for _ in range(2)] == [("gain", (0.25,)), ("freq", (0.25,))]
    assert inbox.calls.empty()


@contextlib.asynccontextmanager
async def oscdump(port):
    """A running ``oscdump`` that has shown a first message; gives the reader of its lines."""
    process = await asyncio.create_subprocess_exec("oscdump", "-L", str(port), stdout=asyncio.subprocess.PIPE)
    sender = Sender("dump", "127.0.0.1", port)
    sender.open()
    try:
        first = asyncio.ensure_future(process.stdout.readline())
        async with asyncio.timeout(5):
            while not first.done():
                sender.send(message("/ready"))
                await asyncio.wait([first], timeout=0.02)

        async def line():
            async with asyncio.timeout(5):
                while b"/ready" in (text := await process.stdout.readline()):
                    pass
            return re.sub(r"^\S+ ", "", text.decode().strip())  # without the time of arrival

        yield line
    finally:
        sender.close()
        process.terminate()
        await process.wait()
        process._transport.close()  # asyncio's own way leaves its pipe to the garbage collector


SHOWN = [
    (Template("/v", "f").one(0.5), "/v f 0.500000"),
    (Template("/v", "f").one(1), "/v f 1.000000"),
    (Template("/v", "i").one(7.4), "/v i 7"),
    (Template("/v", "d").one(0.25), "/v d 0.250000"),
    (Template("/v", "h").one(2**40), "/v h 1099511627776"),
    (Template("/v", "blob").one(1), "/v b [4b 0x3f 0x80 00 00]"),
    (message("/v", ["name", "f", 0.5]), '/v ssf "name" "f" 0.500000'),
    (message("/v", [True, False, None]), "/v TFN #T #F Nil"),
]


async def test_what_oscdump_shows(make_peer):
    free = make_peer()
    free.socket.close()
    async with oscdump(free.port) as line:
        for bundled in (False, True):
            sender = Sender("dump", "127.0.0.1", free.port, bundle=bundled)
            sender.open()
            for data, _ in SHOWN:
                assert sender.send(data)
            sender.flush()
            assert [await line() for _ in SHOWN] == [text for _, text in SHOWN]
            sender.close()


async def test_the_messages_of_a_block_arrive_whole(make_peer):
    free = make_peer()
    free.socket.close()
    values = np.arange(1024) / 4
    async with oscdump(free.port) as line:
        sender = Sender("dump", "127.0.0.1", free.port)
        sender.open()
        parts = BlockTemplate("/mic/block", "f").messages(0, values)
        shown = []
        for part in parts:
            sender.send(part)
            frame, *numbers = (await line()).split()[2:]
            assert int(frame) == len(shown)
            shown += [float(number) for number in numbers]
        sender.close()
    assert len(parts) > 1
    assert shown == values.tolist()
