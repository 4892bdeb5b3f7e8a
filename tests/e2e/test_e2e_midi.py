"""MIDI through the real daemon, with real ports on JACK and a simulated board."""

from __future__ import annotations

import time

import pytest
from midi_board import SETTABLE, midi_program

from belabridge.sim.faults import Stall
from jackd import JackServer, Peer
from processes import BELABRIDGE, wait_for
from terminal import in_a_terminal

QUIET_S = 0.6  # twice the time after which feedback speaks


@pytest.fixture(scope="module")
def server():
    server = JackServer(is_synchronous=True).start()  # a busy machine must lose no message that a test sends
    yield server
    server.stop()


@pytest.fixture
def korg(server):
    peer = Peer(server, "korg")
    yield peer
    peer.close()


class Play:
    """A board, a daemon and a controller that work together."""

    def __init__(self, stage, server, port, **config):
        self.board = stage.board(midi_program())
        self.ear = stage.ear()
        self.port, self.stage, self.server = port, stage, server
        self.base = {
            "board": self.board.address,
            "osc": {"listen": port, "send": f"127.0.0.1:{self.ear.port}"},
            "midi": {"in": "korg", "out": "korg"},
            "out": [],
            "in": [],
        }
        self.path = stage.config(**self.base | config)
        self.bridge = stage.bridge(self.path, environ=server.environ).ready()
        self.page = stage.page(self.board.address)

    def open(self, ways=("in", "out")):
        """Wait until the wished ports are open."""
        self.bridge.wait_status(lambda s: all(port["ports"] for way in ways for port in s["midi"][way]))
        return self

    def becomes(self, name, value):
        self.page.wait(lambda v: v[name]["value"] == pytest.approx(value, rel=1e-6, abs=1e-6))

    def change(self, **config):
        self.stage.config(**self.base | config)
        done = self.bridge.reload()
        assert done.returncode == 0, done.stderr


@pytest.fixture
def play(stage, server, korg, port):
    return lambda **config: Play(stage, server, port, **config)


def heard(peer, *messages, after=0):
    """Wait for messages in this order, with others between them."""

    def found():
        rest = iter(peer.messages[after:])
        return all(any(message == one for one in rest) for message in messages)

    wait_for(found, why=lambda: f"{messages} are not in {peer.messages[after:]}")


KEY = {"pitch": "note", "velocity": "amp", "gate": "gate"}


def in_rules():
    return [
        {"midi": {"cc": 1}, "var": "cutoff", "scale": {"to": [20, 20000], "curve": "exp"}},
        {"midi": {"cc14": 2}, "var": "tone"},
        {"midi": {"nrpn": 1024, "bits": 14}, "var": "depth"},
        {"midi": {"note": "any", "channel": "any"}, "var": KEY},
        {"midi": {"cc": 16, "relative": "twos"}, "var": "freq", "step": 1.0},
        {"midi": {"cc": 64}, "var": "hold", "mode": "toggle"},
        {"midi": "bend", "var": "gain"},
    ]


MOVES = {
    "a knob, by ear": ([b"\xb0\x01\x40"], "cutoff", (20 * 20000) ** 0.5),
    "a pair of 14 bits": ([b"\xb0\x02\x40", b"\xb0\x22\x00"], "tone", 0.5),
    "the top of a pair": ([b"\xb3\x02\x7f", b"\xb3\x22\x7f"], "tone", 1.0),
    "an NRPN": ([b"\xb0\x63\x08", b"\xb0\x62\x00", b"\xb0\x06\x7f", b"\xb0\x26\x7f"], "depth", 1.0),
    "a key's pitch": ([b"\x94\x3c\x7f"], "note", 60),
    "a key's velocity": ([b"\x94\x3c\x40"], "amp", 0.5),
    "a key's gate": ([b"\x94\x3c\x40"], "gate", 1),
    "steps up": ([b"\xb0\x10\x01", b"\xb0\x10\x02"], "freq", 3),
    "steps down": ([b"\xb0\x10\x7f"], "freq", 2),
    "a toggle": ([b"\xb0\x40\x7f", b"\xb0\x40\x00"], "hold", 1),
    "a wheel in the middle": ([b"\xe0\x00\x40"], "gain", 0.5),
    "a wheel at its end": ([b"\xe7\x7f\x7f"], "gain", 1.0),
}


