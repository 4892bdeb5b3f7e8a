"""A board, a plan and the ends put together: a simulated board on one side, UDP sockets on the other."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from websockets.asyncio.client import connect

from belabridge.bridge import HANDS_LOOK_S, Bridge
from belabridge.controls import Control, Kind
from belabridge.errors import CannotListen, PortInUse, UsageError
from belabridge.osc.codec.reader import Reader
from belabridge.osc.codec.writer import message
from belabridge.rules import Destination, InRule, MidiIn, OscOut, OutRule, Scale, Shape, Take, Takeover
from belabridge.settings.config import Config, OscSettings
from belabridge.sim.programs.captures import bela_test_send
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables
from belabridge.sim.server import SimServer
from belabridge.values import Address, VarType
from waiting import until


class Patch:
    """A program that speaks OSC: hears on its port, and sends from it."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)  # noqa: FBT003  # the socket module's own signature
        self.port = self.socket.getsockname()[1]
        self.heard = []

    def listen(self):
        """All messages that have arrived so far."""
        while True:
            try:
                packet = Reader().read(self.socket.recv(65536))
            except BlockingIOError:
                return self.heard
            self.heard += getattr(packet, "elements", [packet])

    def values(self, address):
        return [m.args[0] for m in self.listen() if m.address == address]

    def say(self, bridge, address, *args, tags=None):
        self.shout(bridge, message(address, args, tags))

    def shout(self, bridge, data):
        self.socket.sendto(data, ("127.0.0.1", bridge.server.port))


@pytest.fixture
def patch():
    made = Patch()
    yield made
    made.socket.close()


@pytest.fixture
def other():
    made = Patch()
    yield made
    made.socket.close()


def config(sim, *patches, out=None, in_=None, listen=("127.0.0.1", 0), bundle=False):
    ends = tuple(Destination(f"patch{i}", "127.0.0.1", p.port, bundle) for i, p in enumerate(patches))
    return Config(
        board=(Address(sim.host, sim.port),),
        osc=OscSettings(listen=listen, destinations=ends),
        out=out,
        in_=in_,
    )


@asynccontextmanager
async def bridged(wanted):
    bridge = Bridge(wanted)
    await bridge.start()
    try:
        yield bridge
    finally:
        await bridge.stop()


async def test_without_rules_everything_goes_out_and_can_be_set(patch):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch)) as bridge:
        names = {"pot1", "pot2", "mic", "trigger", "counter", "gain", "freq"}
        await until(lambda: {m.address for m in patch.listen()} == {f"/bela/{name}" for name in names})
        assert {m.tags for m in patch.heard} == {"f"}
        patch.say(bridge, "/bela/freq", 220.0)
        await until(lambda: bridge.variables["freq"].controlled and bridge.variables["freq"].value == 220.0)


async def test_an_output_may_leave_only_its_address_open(patch):
    rules = [OutRule("gain", osc=OscOut("", ("patch0",), "i"))]
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=rules, in_=())):
        await until(lambda: {(m.address, m.tags) for m in patch.listen()} == {("/bela/gain", "i")})


async def test_what_is_set_goes_to_the_others_and_not_back(patch, other):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, other)) as bridge:
        await until(lambda: patch.values("/bela/gain") and other.values("/bela/gain"))
        patch.say(bridge, "/bela/gain", 0.25)
        await until(lambda: 0.25 in other.values("/bela/gain"))
        assert 0.25 not in patch.values("/bela/gain")


async def test_a_question_is_answered_to_the_asker_only(patch, other):
    async with SimServer(default_program()) as sim, bridged(config(sim, other)) as bridge:
        await until(lambda: other.values("/bela/freq"))
        asked = len(other.values("/bela/freq"))
        patch.say(bridge, "/bela/freq")
        await until(lambda: patch.values("/bela/freq") == [440.0])
        assert len(other.values("/bela/freq")) == asked


