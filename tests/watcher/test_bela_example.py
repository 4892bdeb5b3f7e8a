"""bela-example on the laptop is a board to all of belabridge: listed, monitored, set, bridged, and played."""

from __future__ import annotations

import json
import re
import struct

import numpy as np
import pytest
from led_board import LedBoard

from alignment import BODY_BYTES
from board_page import Page
from host_program import ROOT, built
from osc_peer import Ear, free_port
from processes import BELABRIDGE, Running, wait_for

EXAMPLE = ROOT / "bela-example"
NAMES = [
    *("freq", "gain", "cutoff", "pot1", "pot2", "mic", "level", "sound", "trigger", "counter"),
    *("check_c", "check_i", "check_j", "check_f", "check_d"),
]


@pytest.fixture
def board(tmp_path):
    """The address of the running example."""
    program = Running(*built(EXAMPLE), "--port", 0, "--folder", tmp_path)
    yield program.wait_out(r" on (\S+);")[1]
    code = program.end()
    program.kill()
    assert code == 0, str(program)


def belabridge(*words):
    program = Running(BELABRIDGE, *words)
    assert program.code() == 0, str(program)
    return "\n".join(program.out)


def test_it_is_listed(board):
    listed = json.loads(belabridge("list", "--board", board, "--json"))
    assert [watcher["name"] for watcher in listed["watchers"]] == NAMES
    rows = re.findall(r"^\| (`.*) \|", (EXAMPLE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(row.split("|")[0] for row in rows)) == [*NAMES, "table"]


def test_its_values_are_monitored(board):
    monitor = Running(BELABRIDGE, "monitor", "--board", board, "check_d", "pot1")
    try:
        first = float(monitor.wait_out(r"check_d (\S+)")[1])
        seen = len(monitor.out)
        assert float(monitor.wait_out(r"check_d (\S+)", after=seen)[1]) > first
    finally:
        monitor.kill()


def test_what_is_set_is_read_and_given_back(board):
    belabridge("set", "--board", board, "freq=220", "gain=0.25")
    listed = {w["name"]: w for w in json.loads(belabridge("list", "--board", board, "--json"))["watchers"]}
    assert (listed["freq"]["value"], listed["gain"]["value"]) == (220, 0.25)
    belabridge("set", "--board", board, "--release", "freq")


def test_the_bridge_sends_its_values_and_sets_them(board, tmp_path):
    ear, listen = Ear(), free_port()
    config = tmp_path / "config.yaml"
    config.write_text(
        f"board: {board}\n"
        f"osc: {{listen: {listen}, send: {{pd: 127.0.0.1:{ear.port}}}}}\n"
        "out: [{var: pot1}, {var: check_d, rate: 100}]\n"
        "in: [{osc: /bela/gain, var: gain}]\n"
    )
    bridge = Running(BELABRIDGE, "run", config)
    page = Page(board)
    try:
        frame = ear.wait("/bela/check_d")[0]
        ear.wait("/bela/check_d", that=lambda value: value > frame)
        ear.wait("/bela/pot1", that=lambda value: 0 <= value <= 1)
        ear.say(listen, "/bela/gain", 0.5)
        page.wait(lambda variables: variables["gain"]["value"] == 0.5)
        assert bridge.end() == 0, str(bridge)
        page.wait(lambda variables: not variables["gain"]["controlled"] and not variables["pot1"]["monitor"])
    finally:
        bridge.kill()
        page.close()
        ear.close()


def played(folder, *tables):
    """The blocks of `sound` and `check_d` of the first half second, as arrays."""
    with LedBoard(built(EXAMPLE), folder, "--speed", 8) as board:
        board.open("control")
        board.send("control", '{"event":"connection-reply"}')
        for table in tables:
            board.send("data", struct.pack("<I4sI4x", 15, b"f", len(table)) + table.tobytes())
        board.send("control", '{"watcher":[{"cmd":"watch","watchers":["sound","check_d"]}]}')
        board.reach(22_064)
        blocks = {b"7/f": [], b"14/d": []}

        def come():
            return sum(header in blocks for header in board.data[::2]) >= 64

        wait_for(come, why=lambda: f"{len(board.data)} messages: {board.process}")
        for header, body in zip(board.data[::2], board.data[1::2], strict=False):
            assert len(body) == BODY_BYTES
            blocks[header].append(body)
    kinds = {b"7/f": "<f4", b"14/d": "<f8"}
    return [
        np.concatenate([np.frombuffer(b, kinds[h], offset=8) for b in bodies]) for h, bodies in blocks.items()
    ]


def test_every_frame_arrives_and_what_is_heard_has_the_frequency(tmp_path):
    sound, check = played(tmp_path)
    assert np.array_equal(check, check[0] + np.arange(len(check)))
    rising = np.flatnonzero((sound[:-1] < 0) & (sound[1:] >= 0))
    assert np.diff(rising).mean() == pytest.approx(44_100 / 440, rel=0.01)


def test_a_waveform_that_is_sent_is_what_is_heard(tmp_path):
    square = np.repeat(np.array([1, -1], "<f4"), 16)
    sound, _ = played(tmp_path, square)
    settled = np.abs(sound[8_000:])
    assert np.median(settled) == pytest.approx(0.8, abs=0.01)  # the gain, most of the time
    sine, _ = played(tmp_path)
    assert np.median(np.abs(sine[8_000:])) < 0.7


@pytest.mark.parametrize("nonsense", [np.nan, np.inf, -np.inf, 3e38])
def test_no_waveform_silences_it_for_good(tmp_path, nonsense):
    square = np.repeat(np.array([1, -1], "<f4"), 16)
    sound, _ = played(tmp_path, np.full(4, nonsense, "<f4"), square)
    assert np.median(np.abs(sound[8_000:])) == pytest.approx(0.8, abs=0.01)
    sound, _ = played(tmp_path, np.full(4, nonsense, "<f4"))
    assert np.all(np.abs(sound) <= 1)


def test_a_sound_file_comes_in_and_one_goes_out(tmp_path):
    command = built(EXAMPLE)
    out = tmp_path / "out.wav"
    first = Running(
        *command, "--port", 0, "--folder", tmp_path, "--frames", 44_100, "--speed", 0, "--output", out
    )
    assert first.code() == 0, str(first)
    assert out.stat().st_size == pytest.approx(2 * 4 * 44_100, abs=1000)
    second = Running(*command, "--port", 0, "--folder", tmp_path, "--input", out)
    try:
        page = Page(second.wait_out(r" on (\S+);")[1])
        page.wait(lambda variables: variables["counter"]["value"] >= 1)
        page.close()
        assert second.end() == 0
    finally:
        second.kill()


def test_a_port_in_use_is_said_and_ends_it(board, tmp_path):
    second = Running(*built(EXAMPLE), "--port", board.rsplit(":", 1)[1], "--folder", tmp_path)
    assert second.code() == 1
    assert any("choose another port with --port" in line for line in second.err)