def test_a_controller_sets_variables(play, korg):
    on = play(**{"in": in_rules()}).open()
    for messages, name, value in MOVES.values():
        korg.send(*messages)
        on.becomes(name, value)
        korg.send(*(bytes((m[0] - 0x10, m[1], 0)) for m in messages if m[0] >> 4 == 9))  # let keys go
    status = on.bridge.status()
    assert all(rule["received"] for rule in status["in"])
    assert on.board.harm == []
    on.bridge.end()


def test_the_board_plays_and_lights(play, korg):
    on = play(
        out=[
            {"var": "gain", "midi": {"cc": 20, "channel": 1}},
            {"var": "tone", "midi": {"cc14": 21, "channel": 2}},
            {"var": "depth", "midi": {"nrpn": 1024, "channel": 3, "bits": 14}},
            {"var": "freq", "midi": "bend"},
            {"var": "gate", "midi": {"note": 36, "channel": 10, "on": 0.5, "off": 0.4, "velocity": "amp"}},
        ],
        **{"in": [{"osc": f"/{name}", "var": name} for name in SETTABLE]},
    ).open()
    at = len(korg.messages)
    on.ear.say(on.port, "/gain", 0.5)
    heard(korg, b"\xb0\x14\x40", after=at)
    on.ear.say(on.port, "/tone", 1.0)
    heard(korg, b"\xb1\x15\x7f", b"\xb1\x35\x7f", after=at)
    on.ear.say(on.port, "/depth", 0.5)
    # the selectors came with the first value, and still hold when this one follows soon
    heard(korg, b"\xb2\x63\x08", b"\xb2\x62\x00", b"\xb2\x06\x40", b"\xb2\x26\x00")
    on.ear.say(on.port, "/freq", 1.0)
    heard(korg, b"\xe0\x7f\x7f", after=at)
    on.ear.say(on.port, "/amp", 1.0)
    on.becomes("amp", 1.0)
    on.ear.say(on.port, "/gate", 1.0)
    heard(korg, b"\x99\x24\x7f", after=at)
    on.ear.say(on.port, "/gate", 0.45)  # between on and off nothing changes
    on.ear.say(on.port, "/gain", 0.25)
    heard(korg, b"\xb0\x14\x20", after=at)
    assert not note_offs(korg, after=at)
    on.ear.say(on.port, "/gate", 0.1)
    wait_for(lambda: note_offs(korg, after=at) == [(10, 36)])
    on.bridge.end()


def note_offs(peer, after=0):
    """(channel, note) of all that ended."""
    return [
        (message[0] % 16 + 1, message[1])
        for message in peer.messages[after:]
        if message[0] >> 4 == 8 or (message[0] >> 4 == 9 and message[2] == 0)
    ]


LINK = {"links": [{"var": "gain", "midi": {"cc": 7}, "osc": "/gain", "takeover": "pickup", "feedback": True}]}


def test_a_motor_fader_follows_and_is_never_fought(play, korg):
    on = play(links=[LINK["links"][0] | {"takeover": "jump"}]).open()  # its motor has brought it there
    at = len(korg.messages)
    on.ear.say(on.port, "/gain", 1.0)
    heard(korg, b"\xb0\x07\x7f", after=at)  # it moves to where the variable is
    at = len(korg.messages)
    for value in range(126, 63, -1):  # a hand moves it
        korg.send(bytes((0xB0, 7, value)))
    on.becomes("gain", 0.5)
    time.sleep(QUIET_S)  # nothing may come: there is no event to wait for
    assert set(korg.messages[at:]) <= {b"\xb0\x07\x40"}, "only the true value, after the hand has gone"
    on.ear.say(on.port, "/gain", 0.0)
    heard(korg, b"\xb0\x07\x00", after=at)
    on.bridge.end()


def test_a_fader_without_a_motor_picks_the_value_up(play, korg):
    on = play(**LINK).open(["in"])
    on.ear.say(on.port, "/gain", 0.5)
    on.becomes("gain", 0.5)
    for value in (0, 10, 20):  # below: it has not met the value yet
        korg.send(bytes((0xB0, 7, value)))
    on.bridge.wait_status(lambda s: any(rule["received"] >= 3 for rule in s["in"]))
    assert on.page.wait(lambda v: v["gain"])["gain"]["value"] == pytest.approx(0.5)
    korg.send(b"\xb0\x07\x7f")  # it crossed the value on its way
    on.becomes("gain", 1.0)
    on.bridge.end()