async def test_a_pattern_asks_and_sets_all_that_it_matches(patch):
    rules = [InRule("/synth/gain", var="gain"), InRule("/synth/freq", var="freq"), InRule("/x", var="pot1")]
    async with SimServer(default_program()) as sim, bridged(config(sim, out=(), in_=rules)) as bridge:
        await until(lambda: bridge.variables)
        patch.shout(bridge, b"/synth/*\0\0\0\0,f\0\0\x3f\0\0\0")
        await until(lambda: bridge.variables["gain"].value == bridge.variables["freq"].value == 0.5)
        assert not bridge.variables["pot1"].controlled


async def test_every_sample_arrives_once_with_its_frame(patch):
    rules = [OutRule("v0", Take.ALL, None, osc=OscOut("/v", form="blob"))]
    async with SimServer(many_variables(1)) as sim, bridged(config(sim, patch, out=rules, in_=())):
        await until(lambda: len(patch.listen()) >= 20)
    frame = None
    for heard in patch.heard:
        start, blob = heard.args
        values = np.frombuffer(blob, ">f4")
        assert frame in {None, start}, "no gap, nothing twice"
        assert np.array_equal(values, expected(0, np.arange(start, start + len(values), dtype=np.uint64)))
        frame = start + len(values)


async def test_a_statistic_is_of_all_samples(patch):
    rules = [
        OutRule("v0", take, 20.0, osc=OscOut(f"/{take}", form="d"))
        for take in (Take.MIN, Take.MAX, Take.MEAN)
    ]
    async with SimServer(many_variables(1)) as sim, bridged(config(sim, patch, out=rules, in_=())):
        await until(lambda: all(len(patch.values(f"/{rule.take}")) >= 5 for rule in rules))
    lows, highs, means = (patch.values(f"/{rule.take}") for rule in rules)
    for low, high, mean in zip(lows, highs, means, strict=False):
        assert low < mean < high


async def test_a_timed_log_of_another_client_puts_no_zero_into_samples_and_statistics(patch):
    blobs = OutRule("v1", take=Take.ALL, osc=OscOut("/all", form="blob"))
    least = OutRule("v1", take=Take.MIN, rate_hz=50.0, osc=OscOut("/min"))
    wanted = many_variables(2)
    async with (
        SimServer(wanted, original=True, speed=2) as sim,
        bridged(config(sim, patch, out=[blobs, least], in_=())) as bridge,
        connect(f"ws://{sim.host}:{sim.port}/gui_control", compression=None, proxy=None) as another,
    ):
        await until(lambda: len(patch.values("/min")) > 5)
        start = sim.board.frame + 20_000
        log = {"cmd": "log", "watchers": ["v1"], "timestamps": [start], "durations": [30_300]}
        await another.send(json.dumps({"watcher": [log]}))
        await until(lambda: patch.values("/min") and patch.values("/min")[-1] > start + 1000 + 40_000)
        assert bridge.tally.counts["board.padded"] == 0
    for args in (m.args for m in patch.heard if m.address == "/all"):
        values = np.frombuffer(args[1], ">f4")
        assert np.array_equal(values, expected(1, np.arange(args[0], args[0] + len(values), dtype=np.uint64)))
    mins = patch.values("/min")
    assert min(mins) > 0
    assert mins == sorted(mins)


