"""Malice on every socket: the daemon lives, answers, stays small, and does not fill the log."""

import json
import random
import threading
import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from osc_peer import osc
from processes import wait_for

GROWTH_BYTES = 40 << 20  # what a queue of a second may take; a leak of what is thrown would be far beyond
VARIABLES = 4


def listing(**changes):
    """The answer to ``list``, as a board gives it or nearly so."""
    watchers = [
        {
            "name": f"v{n}",
            "type": "f",
            "value": 0.5,
            "valueInput": 0.5,
            "timestampMode": 0,
            "controlled": False,
            "watched": True,
            "logged": False,
            "logFileName": "",
            "monitor": 0,
        }
        for n in range(VARIABLES)
    ]
    answer = {"sampleRate": 44100, "timestamp": 1000, "watchers": watchers} | changes
    return json.dumps({"watcher": answer})


def twisted(rng):
    """A text that was a board's before something happened to it."""
    text = bytearray(rng.choice([listing(), '{"event":"connection","projectName":"p"}']).encode())
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(text))
        match rng.randrange(4):
            case 0:
                text[at] = rng.randrange(256)
            case 1:
                del text[at : at + rng.randrange(1, 40)]
            case 2:
                text[at:at] = rng.choice([b"\\u0000", b"1e999", b"null", b"[" * 2000, b"\xff", b"{}", b"-1"])
            case _:
                text += text[:at]
        if not text:
            break
    return bytes(text)


def blob(rng):
    """A binary message that may be half right."""
    header = f"{rng.choice([0, 1, 2, 3, 4, 77, 10**12])}/{rng.choice('cijfdx')}".encode()
    body = rng.randbytes(rng.choice([0, 1, 8, 9, 12, 16, 4103, 4104, 4105, 70_000]))
    right = rng.randrange(1 << 40).to_bytes(8, "little") + bytes(4096)
    return rng.choice([header, header, header, body, right, header + b"\0", b""])