def test_a_fader_is_taken_over_where_its_motor_has_brought_it(play, korg):
    on = play(**LINK).open()
    at = len(korg.messages)
    on.ear.say(on.port, "/gain", 1.0)
    heard(korg, b"\xb0\x07\x7f", after=at)  # it moves there, and a hand takes it from there
    for value in (126, 120, 110, 64):
        korg.send(bytes((0xB0, 7, value)))
    on.becomes("gain", 0.5)
    on.bridge.end()


def test_changes_turn_an_encoder_and_a_parameter(play, korg):
    on = play(
        out=[
            {"var": "gain", "midi": {"cc": 16, "relative": "twos"}, "step": 0.125},
            {"var": "tone", "midi": {"nrpn": 1024, "relative": True}, "step": 0.5},
        ],
        **{"in": [{"osc": f"/{name}", "var": name} for name in ("gain", "tone")]},
    ).open()
    for name, value in (("gain", 0.25), ("tone", 0.5), ("gain", 0.75), ("gain", 0.625), ("tone", 0.0)):
        on.ear.say(on.port, f"/{name}", value)
        on.becomes(name, value)
    nrpn = [b"\xb0\x63\x08", b"\xb0\x62\x00", b"\xb0\x60\x01", b"\xb0\x61\x01"]
    heard(korg, *nrpn)

    def turned():
        raw = [m[2] for m in korg.messages if m[:2] == b"\xb0\x10"]
        return sum(one - 128 * (one > 63) for one in raw)

    wait_for(lambda: turned() == 5, why=lambda: f"{korg.messages}")
    on.bridge.end()


GATE = {
    "out": [{"var": "gate", "midi": {"note": 36, "channel": 10}}],
    "in": [{"osc": "/gate", "var": "gate"}],
}


def sounding(play, korg, **more):
    on = play(**GATE | more).open()
    at = len(korg.messages)
    on.ear.say(on.port, "/gate", 1.0)
    wait_for(lambda: any(message[:2] == b"\x99\x24" and message[2] for message in korg.messages[at:]))
    return on, len(korg.messages)


@pytest.mark.parametrize("number", [15, 2])
def test_what_sounds_ends_with_the_daemon(play, korg, number):
    on, at = sounding(play, korg)
    on.bridge.end(number)
    heard(korg, b"\xb9\x7b\x00", after=at)
    assert note_offs(korg, after=at) == [(10, 36)]


def test_what_sounds_ends_with_its_rule(play, korg):
    on, at = sounding(play, korg)
    on.change(**GATE | {"out": []})
    wait_for(lambda: note_offs(korg, after=at) == [(10, 36)])
    on.bridge.end()


def test_notes_whose_gates_stay_open_begin_anew_at_a_reload(play, korg):
    on, at = sounding(play, korg)
    (gate,) = GATE["out"]
    for more in ([{"var": "hold", "midi": {"note": 40}}], [{"var": "hold", "midi": {"cc": 40}}]):
        on.change(**GATE | {"out": [gate, *more]})
        heard(korg, b"\x89\x24\x40", b"\xb9\x7b\x00", b"\x99\x24\x64", after=at)
        at = len(korg.messages)
    on.bridge.end()
    assert note_offs(korg, after=at) == [(10, 36)]


def test_a_reload_tells_every_control_again(play, korg):
    rules = {
        "out": [{"var": "gain", "midi": {"cc": 7}}, *GATE["out"]],
        "in": [{"osc": "/gain", "var": "gain"}, *GATE["in"]],
    }
    on, _ = sounding(play, korg, **rules)
    on.ear.say(on.port, "/gain", 0.5)
    heard(korg, b"\xb0\x07\x40")
    for change in ({}, {"osc": on.base["osc"] | {"prefix": "/other"}}, {"log": {"level": "debug"}}):
        at = len(korg.messages)
        on.change(**rules | change)
        heard(korg, b"\xb0\x07\x40", after=at)
        assert note_offs(korg, after=at) == [], "nothing of MIDI has changed"
    on.bridge.end()


def test_what_sounds_ends_with_its_port(play, korg):
    on, at = sounding(play, korg)
    on.change(**GATE | {"midi": {"in": "korg", "out": "none"}, "out": []})
    wait_for(lambda: note_offs(korg, after=at) == [(10, 36)])
    on.bridge.end()