async def test_scales_mean_the_same_both_ways(patch):
    shape = Shape(scale=Scale((0.0, 127.0), (0.0, 1.0)), clip=(0.0, 1.0))
    back = Shape(scale=Scale((0.0, 1.0), (0.0, 127.0)))
    out = [OutRule("gain", shape=back, osc=OscOut("/gain"), echo=True)]
    async with (
        SimServer(default_program()) as sim,
        bridged(config(sim, patch, out=out, in_=[InRule("/gain", var="gain", shape=shape)])) as bridge,
    ):
        await until(lambda: patch.values("/gain"))
        patch.say(bridge, "/gain", 127)
        await until(lambda: patch.values("/gain")[-1] == 127.0)
        patch.say(bridge, "/gain", 1000)
        patch.say(bridge, "/gain", 0)
        await until(lambda: patch.values("/gain")[-1] == 0.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
async def test_what_is_no_number_never_reaches_the_board(patch, value, caplog):
    async with SimServer(default_program()) as sim, bridged(config(sim)) as bridge:
        await until(lambda: bridge.variables)
        for _ in range(50):
            patch.say(bridge, "/bela/gain", value)
        patch.say(bridge, "/bela/freq", 220.0)
        await until(lambda: bridge.variables["freq"].controlled)
        assert not bridge.variables["gain"].controlled
        assert bridge.tally.counts["mapping.not_finite"] == 50
    assert len([r for r in caplog.records if r.levelno >= logging.WARNING]) == 1


async def test_arguments_become_a_buffer_on_the_board(patch):
    rules = [InRule("/play", buffer=0, buffer_type=VarType.FLOAT)]
    out = [OutRule("myvar1", Take.ALL, None, osc=OscOut("/heard"))]
    async with (
        SimServer(bela_test_send(), original=True) as sim,
        bridged(config(sim, patch, out=out, in_=rules)) as bridge,
    ):
        await until(lambda: bridge.variables)
        values = [float(i) for i in range(1, 301)]
        async with asyncio.timeout(5):
            while not patch.listen():
                patch.say(bridge, "/play", *values, tags="f" * 300)
                await asyncio.sleep(0.01)  # a buffer is not acknowledged: say it until its values are back
        assert list(patch.heard[0].args[1:11]) == values[:10]


async def test_a_buffer_is_filled_by_its_name(patch, caplog):
    rules = [
        InRule("/play", buffer="table"),
        InRule("/wrong", buffer="tabel"),
        InRule("/pot", buffer=0, buffer_type=VarType.FLOAT),
    ]
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=(), in_=rules)) as bridge:
        await until(lambda: bridge.board)

        def taken():
            bridge.link.look_soon()
            return bridge.board.arrays[0].received

        patch.say(bridge, "/play", 0.5, -0.5)
        await until(lambda: taken() == 1)
        patch.say(bridge, "/wrong", 0.5)
        patch.say(bridge, "/pot", 0.5)
        patch.say(bridge, "/play", *[0.5] * 1025)
        await until(lambda: bridge.tally.counts["board.no_buffer"] == 3)
        patch.say(bridge, "/play", *[0.5] * 1024)
        await until(lambda: taken() == 2)
        assert bridge.tally.counts["board.buffer_lost"] == 0
    text = caplog.text
    assert "nothing to fill: the board has no buffer 'tabel': it has table" in text
    assert "nothing to fill: 0 is the variable 'pot1' and no buffer: it has table" in text
    assert "nothing to fill: 1025 values: buffer 'table' holds 1024" in text


async def test_a_missing_variable_is_named_with_what_is_like_it_and_found_when_it_comes(patch, caplog):
    caplog.set_level(logging.INFO, logger="belabridge.bridge")
    rules = [OutRule("pot_1"), OutRule("v0")]
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=rules, in_=())) as bridge:
        await until(lambda: bridge.variables)
        text = "\n".join(record.message for record in caplog.records)
        assert "no variable 'pot_1', which is mapped: did you mean pot1" in text
        assert "no variable 'v0'" in text
        sim.restart(many_variables(1))
        await until(lambda: patch.values("/bela/v0"))
        assert "variable 'v0' is there now" in "\n".join(record.message for record in caplog.records)


async def test_a_reload_touches_only_what_changed(patch, other):
    async with SimServer(default_program()) as sim:
        before = config(sim, patch, out=[OutRule("pot1")], in_=[InRule("/gain", var="gain")])
        async with bridged(before) as bridge:
            await until(lambda: patch.values("/bela/pot1"))
            patch.say(bridge, "/gain", 0.5)
            await until(lambda: bridge.variables["gain"].controlled)
            server, plan, link = bridge.server, bridge.plan, bridge.link
            sender = next(iter(bridge.ends.senders))
            await bridge.reconfigure(config(sim, patch, other, out=before.out, in_=before.in_))
            assert (bridge.server, bridge.plan, bridge.link) == (server, plan, link)
            assert next(iter(bridge.ends.senders)) is sender
            await until(lambda: other.values("/bela/pot1"))
            await bridge.reconfigure(config(sim, patch, other, out=[OutRule("pot2")], in_=()))
            assert (bridge.server, bridge.link) == (server, link)
            await until(lambda: other.values("/bela/pot2"))
            bridge.link.look_soon()
            await until(lambda: not bridge.variables["gain"].controlled)
            assert bridge.variables["pot1"].monitor_period_frames == 0
            assert link.status.connections == 1


