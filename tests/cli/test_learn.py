"""``belabridge learn`` with real ports on JACK: what is moved stands in the file, all else stays."""

from __future__ import annotations

import os
import subprocess
import threading
import time

import pytest

from jackd import JackServer, Peer
from processes import BELABRIDGE, Running, wait_for

BEFORE = """\
# The piece of tonight.
board: 127.0.0.1:1   # nobody

osc:
  listen: none
out: []
in:
  # the left hand
  - {osc: /freq, var: freq, scale: {to: [20, 2000], curve: exp}}   # by ear
"""


@pytest.fixture(scope="module")
def server():
    server = JackServer().start()
    yield server
    server.stop()


@pytest.fixture
def environ(server, tmp_path):
    return os.environ | server.environ | {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "COLUMNS": "100"}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "piece.yaml"
    path.write_text(BEFORE)
    return path


@pytest.fixture
def learn(environ, config, server):
    """Learn with a controller of some name that sends some messages, again until learn has had enough."""
    running = []

    def learned(words, messages, *, port="nanoKONTROL2", alias=None):
        peer = Peer(server, port)
        if alias is not None:
            peer.alias("out", alias)
        process = Running(BELABRIDGE, "learn", config, *words, environ=environ)
        running.append(process)
        process.wait_err(f"hearing {port}:out")
        process.wait_err("move the control for ")
        peer.send(*messages)
        assert process.code() == 0, str(process)
        peer.close()
        return process

    yield learned
    for process in running:
        process.kill()


def added(path):
    """The lines that are new; all others must be as they were."""
    lines = [line for line in path.read_text().splitlines() if line]
    before = [line for line in BEFORE.splitlines() if line]
    assert [line for line in lines if line in before] == before
    return [line for line in lines if line not in before]


SLIDE = [bytes((0xB0, 0, value)) for value in range(0, 128, 3)]


def test_a_slider_of_a_known_controller(learn, config):
    process = learn(["freq"], SLIDE)
    assert added(config) == [
        "midi:",
        "  in: nanoKONTROL2",
        "  - {midi: nanoKONTROL2.slider1, var: freq, scale: {to: [20, 2000], curve: exp}, takeover: pickup}",
    ]
    assert process.out[0].startswith("nanoKONTROL2:out: ")
    assert "knob or fader" in process.out[0]
    assert process.out[1].startswith(f"{config}:13: - {{midi: nanoKONTROL2.slider1, var: freq")
    assert process.out[2] == f"no daemon runs it: belabridge run {config}"
    check = subprocess.run([BELABRIDGE, "check", config], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout


def test_what_a_daemon_sends_is_no_hand(learn, config, server):
    daemon = Peer(server, "belabridge")
    sending = threading.Event()

    def send():
        while not sending.wait(0.01):
            daemon.send(bytes((0xB0, 20, time.monotonic_ns() // 10_000_000 % 128)))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        process = learn(["freq"], SLIDE)
    finally:
        sending.set()
        thread.join()
        daemon.close()
    assert not [line for line in process.err if "belabridge" in line]
    assert added(config)[1] == "  in: nanoKONTROL2"


def test_a_controller_that_only_an_alias_names(learn, config):
    learn(["freq"], SLIDE, port="system2", alias="nanoKONTROL2-24:midi/capture_1")
    assert added(config) == [
        "midi:",
        "  in: nanoKONTROL2",
        "  - {midi: nanoKONTROL2.slider1, var: freq, scale: {to: [20, 2000], curve: exp}, takeover: pickup}",
    ]


LEARNED = {
    "a knob of no profile": (
        [bytes((0xB2, 20, v)) for v in range(64)],
        "{cc: 20, channel: 3}",
        ", takeover: pickup",
    ),
    "an encoder": (
        [b"\xb0\x10\x01"] * 6 + [b"\xb0\x10\x7f"] * 6,
        "{cc: 16, channel: 1, relative: twos}",
        ", step: 0.01",
    ),
    "a pad": ([b"\x99\x24\x64", b"\x89\x24\x00"], "{note: 36, channel: 10}", ""),
    "a pair of 14 bits": (
        [bytes((0xB0, n, v)) for v in range(40, 80) for n in (2, 34)],
        "{cc14: 2, channel: 1}",
        ", takeover: pickup",
    ),
    "a wheel": ([bytes((0xE0, 0, v)) for v in range(64, 100)], "{bend: true, channel: 1}", ""),
}


@pytest.mark.parametrize("case", LEARNED)
def test_other_controls(learn, config, case):
    messages, midi, more = LEARNED[case]
    learn(["gain"], messages, port="Odd Box")
    assert added(config) == ["midi:", '  in: "Odd Box"', f"  - {{midi: {midi}, var: gain{more}}}"]


def test_another_control_takes_the_place_of_the_first(learn, config):
    learn(["gain"], SLIDE)
    first = config.read_text()
    learn(["gain"], [bytes((0xB0, 5, value)) for value in range(0, 128, 3)], port="nanoKONTROL2")
    assert config.read_text() == first.replace("nanoKONTROL2.slider1", "nanoKONTROL2.slider6")


def test_a_second_controller_is_told_apart_by_its_port(learn, config):
    learn(["gain"], SLIDE)
    learn(["gain", "--another", "--jump"], SLIDE, port="Odd Box")
    assert added(config) == [
        "midi:",
        '  in: [nanoKONTROL2, "Odd Box"]',
        "  - {midi: nanoKONTROL2.slider1, var: gain, takeover: pickup}",
        '  - {midi: {cc: 0, channel: 1, port: "Odd Box"}, var: gain}',
    ]


def once(environ, *words):
    return subprocess.run(
        [BELABRIDGE, "learn", *words],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_without_a_terminal_the_variable_must_be_named(environ, config):
    done = once(environ, config)
    assert done.returncode == 2
    assert "which variable? For example: belabridge learn" in done.stderr


def test_a_config_with_faults_is_told_before_anything_is_moved(environ, config):
    config.write_text("in:\n- {osc: /a, vra: gain}\n")
    done = once(environ, config, "gain")
    assert done.returncode == 78
    assert "unknown key `vra`" in done.stderr


def test_without_midi_nothing_is_learned(environ, config):
    done = once(environ | {"JACK_DEFAULT_SERVER": "nobody", "JACK_NO_START_SERVER": "1"}, config, "gain")
    assert done.returncode == 1
    assert "no MIDI on this machine" in done.stderr
    assert config.read_text() == BEFORE


def test_ctrl_c_leaves_everything_as_it_is(environ, config, server):
    peer = Peer(server, "nanoKONTROL2")
    try:
        process = Running(BELABRIDGE, "learn", config, "gain", environ=environ)
        process.wait_err("move the control for ")
        assert process.end(2) == 130
        assert "Traceback" not in "\n".join(process.err)
        assert config.read_text() == BEFORE
        wait_for(lambda: not [name for name in server.ports() if name.startswith("belabridge")])
    finally:
        peer.close()