def test_what_sounds_ends_with_the_board(play, korg):
    on, at = sounding(play, korg)
    on.board.close_now()
    wait_for(lambda: note_offs(korg, after=at) == [(10, 36)])
    on.bridge.end()


def test_panic_ends_what_sounds(play, korg):
    on, at = sounding(play, korg)
    done = on.stage.once("panic")
    assert (done.returncode, done.stdout) == (0, "silence\n"), done.stderr
    wait_for(lambda: note_offs(korg, after=at) == [(10, 36)])
    heard(korg, b"\xb0\x78\x00", b"\xb0\x7b\x00", after=at)
    at = len(korg.messages)
    for value in (1.0, 0.9, 1.0):  # the gate stays open
        on.ear.say(on.port, "/gate", value)
        on.becomes("gate", value)
    time.sleep(QUIET_S)  # nothing may come: there is no event to wait for
    assert [m for m in korg.messages[at:] if m[0] >> 4 == 9] == []
    on.ear.say(on.port, "/gate", 0.0)
    on.becomes("gate", 0.0)
    on.ear.say(on.port, "/gate", 1.0)
    heard(korg, b"\x99\x24\x64", after=at)
    on.bridge.end()


def test_a_panic_is_silence_though_the_pitch_moves_on_and_lamps_stay_lit(play, korg):
    lamp = {"midi": {"note": 40, "channel": 1}, "var": "hold", "mode": "toggle", "feedback": True}
    on = play(
        out=[{"var": "gate", "midi": {"note": "note", "channel": 10}}],
        links=[lamp | {"osc": "/hold"}],
        **{"in": [{"osc": f"/{name}", "var": name} for name in ("gate", "note")]},
    ).open()
    on.ear.say(on.port, "/note", 60.0)
    on.becomes("note", 60.0)
    on.ear.say(on.port, "/gate", 1.0)
    on.ear.say(on.port, "/hold", 1.0)
    heard(korg, b"\x99\x3c\x64")
    heard(korg, b"\x90\x28\x7f")
    at = len(korg.messages)
    assert on.stage.once("panic").stdout == "silence\n"
    heard(korg, b"\xbf\x7b\x00", b"\x90\x28\x7f", after=at)
    at = len(korg.messages)
    on.ear.say(on.port, "/note", 64.0)
    on.becomes("note", 64.0)
    on.ear.say(on.port, "/hold", 0.0)
    heard(korg, b"\x80\x28\x40", after=at)  # said after the pitch
    assert [m for m in korg.messages[at:] if m[0] >> 4 == 9] == []
    on.ear.say(on.port, "/gate", 0.0)
    on.becomes("gate", 0.0)
    on.ear.say(on.port, "/gate", 1.0)
    heard(korg, b"\x99\x40\x64", after=at)
    on.bridge.end()


@pytest.mark.parametrize("ports", ["/korg/", ["zzz", "/korg/"], "zzz"])
def test_keys_are_let_go_when_a_reload_drops_the_name_of_their_port(play, korg, ports):
    rules = [{"midi": {"note": "any"}, "var": KEY}]
    on = play(**{"in": rules}).open()
    korg.send(b"\x90\x3c\x40")
    on.becomes("gate", 1)
    on.change(midi={"in": ports, "out": "korg"}, **{"in": rules})
    on.becomes("gate", 0)
    on.bridge.end()


def test_a_controller_that_comes_later_and_comes_back(play, server, korg):
    on = play(midi={"in": "late", "out": "late"}, **{key: LINK[key] for key in LINK})
    for _ in range(2):
        peer = Peer(server, "late")
        try:
            on.open()
            on.ear.say(on.port, "/gain", 0.0)
            heard(peer, b"\xb0\x07\x00")
            peer.send(b"\xb0\x07\x00", b"\xb0\x07\x7f")
            on.becomes("gain", 1.0)
        finally:
            peer.close()
        on.bridge.wait_status(lambda s: not any(p["ports"] for p in s["midi"]["in"] + s["midi"]["out"]))
    peer = Peer(server, "late")
    try:
        heard(peer, b"\xb0\x07\x7f")  # what the variable is, without anybody moving
    finally:
        peer.close()
    on.bridge.end()