async def test_a_reload_to_a_taken_port_changes_nothing(patch):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch)) as bridge:
        old = bridge.server
        taken = ("127.0.0.1", patch.port)
        with pytest.raises(PortInUse):
            await bridge.reconfigure(config(sim, listen=taken))
        assert bridge.server is old
        assert len(bridge.ends.senders) == 1
        patch.say(bridge, "/belabridge/list")
        await until(lambda: "/belabridge/list/end" in {m.address for m in patch.listen()})


async def test_a_reload_to_another_address_at_the_same_port(patch):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch)) as bridge:
        port = bridge.server.port
        await bridge.reconfigure(config(sim, patch, listen=("127.0.0.2", port)))
        assert (bridge.server.host, bridge.server.port) == ("127.0.0.2", port)
        with pytest.raises(CannotListen):
            await bridge.reconfigure(config(sim, patch, listen=("192.0.2.1", port)))
        patch.socket.sendto(message("/belabridge/list"), ("127.0.0.2", port))
        await until(lambda: "/belabridge/list/end" in {m.address for m in patch.listen()})


async def test_an_impossible_rule_in_a_reload_changes_nothing(patch, other):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch)) as bridge:
        plan, server = bridge.plan, bridge.server
        with pytest.raises(UsageError):
            await bridge.reconfigure(
                config(sim, other, out=[OutRule("pot1", shape=Shape(expr="nonsense("))], in_=())
            )
        assert (bridge.plan, bridge.server) == (plan, server)
        assert [sender.port for sender in bridge.ends.senders] == [patch.port]


async def test_a_reload_to_another_name_of_the_same_board(patch):
    async with SimServer(default_program()) as sim:
        before = config(sim, patch, out=[OutRule("pot1")], in_=[InRule("/gain", var="gain")])
        async with bridged(before) as bridge:
            await until(lambda: patch.values("/bela/pot1"))
            await bridge.reconfigure(replace(before, board=(Address("localhost", sim.port),)))
            patch.heard.clear()
            await until(lambda: len(patch.values("/bela/pot1")) > 5)


async def test_after_a_restart_only_what_the_program_reads_goes_out(patch):
    out = [OutRule("pot1"), OutRule("gain")]
    in_ = [InRule("/pot1", var="pot1"), InRule("/gain", var="gain")]
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=out, in_=in_)) as bridge:
        await until(lambda: bridge.variables)
        patch.say(bridge, "/gain", 0.3)
        patch.say(bridge, "/pot1", 0.9)
        await until(lambda: bridge.variables["gain"].controlled and bridge.variables["pot1"].controlled)
        patch.listen()
        patch.heard.clear()
        sim.restart()
        await until(lambda: bridge.link.status.connections == 2)
        bridge.link.look_soon()
        await until(lambda: bridge.variables["gain"].value == np.float32(0.3))
        await until(lambda: bridge.plan.status()[0][0].value == np.float32(0.9))
        values = set(patch.values("/bela/pot1") + patch.values("/bela/gain"))
        assert values <= {np.float32(0.9), np.float32(0.3)}, "0.8 is what the program begins with"


async def test_a_refused_value_does_not_silence_its_variable(patch):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch)) as bridge:
        await until(lambda: patch.values("/bela/pot1"))
        patch.say(bridge, "/bela/pot1", 1e39, tags="d")
        await until(lambda: bridge.tally.counts["mapping.out_of_range"])
        patch.listen()
        patch.heard.clear()
        await until(lambda: len(patch.values("/bela/pot1")) > 3, deadline_s=1)


async def test_bundles_arrive_as_bundles(patch):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, bundle=True)):
        await until(lambda: patch.values("/bela/pot1") and patch.values("/bela/pot2"))