class Malice:
    """A server that answers like a board and then throws whatever comes to its mind; seeded."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.thrown = 0
        self.ended = threading.Event()
        self.server = serve(self._serve, "127.0.0.1", 0, compression=None, close_timeout=0.1)
        self.port = self.server.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def _serve(self, socket):
        rng = random.Random(self.rng.random())
        with suppress(ConnectionClosed):
            if socket.request.path == "/gui_control":
                socket.send('{"event":"connection","projectName":"\\u001b[2J\\nevil"}')
                socket.recv()  # the reply or the question; what follows is right once
                socket.send(listing())
            for _ in range(rng.randrange(200, 4000)):
                if self.ended.is_set():
                    return
                self._throw(socket, rng)
                self.thrown += 1
            if rng.random() < 0.5:
                socket.socket.close()

    @staticmethod
    def _throw(socket, rng):
        control = socket.request.path == "/gui_control"
        if control and rng.random() < 0.2:
            strange = rng.choice(
                [
                    {"timestamp": -1},
                    {"sampleRate": 0},
                    {"sampleRate": 1e308},
                    {"watchers": []},
                    {"watchers": [{"name": "\0", "type": "f"}] * 3},
                    {"timestamp": rng.randrange(1 << 63)},
                ]
            )
            socket.send(listing(**strange))
        elif control:
            text = twisted(rng)
            if rng.random() < 0.5:
                socket.send(text)
            else:
                socket.send(text.decode("utf-8", "replace"))
        else:
            socket.send(blob(rng))

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.socket.close()
        self.thread.join()


def test_a_malicious_board(stage, port):
    malice = Malice(2024)
    ear = stage.ear()
    try:
        config = stage.config(
            board=f"127.0.0.1:{malice.port}",
            osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
            out=[
                {"var": "v0"},
                {"var": "v1", "take": "rms", "osc": "/level"},
                {"var": "v2", "take": "all", "osc": {"address": "/all", "as": "blob"}},
            ],
            **{"in": [{"osc": "/v3", "var": "v3"}]},
        )
        bridge = stage.bridge(config).ready(connected=False)
        bridge.wait_status(lambda _: malice.thrown > 3000)
        size = bridge.process.rss_bytes()
        rounds = bridge.status()["board"]["reconnects"] + 3
        thrown = malice.thrown + 15_000
        while malice.thrown < thrown or bridge.status()["board"]["reconnects"] < rounds:
            ear.say(port, "/v3", 0.5)
            at = ear.count
            ear.say(port, "/belabridge/status")
            ear.wait("/belabridge/status/end", after=at, within_s=3)  # it answers all the time
        assert bridge.process.rss_bytes() - size < GROWTH_BYTES
        status = bridge.status()
        assert any(reason.startswith("board.lost_") for reason in status["drops"])
        lasted_s = status["uptime_s"]
        kinds = 20  # of warnings, each once in ten seconds, beside one for each outage
        outages = status["board"]["reconnects"] + 2
        assert len(bridge.warnings) <= outages * 2 + kinds * (2 + lasted_s / 10), len(bridge.warnings)
        assert not any("\x1b" in line for line in bridge.log)
        bridge.end()
    finally:
        malice.close()


@pytest.mark.parametrize("behaviour", ["silent", "not a websocket", "closes", "huge", "endless"])
def test_what_is_no_board_at_all(stage, port, behaviour):
    """Each is tried again and again, told once, and SIGTERM ends it in time."""

    def serve_badly(socket):
        with suppress(ConnectionClosed):
            match behaviour:
                case "silent":
                    socket.recv()
                    ended.wait(30)
                case "closes":
                    socket.close(4000, "go away")
                case "huge":
                    for _ in range(200):
                        socket.send(b"\0" * (8 << 20))
                case "endless":
                    while not ended.is_set():
                        socket.send('{"event":"connection"}')

    def refuse(connection, request):
        return connection.respond(418, "a teapot\n")

    ended = threading.Event()
    more = {"process_request": refuse} if behaviour == "not a websocket" else {}
    server = serve(serve_badly, "127.0.0.1", 0, compression=None, close_timeout=0.1, **more)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"127.0.0.1:{server.socket.getsockname()[1]}"
        config = stage.config(board=address, osc={"listen": port, "send": "127.0.0.1:9"})
        bridge = stage.bridge(config).ready(connected=False)
        bridge.process.wait_err(r"WARNING board: .*trying again")
        status = bridge.status()
        assert not status["board"]["connected"]
        began = time.monotonic()
        bridge.end()
        assert time.monotonic() - began < 2
    finally:
        ended.set()
        server.shutdown()
        server.socket.close()
        thread.join()


def twisted_osc(rng):
    """A datagram that was OSC before something happened to it."""
    data = bytearray(
        rng.choice(
            [
                osc("/gain", ("f", 0.5)),
                osc("/gain", "text", ("i", 3)),
                osc("/{g,x}*n", ("f", 0.25)),
                osc("/belabridge/subscribe", ("i", rng.randrange(-5, 70_000))),
                osc("/belabridge/list"),
                osc("/gain"),
                b"#bundle\0" + rng.randbytes(8) + b"\0\0\0\x10" + osc("/gain", ("f", 0.5)),
                b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xfc" * 3,
                b"/" + b"*" * 200 + b"\0,\0\0\0",
                b"/gain" + b"\0" * 3 + b",[[[[" + b"\0" * 3,
            ]
        )
    )
    for _ in range(rng.randrange(4)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.choice([len(data), len(data), rng.randrange(len(data) + 1)])])


def test_hostile_datagrams(stage, port):
    board = stage.board()
    ear = stage.ear()
    config = stage.config(
        board=board.address,
        osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
        out=[{"var": "pot1"}],
        **{"in": [{"osc": "/gain", "var": "gain"}, {"osc": "/wave", "buffer": 0, "type": "f"}]},
    )
    bridge = stage.bridge(config).ready()
    rng = random.Random(7)

    def storm(count):
        """From another port: answers to all the questions in it go nowhere."""
        for n in range(count):
            thrower.throw(port, twisted_osc(rng) if n % 3 else rng.randbytes(rng.randrange(300)))
            if n % 50 == 0:
                time.sleep(0.002)  # a flood that the kernel drops proves nothing
            if n % 1000 == 0:
                thrower.heard.clear()

    thrower = stage.ear()
    storm(5000)
    size = bridge.process.rss_bytes()
    storm(20_000)
    thrower.close()
    storm_is_over = ear.count
    ear.say(port, "/belabridge/status")
    ear.wait("/belabridge/status/end", after=storm_is_over)
    assert bridge.process.rss_bytes() - size < GROWTH_BYTES
    drops = bridge.status()["drops"]
    assert drops["osc.format"] > 5000, drops
    assert drops["osc.unmapped"] > 100, drops
    assert len(bridge.warnings) < 40, bridge.warnings
    # nothing that harms a board has passed, and it still does its work
    assert board.harm == []
    ear.say(port, "/gain", 0.25)
    stage.page(board.address).wait(lambda v: v["gain"]["value"] == 0.25)
    at = ear.count
    wait_for(lambda: len(ear.values("/bela/pot1", at)) > 20, why="values do not flow any more")
    bridge.end()
