"""``belabridge midi``, ``midi monitor`` and ``panic``, with real ports on JACK."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from jackd import JackServer, Peer
from processes import BELABRIDGE, Running, wait_for


@pytest.fixture(scope="module")
def server():
    server = JackServer().start()
    yield server
    server.stop()


@pytest.fixture
def korg(server):
    peer = Peer(server, "nanoKONTROL2")
    yield peer
    peer.close()


@pytest.fixture
def environ(server, tmp_path):
    return os.environ | server.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "COLUMNS": "100"}


def once(environ, *words):
    return subprocess.run(
        [BELABRIDGE, *words], env=environ, capture_output=True, text=True, timeout=30, check=False
    )


def test_it_lists_ports_and_the_profiles_that_they_have(environ, korg):
    done = once(environ, "midi")
    assert done.returncode == 0, done.stderr
    ins, outs = done.stdout.split("out, for")
    assert "nanoKONTROL2:out  profile nanoKONTROL2" in ins
    assert "nanoKONTROL2:in  profile nanoKONTROL2" in outs
    assert "nanoKONTROL2:in " not in ins
    listed = json.loads(once(environ, "midi", "--json").stdout)
    assert [
        row["profile"] for row in listed["in"] if row["name"] == "nanoKONTROL2:out" and not row["own"]
    ] == ["nanoKONTROL2"]


def test_without_any_midi_it_says_what_to_do(environ):
    done = once(environ | {"JACK_DEFAULT_SERVER": "nobody"}, "midi")
    assert done.returncode == 1
    assert done.stderr.startswith("belabridge: no MIDI on this machine")
    assert "start a JACK server" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_monitor_says_in_words_what_comes(environ, korg, server):
    other = Peer(server, "keys")
    try:
        running = Running(BELABRIDGE, "midi", "monitor", "--count", "3", environ=environ)
        try:
            running.wait_err("hearing nanoKONTROL2:out")
            running.wait_err("hearing keys:out")
            korg.send(b"\xb0\x07\x40")
            running.wait_out(r"^ +\d+\.\d{3}  nanoKONTROL2:out  channel 1 .*cc 7 .* 64$")
            other.send(b"\xf8", b"\x99\x24\x64")  # clock is left out
            running.wait_out(r"keys:out  channel 10 .*note 36")
            korg.send(b"\xe0\x00\x40")
            assert running.code() == 0
            assert len(running.out) == 3
        finally:
            running.kill()
    finally:
        other.close()


def test_the_monitor_hears_only_what_is_named(environ, korg):
    running = Running(BELABRIDGE, "midi", "monitor", "nanokontrol", "--json", "--count", "1", environ=environ)
    try:
        running.wait_err("hearing nanoKONTROL2:out")
        korg.send(b"\xb0\x07\x40")
        assert running.code() == 0
        row = json.loads(running.out[0])
        assert (row["port"], row["bytes"]) == ("nanoKONTROL2:out", [0xB0, 7, 64])
    finally:
        running.kill()


def test_the_monitor_hears_all_ports_that_a_regular_expression_fits(environ, korg, server):
    others = [Peer(server, name) for name in ("nanoPAD", "keys")]
    words = ("midi", "monitor", "/^nano(KONTROL|pad)/", "--count", "2")
    running = Running(BELABRIDGE, *words, environ=environ)
    try:
        running.wait_err("hearing nanoKONTROL2:out")
        running.wait_err("hearing nanoPAD:out")
        others[1].send(b"\xb0\x01\x40")
        korg.send(b"\xb0\x07\x40")
        running.wait_out("nanoKONTROL2:out")
        others[0].send(b"\xb0\x07\x40")
        assert running.code() == 0
        assert running.out[-1].split()[1] == "nanoPAD:out"
        assert not [line for line in running.err if "keys" in line]
    finally:
        running.kill()
        for other in others:
            other.close()


@pytest.mark.parametrize(
    ("name", "why"), [("/nano", "between slashes"), ("/na(no/", "no regular expression")]
)
@pytest.mark.parametrize("words", [("midi", "monitor"), ("learn", "some.yaml", "gain", "--port")])
def test_half_a_regular_expression_is_refused(environ, words, name, why):
    done = once(environ, *words, name)
    assert done.returncode == 2
    assert why in " ".join(done.stderr.split())


def test_the_monitor_names_what_there_is_when_a_name_fits_nothing(environ, korg):
    done = once(environ, "midi", "monitor", "nobody")
    assert done.returncode == 1
    assert done.stderr.startswith("belabridge: no such MIDI port to hear: there are ")
    assert "nanoKONTROL2:out" in done.stderr


def test_what_another_belabridge_sends_is_heard_only_when_it_is_named_in_full(environ, korg, server):
    daemon = Peer(server, "belabridge")
    try:
        done = once(environ, "midi", "monitor", "belabridge")
        assert done.returncode == 1
        assert done.stderr.startswith("belabridge: no such MIDI port to hear: there are nanoKONTROL2:out;")
        assert "whole names: belabridge:out" in done.stderr
        words = ("midi", "monitor", "belabridge:out", "--count", "1")
        running = Running(BELABRIDGE, *words, environ=environ)
        try:
            running.wait_err("hearing belabridge:out")
            daemon.send(b"\xb0\x07\x40")
            assert running.code() == 0
        finally:
            running.kill()
        listed = json.loads(once(environ, "midi", "--json").stdout)
        assert [row["name"] for row in listed["in"] if row["own"]] == ["belabridge:out"]
        assert "belabridge:out    another belabridge's own" in once(environ, "midi").stdout
    finally:
        daemon.close()


def test_a_port_is_listed_with_its_aliases_and_their_profile(environ, server):
    port = Peer(server, "system2")
    try:
        port.alias("out", "nanoKONTROL2-24:midi/capture_1")
        listed = once(environ, "midi").stdout
        assert "system2:out  also nanoKONTROL2-24:midi/capture_1  profile nanoKONTROL2" in listed
    finally:
        port.close()


@pytest.mark.parametrize("words", [("midi", "monitor"), ("panic",)])
def test_without_any_midi_it_is_said_once(environ, words):
    done = once(environ | {"JACK_DEFAULT_SERVER": "nobody"}, *words)
    assert done.returncode == 1
    assert done.stderr.count("no MIDI on this machine") == 1
    assert "all else goes on" not in done.stderr


def test_panic_without_a_daemon_goes_to_all_ports(environ, korg):
    done = once(environ, "panic")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("no daemon runs: silence was sent to ")
    for channel in range(16):
        wait_for(lambda c=channel: bytes((0xB0 | c, 123, 0)) in korg.messages)


def test_panic_of_a_daemon_that_is_not_there(environ):
    done = once(environ, "panic", "--pid", "1")
    assert done.returncode == 1
    assert "no running belabridge is process 1" in done.stderr