def test_a_virtual_port_that_others_connect_to(play, server, korg):
    on = play(
        midi={"out": {"name": "belabridge", "virtual": True}},
        out=[{"var": "gain", "midi": {"cc": 20}}],
        **{"in": [{"osc": "/gain", "var": "gain"}]},
    ).open(["out"])
    (ours,) = [name for name in server.ports() if name.startswith("belabridge")]
    server.connect(ours, "korg:in")
    on.ear.say(on.port, "/gain", 1.0)
    heard(korg, b"\xb0\x14\x7f")
    on.bridge.end()


def test_without_midi_there_is_one_warning_and_osc_goes_on(stage, port):
    board, ear = stage.board(midi_program()), stage.ear()
    config = stage.config(
        board=board.address,
        osc={"listen": port, "send": f"127.0.0.1:{ear.port}"},
        midi={"in": "korg", "out": "korg"},
        out=[{"var": "ramp"}, {"var": "ramp", "midi": {"cc": 1}}],
        **{"in": [{"osc": "/gain", "var": "gain"}]},
    )
    nobody = {"JACK_DEFAULT_SERVER": "nobody", "JACK_NO_START_SERVER": "1"}
    bridge = stage.bridge(config, environ=nobody).ready()
    ear.wait("/bela/ramp")
    ear.say(port, "/gain", 0.25)
    stage.page(board.address).wait(lambda v: v["gain"]["value"] == 0.25)
    bridge.process.wait_err("no MIDI on this machine")
    assert len([line for line in bridge.warnings if "MIDI" in line]) == 1
    bridge.end()


def test_a_stalled_board_holds_up_no_midi_to_the_board_for_ever(play, korg):
    on = play(**{"in": in_rules()}).open()
    on.board.inject(Stall(1.0))
    korg.send(b"\xb0\x01\x7f")
    on.becomes("cutoff", 20000)
    on.bridge.end()


def test_clock_and_transport_both_ways(play, korg):
    on = play(
        midi={"in": "korg", "out": "korg", "clock": 120},
        out=[{"var": "gate", "midi": "start"}],
        **{"in": [{"osc": "/gate", "var": "gate"}, {"midi": "start", "var": "hold"}]},
    ).open()
    wait_for(lambda: korg.messages.count(b"\xf8") >= 49)
    ticks = [at for at, message in korg.got if message == b"\xf8"][:49]
    assert ticks[48] - ticks[0] == pytest.approx(1.0, abs=0.1)  # 120 beats a minute of 24 ticks
    on.ear.say(on.port, "/gate", 1.0)
    heard(korg, b"\xfa")
    korg.send(b"\xfa")
    on.becomes("hold", 1.0)
    korg.send(b"\xfc")
    on.becomes("hold", 0.0)
    on.bridge.end()


KNOB = [bytes((0xB0, 0, value)) for value in range(128)]


def test_learn_writes_the_rule_and_the_running_daemon_takes_it(play, korg):
    on = play()
    process = on.stage.belabridge("learn", on.path, "gain", "--jump", environ=on.server.environ)
    process.wait_err("move the control for gain")
    korg.send(*KNOB)
    assert process.code() == 0, str(process)
    assert process.out[-1] == "the running daemon has it: move the control"
    on.open(["in"])
    korg.send(b"\xb0\x00\x40")
    on.becomes("gain", 0.5)
    assert on.bridge.status()["board"]["reconnects"] == 0
    on.bridge.end()


def test_learn_knows_the_boards_variables(play, korg):
    on = play()
    done = on.stage.once("learn", on.path, "gian", environ=on.server.environ)
    assert done.returncode == 1
    assert "did you mean gain?" in done.stderr
    on.bridge.end()


def test_learn_in_a_terminal_by_the_arrow_keys(play, korg):
    on = play()
    environ = on.stage.environ | on.server.environ
    with in_a_terminal([BELABRIDGE, "learn", on.path], environ) as terminal:
        terminal.shows(rb"Which variable\?.*>[^\n]*ramp")
        terminal.type(b"\x1b[B")  # down: cutoff
        terminal.shows(rb">[^\n]*cutoff")
        terminal.type(b"g")  # gate, gain
        terminal.shows(rb">[^\n]*gate")
        terminal.type(b"\x1b[B\r")
        terminal.shows(rb"move the control for gain")
        korg.send(*KNOB)
        terminal.shows(rb"the running daemon has it")
    on.open(["in"])
    korg.send(b"\xb0\x00\x00", b"\xb0\x00\x7f")
    on.becomes("gain", 1.0)
    on.bridge.end()
