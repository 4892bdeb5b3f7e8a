"""The page and its data on real sockets: who may see them, and that no browser holds anything up."""

from __future__ import annotations

import asyncio
import json
import socket
from http.client import HTTPConnection

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from belabridge.errors import CannotListen, MissingPackage, PortInUse
from belabridge.plot import drawing
from belabridge.plot.picture import Look, Picture
from belabridge.plot.server import MOST_BROWSERS, PlotServer
from waiting import until

RATE = 44_100


def a_picture(count=2, seconds=5, now_frame=lambda: 5 * RATE):
    names = tuple(f"v{i}" for i in range(count))
    picture = Picture(names, Look(seconds * RATE, seconds * RATE), RATE, now_frame=now_frame)
    for lane in picture.lanes.values():
        lane.add(np.arange(seconds * RATE), np.sin(np.arange(seconds * RATE)).astype(np.float32))
    return picture


def data_at(server, **more):
    return connect(
        f"ws://127.0.0.1:{server.url.rstrip('/').rpartition(':')[2]}/data",
        compression=None,
        proxy=None,
        **more,
    )


def read(data):
    size = int(np.frombuffer(data, np.uint32, 1)[0])
    header = json.loads(data[4 : 4 + size])
    numbers, lanes = np.frombuffer(data, np.float64, offset=4 + size), []
    for count in header["counts"]:
        lanes.append(numbers[: 4 * count].reshape(4, count))
        numbers = numbers[4 * count :]
    return header, lanes


async def asked(peer, **fields):
    await peer.send(json.dumps(fields))
    return read(await peer.recv())


def got(server, path="/", **headers):
    """Status, type and body; in a thread."""
    host, _, port = server.url.removeprefix("http://").rstrip("/").rpartition(":")

    def get():
        connection = HTTPConnection(host, int(port), timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read()
        finally:
            connection.close()

    return asyncio.to_thread(get)


async def test_the_page_needs_nothing_from_elsewhere():
    async with PlotServer(a_picture()) as server:
        assert server.url.startswith("http://127.0.0.1:")
        status, kind, body = await got(server)
        assert (status, kind) == (200, "text/html")
        for path in ("/uPlot.js", "/uPlot.css", "/plot.js", "/plot.css", "/data.js"):
            assert path.encode() in body
            status, kind, text = await got(server, path)
            assert status == 200
            assert kind == ("text/css" if path.endswith("css") else "text/javascript")
            assert b"//cdn" not in text
        assert (await got(server, "/plot.js/../server.py"))[0] == 404


async def test_other_names_and_other_pages_are_refused():
    async with PlotServer(a_picture()) as server:
        port = server.url.rstrip("/").rpartition(":")[2]
        assert (await got(server, Host=f"evil.example:{port}"))[0] == 403
        assert (await got(server, Host=f"localhost:{port}"))[0] == 200
        assert (await got(server, Host="localhost:1"))[0] == 403
        for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
            with pytest.raises(InvalidStatus, match="403"):
                async with data_at(server, origin=origin):
                    pass
        async with data_at(server, origin=f"http://127.0.0.1:{port}") as peer:
            assert json.loads(await peer.recv())["lanes"] == [
                {"name": "v0", "range": None},
                {"name": "v1", "range": None},
            ]


async def test_only_what_is_new_goes_out_and_no_more_than_the_picture_has_columns():
    picture = a_picture()
    async with PlotServer(picture) as server, data_at(server) as peer:
        await peer.recv()
        header, lanes = await asked(peer, id=3, step=100, count=700)
        assert header["id"] == 3
        assert [lane.shape for lane in lanes] == [(4, 700 - 1)] * 2  # the frame at the right is still to come
        last = int(lanes[0][0][-1])
        _, lanes = await asked(peer, step=100, count=700, since=[last, last - 1])
        assert [lane.shape[1] for lane in lanes] == [1, 2]
        _, lanes = await asked(peer, step=100, count=700, since=[last, last], epoch=5)
        assert lanes[0].shape[1] == 699, "of other frames it has nothing"
        _, lanes = await asked(peer, step=1, count=50, first=1000)
        assert lanes[0][0].tolist() == list(range(1000, 1050))
        assert lanes[0][1].tolist() == np.sin(np.arange(1000, 1050)).astype(np.float32).tolist()


async def test_a_held_picture_stays_for_who_holds_it():
    picture = a_picture(1)
    async with PlotServer(picture) as server, data_at(server) as holds, data_at(server) as goes_on:
        await holds.recv()
        await goes_on.recv()
        await asked(holds, step=1000, count=500, hold=True)
        picture.lanes["v0"].add(np.arange(100_000) + 5 * RATE, np.full(100_000, 7.0, np.float32))
        _, (held,) = await asked(holds, step=1000, count=500, first=0, hold=True)
        _, (now,) = await asked(goes_on, step=1000, count=500)
        assert held[2].max() <= 1.0
        assert now[2].max() == 7.0
        _, (again,) = await asked(holds, step=1000, count=500)
        assert again[2].max() == 7.0


@pytest.mark.parametrize("message", ["", "[]", b"\x00" * 100, '{"step": 1, "count": 1000000}', "x" * 70_000])
async def test_who_talks_nonsense_is_let_go(message):
    async with PlotServer(a_picture()) as server:
        async with data_at(server) as peer:
            await peer.recv()
            await peer.send(message)
            with pytest.raises(ConnectionClosed) as closed:
                await peer.recv()
            assert closed.value.rcvd.code in {1008, 1009}
        await until(lambda: not server.browsers, 20)


async def test_a_browser_that_does_not_read_waits_alone():
    answers = 0

    def now():
        nonlocal answers
        answers += 1
        return 5 * RATE

    picture = a_picture(8, now_frame=now)
    async with PlotServer(picture) as server, data_at(server) as quick, data_at(server, max_queue=1) as slow:
        await quick.recv()
        for _ in range(1000):  # of 2 MB each
            await slow.send('{"step": 27, "count": 8192}')
        for _ in range(30):
            async with asyncio.timeout(20):
                await asked(quick, step=221, count=1000)
        assert 30 < answers < 60, "what waits for a slow browser is made when it is taken"
        slow.transport.abort()
        await until(lambda: server.browsers == 1, 20)


async def test_browsers_are_counted_and_limited():
    async with PlotServer(a_picture()) as server:
        peers = [await data_at(server).__aenter__() for _ in range(MOST_BROWSERS)]
        await until(lambda: server.browsers == MOST_BROWSERS, 20)
        with pytest.raises(InvalidStatus, match="503"):
            async with data_at(server):
                pass
        for peer in peers:
            peer.transport.abort()
        await until(lambda: not server.browsers, 20)


async def test_the_end_of_the_server_lets_all_go():
    server = PlotServer(a_picture())
    await server.start()
    async with data_at(server) as peer:
        await peer.recv()
        await server.stop()
        await server.stop()
        with pytest.raises(ConnectionClosed):
            await peer.recv()
    with pytest.raises(OSError, match="refused"):
        await got(server)


async def test_a_port_that_cannot_be_had():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUse):
            await PlotServer(a_picture(), port=taken.getsockname()[1]).start()
    with pytest.raises(CannotListen, match="address of this computer"):
        await PlotServer(a_picture(), "192.0.2.1").start()


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(drawing, "PACKAGE", "a-package-that-is-not-there")
    with pytest.raises(MissingPackage, match=r"pip install 'belabridge\[plot\]'"):
        PlotServer(a_picture())
