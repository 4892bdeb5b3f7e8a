"""Ports of the daemon's own through the whole of it: who connects is told, and who goes lets go."""

from __future__ import annotations

import pytest
from midi_board import midi_program

from jackd import JackServer, Peer
from processes import wait_for


@pytest.fixture
def server():
    server = JackServer(is_synchronous=True).start()  # a busy machine must lose no message that a test sends
    yield server
    server.stop()


@pytest.fixture
def join(server):
    """Makes programs on the server, which all leave it before it ends."""
    joined = []

    def joins(name):
        joined.append(Peer(server, name))
        return joined[-1]

    yield joins
    for peer in joined:
        if peer.is_open:
            peer.close()


def start(stage, server, port, **config):
    board, ear = stage.board(midi_program()), stage.ear()
    path = stage.config(
        board=board.address,
        osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
        **{"out": [], "in": []} | config,
    )
    bridge = stage.bridge(path, environ=server.environ).ready()
    bridge.wait_status(lambda s: all(p["ports"] for p in s["midi"]["in"] + s["midi"]["out"]))
    return bridge, stage.page(board.address), ear


def test_a_synth_that_connects_later_is_told_everything(stage, server, join, port):
    bridge, page, ear = start(
        stage,
        server,
        port,
        midi={"out": {"name": "bb", "virtual": True}},
        out=[{"var": "gain", "midi": {"cc": 20}}, {"var": "gate", "midi": {"note": 60}}],
        **{"in": [{"osc": "/gain", "var": "gain"}, {"osc": "/gate", "var": "gate"}]},
    )
    ear.say(port, "/gain", 0.5)
    ear.say(port, "/gate", 1.0)
    page.wait(lambda v: (v["gain"]["value"], v["gate"]["value"]) == (0.5, 1.0))
    for _ in range(2):
        synth = join("synth")
        server.connect("belabridge:bb", "synth:in")
        wait_for(lambda s=synth: {b"\xb0\x14\x40", b"\x90\x3c\x64"} <= set(s.messages))
        synth.close()
    bridge.end()


KEYS = [{"midi": {"note": "any"}, "var": {"pitch": "note", "gate": "gate"}}]


def test_keys_of_a_keyboard_that_goes_are_let_go(stage, server, join, port):
    bridge, page, _ = start(stage, server, port, midi={"in": {"name": "bb", "virtual": True}}, **{"in": KEYS})
    keys = join("keys")
    server.connect("keys:out", "belabridge:bb")
    keys.send(b"\x90\x3c\x40")
    page.wait(lambda v: v["gate"]["value"] == 1.0)
    keys.close()
    page.wait(lambda v: v["gate"]["value"] == 0.0)
    bridge.end()


def test_keys_at_a_cable_that_is_cut_are_let_go_and_it_is_connected_again(stage, server, join, port):
    keys = join("keys")
    bridge, page, _ = start(stage, server, port, midi={"in": "keys"}, **{"in": KEYS})
    keys.send(b"\x90\x3c\x40")
    page.wait(lambda v: v["gate"]["value"] == 1.0)
    (ours,) = [name for name in server.ports() if name.endswith(":keys in")]
    server.disconnect("keys:out", ours)
    page.wait(lambda v: v["gate"]["value"] == 0.0)
    bridge.process.wait_err("another program parted belabridge from keys:out")
    keys.send(b"\x90\x3e\x40")
    page.wait(lambda v: (v["gate"]["value"], v["note"]["value"]) == (1.0, 62.0))
    bridge.end()


def test_keys_held_in_running_status_are_let_go_with_their_device(stage, server, join, port):
    two = [join("keys a"), join("keys b")]
    bridge, page, _ = start(stage, server, port, midi={"in": "/keys/"}, **{"in": KEYS})
    bridge.wait_status(lambda s: len(s["midi"]["in"][0]["ports"]) == 2)
    two[0].send(b"\x90\xf8\x3c\x40")
    page.wait(lambda v: v["gate"]["value"] == 1.0)
    two[0].close()
    page.wait(lambda v: v["gate"]["value"] == 0.0)
    bridge.end()