async def test_a_subscriber_hears_everything_until_it_leaves(patch):
    async with SimServer(default_program()) as sim, bridged(config(sim)) as bridge:
        patch.say(bridge, "/belabridge/subscribe")
        await until(lambda: patch.values("/bela/pot1"))
        patch.say(bridge, "/belabridge/unsubscribe")
        await until(lambda: "/belabridge/unsubscribed" in {m.address for m in patch.listen()})
        assert bridge.status()["subscribers"] == []


async def test_a_refresh_says_everything_again_even_what_rests(patch):
    rules = [OutRule("gain", shape=Shape(on_change=True), osc=OscOut("/gain"))]
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=rules, in_=())) as bridge:
        await until(lambda: len(patch.values("/gain")) == 1)
        patch.say(bridge, "/belabridge/refresh")
        await until(lambda: len(patch.values("/gain")) == 2)
        assert len(set(patch.values("/gain"))) == 1


async def test_a_flood_of_refreshes_is_two(patch):
    rules = [OutRule("gain", shape=Shape(on_change=True), osc=OscOut("/gain"))]
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=rules, in_=())) as bridge:
        await until(lambda: len(patch.values("/gain")) == 1)
        for _ in range(1000):
            bridge.refresh()
        patch.say(bridge, "/belabridge/status")
        await until(lambda: patch.values("/belabridge/status/end"))
        assert len(patch.values("/gain")) == 2
        await until(lambda: len(patch.values("/gain")) == 3)
        assert bridge._refresh is None


async def test_a_destination_that_comes_late_is_told_what_rests(patch, other, monkeypatch):
    monkeypatch.setattr("belabridge.osc.outage.BACK_AFTER_S", 0.1)
    monkeypatch.setattr("belabridge.bridge.PULSE_S", 0.05)
    rules = [OutRule("gain", shape=Shape(on_change=True), osc=OscOut("/gain"))]
    port = other.port
    other.socket.close()
    async with SimServer(default_program()) as sim:
        wanted = config(sim, other, out=rules, in_=())
        async with bridged(wanted) as bridge:
            (sender,) = bridge.ends.senders
            await until(lambda: sender.is_down)
            patch.socket.close()
            patch.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            patch.socket.bind(("127.0.0.1", port))
            patch.socket.setblocking(False)  # noqa: FBT003  # the socket module's own signature
            await until(lambda: patch.values("/gain") and not sender.is_down)


async def test_the_list_is_as_new_as_the_values(patch):
    rules = [OutRule("counter", rate_hz=100.0, osc=OscOut("/counter"))]
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=rules, in_=())) as bridge:
        await until(lambda: len(set(patch.values("/counter"))) > 2)
        newest = patch.heard[-1].args[0]
        patch.say(bridge, "/belabridge/list")
        await until(lambda: patch.values("/belabridge/list/end"))
        rows = {m.args[0]: m.args[2] for m in patch.heard if m.address == "/belabridge/list"}
        assert rows["counter"] >= newest


async def test_a_hand_makes_the_link_look_more_often(patch):
    fader = MidiIn(Control(Kind.CC, 7), takeover=Takeover.PICKUP)
    async with SimServer(default_program()) as sim, bridged(config(sim, patch, out=(), in_=())) as bridge:
        assert bridge.link.look_every_s is None
        with_hand = replace(bridge.config, in_=(InRule(var="gain", midi=fader),))
        await bridge.reconfigure(with_hand)
        assert bridge.link.look_every_s == HANDS_LOOK_S


async def test_status_says_what_is_going_on(patch):
    async with SimServer(default_program()) as sim, bridged(config(sim, patch)) as bridge:
        await until(lambda: len(patch.values("/bela/pot1")) > 3)
        status = bridge.status()
        assert status["board"]["connected"]
        assert status["board"]["project"] == "belabridge-demo"
        assert [out["var"] for out in status["out"]] == list(bridge.variables)
        assert status["destinations"][0]["sent"] >= 3
        assert bridge.alive(asyncio.get_running_loop().time())
        assert "7 outputs" in bridge.summary()
    assert "connected" not in bridge.summary()
