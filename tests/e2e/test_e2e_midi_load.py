"""MIDI under load through the real daemon: a thousand messages a second, and a JACK server that is killed."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
from midi_board import midi_program

from jackd import JackServer, Peer
from processes import wait_for

FOR_S = 10.0
A_SECOND = 1000
TURN_S = 0.02  # messages are given to JACK in handfuls, as many as a period carries
LONGEST_PAUSE_S = 0.1  # of OSC, while MIDI dies and comes back


@pytest.fixture
def server():
    server = JackServer(is_synchronous=True).start()  # it is our messages that are counted, not its
    yield server
    server.stop()


@pytest.fixture
def korg(server):
    peer = Peer(server, "korg")
    yield peer
    peer.close()


def pour(peer, messages):
    """Send ``A_SECOND``, evenly."""
    began = time.monotonic()
    sent = 0
    while handful := list(itertools.islice(messages, round(A_SECOND * TURN_S))):
        peer.send(*handful)
        sent += len(handful)
        time.sleep(max(0.0, began + sent / A_SECOND - time.monotonic()))
    return sent


def start(stage, server, port, **config):
    board, ear = stage.board(midi_program()), stage.ear()
    path = stage.config(
        board=board.address,
        osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
        **{"midi": {"in": "korg", "out": "korg"}, "out": [], "in": []} | config,
    )
    bridge = stage.bridge(path, environ=server.environ).ready()
    bridge.wait_status(lambda s: all(p["ports"] for p in s["midi"]["in"] + s["midi"]["out"]))
    return bridge, board, ear


def test_a_thousand_messages_a_second_come_in_and_none_is_lost(stage, server, korg, port):
    bridge, board, _ear = start(stage, server, port, **{"in": [{"midi": {"cc14": 1}, "var": "tone"}]})
    heard = []
    page = stage.page(board.address)
    # pairs: every second message completes a value, and all rise, so that order can be seen
    count = round(A_SECOND * FOR_S)
    values = [16383 * n // (count // 2 - 1) for n in range(count // 2)]
    messages = (bytes((0xB0, number, half)) for v in values for number, half in ((1, v >> 7), (33, v & 127)))
    watching = threading.Event()

    def watch():
        while not watching.is_set():
            heard.append(page.variables()["tone"]["value"])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        assert pour(korg, messages) == count
        status = bridge.wait_status(lambda s: s["in"][0]["received"] >= count // 2)
        page.wait(lambda v: v["tone"]["value"] == 1.0)
    finally:
        watching.set()
        thread.join()
    assert status["in"][0]["received"] == count // 2
    assert status["midi"]["in"][0]["messages"] == count
    assert heard == sorted(heard)
    assert len(set(heard)) > FOR_S  # it was watched while it rose
    assert not [reason for reason in bridge.status()["drops"] if reason.startswith("midi")]
    bridge.end()


def test_a_thousand_messages_a_second_go_out_and_none_is_lost(stage, server, korg, port):
    # what a busy machine leaves of the rate is enough with three: each value is two messages
    rules = [{"var": "ramp", "midi": {"cc14": number}, "rate": A_SECOND} for number in (1, 2, 3)]
    bridge, board, _ear = start(stage, server, port, out=rules)
    time.sleep(FOR_S)  # the load itself
    stage.config(board=board.address, osc={"listen": port}, midi={"in": "korg", "out": "korg"}, out=[])
    assert bridge.reload().returncode == 0  # the port stays, and nothing more goes out
    sent = bridge.status()["midi"]["out"][0]["messages"]
    wait_for(lambda: len(korg.messages) >= sent, why=lambda: f"{len(korg.messages)} of {sent} came")
    assert len(korg.messages) == sent
    assert sent >= A_SECOND * FOR_S
    uppers, lowers = korg.messages[::2], korg.messages[1::2]
    assert {message[0] for message in korg.messages} == {0xB0}
    assert [message[1] + 32 for message in uppers] == [message[1] for message in lowers]
    for number in (1, 2, 3):
        pairs = [(a[2], b[2]) for a, b in zip(uppers, lowers, strict=True) if a[1] == number]
        assert pairs == sorted(set(pairs)), "in order, and each once"
    assert not [reason for reason in bridge.status()["drops"] if reason.startswith("midi")]
    bridge.end()


def test_a_jack_server_that_is_killed_under_load(stage, server, korg, port):
    rules = {
        "out": [{"var": "ramp", "rate": 200}, {"var": "ramp", "midi": {"cc14": 1}, "rate": 500}],
        "in": [{"midi": {"cc": 7}, "var": "gain"}, {"osc": "/tone", "var": "tone"}],
    }
    bridge, board, ear = start(stage, server, port, **rules)
    page = stage.page(board.address)
    arrived = []
    done = threading.Event()

    def listen():
        seen = ear.count
        while not done.is_set():
            if ear.count > seen:
                seen = ear.count
                arrived.append(time.monotonic())
            time.sleep(0.002)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        for _ in range(2):
            began = time.monotonic()
            pour(korg, (bytes((0xB0, 7, n % 128)) for n in range(A_SECOND // 2)))
            server.kill()
            korg.close()
            ear.say(port, "/tone", began % 1.0)
            page.wait(lambda v, value=began % 1.0: v["tone"]["value"] == pytest.approx(value, abs=1e-6))
            time.sleep(0.5)  # an outage that lasts
            server.start()
            korg = Peer(server, "korg")
            wait_for(lambda peer=korg: peer.messages, why="no MIDI comes out any more")
            korg.send(b"\xb0\x07\x00", b"\xb0\x07\x7f")
            page.wait(lambda v: v["gain"]["value"] == 1.0)
            korg.send(b"\xb0\x07\x00")
            page.wait(lambda v: v["gain"]["value"] == 0.0)
    finally:
        done.set()
        thread.join()
    pauses = [b - a for a, b in itertools.pairwise(arrived)]
    assert max(pauses) < LONGEST_PAUSE_S, f"OSC paused for {max(pauses):.3f} s"
    bridge.end()
    korg.close()


def test_an_open_gate_begins_its_note_anew_when_the_server_is_back(stage, server, korg, port):
    rules = {
        "out": [{"var": "gate", "midi": {"note": 36, "channel": 10}}],
        "in": [{"osc": "/gate", "var": "gate"}],
    }
    bridge, board, ear = start(stage, server, port, **rules)
    page = stage.page(board.address)
    ear.say(port, "/gate", 1.0)
    wait_for(lambda: b"\x99\x24\x64" in korg.messages, why=lambda: f"{korg.messages}")
    page.wait(lambda v: v["gate"]["value"] == 1.0)
    server.kill()
    korg.close()
    server.start()
    korg = Peer(server, "korg")
    wait_for(lambda: b"\x99\x24\x64" in korg.messages, why=lambda: f"{korg.messages}")
    ear.say(port, "/gate", 0.0)
    wait_for(lambda: korg.messages[-1][:2] == b"\x89\x24", why=lambda: f"{korg.messages}")
    korg.close()
    bridge.end()
