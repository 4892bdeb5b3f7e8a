"""Good configs: what each spelling becomes."""

from __future__ import annotations

import pytest

from belabridge.rules import (
    Destination,
    InRule,
    OneEuro,
    OnePole,
    OscOut,
    OutRule,
    Scale,
    Shape,
    Take,
)
from belabridge.settings.config import Config, LogSettings, OscSettings
from belabridge.settings.load import parse
from belabridge.values import Address, VarType

ISSUE = """\
board: bela.local            # or host:port, or {host: …, port: 5555}
osc:
  listen: 9001               # or 0.0.0.0:9001; loopback unless said
  send: {pd: 127.0.0.1:9000, sc: 127.0.0.1:57120}
out:                         # from the board
  - var: pot1                                        # → /bela/pot1, a float, 50 Hz
  - {var: pot2, osc: /synth/cutoff, scale: {from: [0, 1], to: [20, 20000], curve: exp}, rate: 100}
  - {var: mic, take: rms, osc: {address: /level, to: sc}, rate: 30}
  - {var: mic, take: all, osc: {address: /mic/block, as: blob}}
in:                          # to the board
  - {osc: /synth/gain, var: gain, scale: {from: [0, 127], to: [0, 1]}, clip: true}
  - {osc: /play, buffer: 0, type: f}                 # the arguments become a buffer on the board
"""


def test_a_whole_config():
    config = parse(ISSUE, "f")
    assert config == Config(
        board=(Address("bela.local", 5555),),
        osc=OscSettings(
            listen=("127.0.0.1", 9001),
            destinations=(Destination("pd", "127.0.0.1", 9000), Destination("sc", "127.0.0.1", 57120)),
            prefix="/bela",
        ),
        out=(
            OutRule("pot1", Take.VALUE, 50.0, Shape(), None),
            OutRule(
                "pot2",
                Take.VALUE,
                100.0,
                Shape(scale=Scale((0.0, 1.0), (20.0, 20000.0), "exp")),
                OscOut("/synth/cutoff", (), "f"),
            ),
            OutRule("mic", Take.RMS, 30.0, Shape(), OscOut("/level", ("sc",), "f")),
            OutRule("mic", Take.ALL, None, Shape(), OscOut("/mic/block", (), "blob")),
        ),
        in_=(
            InRule(
                "/synth/gain",
                "gain",
                shape=Shape(scale=Scale((0.0, 127.0), (0.0, 1.0), "lin"), clip=(0.0, 1.0)),
            ),
            InRule("/play", None, 0, VarType.FLOAT),
        ),
        log=LogSettings(),
    )
    assert config.out is not None
    assert [rule.place for rule in config.out] == [(6, 5), (7, 5), (8, 5), (9, 5)]
    assert config.in_ is not None
    assert [rule.place for rule in config.in_] == [(11, 5), (12, 5)]


@pytest.mark.parametrize(
    "text", ["", "\n", "# only a comment\n", "---\n", "{}", "~", "board:\nosc:\nlog:\n", "\ufeff"]
)
def test_nothing_is_a_config(text):
    assert parse(text, "f") == Config()


def test_a_comment_more_is_no_other_config():
    assert parse(f"# one more line\n{ISSUE}", "f") == parse(ISSUE, "f")


BOARDS = {
    "bela.local": [Address("bela.local", 5555)],
    "bela.local:5556": [Address("bela.local", 5556)],
    "192.168.7.2": [Address("192.168.7.2", 5555)],
    "{host: a-b, port: 1}": [Address("a-b", 1)],
    "{host: a_b}": [Address("a_b", 5555)],
    "{host: '[::1]'}": [Address("::1", 5555)],
    "::1": [Address("::1", 5555)],
    "'[::1]:80'": [Address("::1", 80)],
    "'fe80::1%usb0'": [Address("fe80::1%usb0", 5555)],
    "[bela.local, 192.168.7.2:5556, {host: c}]": [
        Address("bela.local", 5555),
        Address("192.168.7.2", 5556),
        Address("c", 5555),
    ],
    "[]": [],
}


@pytest.mark.parametrize("text", BOARDS)
def test_spellings_of_a_board(text):
    assert list(parse(f"board: {text}", "f").board) == BOARDS[text]


LISTENS = {
    "9005": ("127.0.0.1", 9005),
    "'9005'": ("127.0.0.1", 9005),
    "0.0.0.0:9005": ("0.0.0.0", 9005),
    "localhost:9005": ("127.0.0.1", 9005),
    "'[::1]:9005'": ("::1", 9005),
    "none": None,
}


@pytest.mark.parametrize("text", LISTENS)
def test_spellings_of_listen(text):
    assert parse(f"osc: {{listen: {text}}}", "f").osc.listen == LISTENS[text]


SENDS = {
    "9000": [Destination("127.0.0.1:9000", "127.0.0.1", 9000)],
    "127.0.0.1:9000": [Destination("127.0.0.1:9000", "127.0.0.1", 9000)],
    "'[::1]:9000'": [Destination("[::1]:9000", "::1", 9000)],
    "[a:1, 2]": [Destination("a:1", "a", 1), Destination("127.0.0.1:2", "127.0.0.1", 2)],
    "{host: a, port: 1, bundle: true}": [Destination("a:1", "a", 1, bundle=True)],
    "[{host: a, port: 1, reply_port: 7}]": [Destination("a:1", "a", 1, reply_port=7)],
    "{pd: a:1, sc: {host: b, port: 2, bundle: true}}": [
        Destination("pd", "a", 1),
        Destination("sc", "b", 2, bundle=True),
    ],
    "{1: a:1, on: a:2, null: 3}": [
        Destination("1", "a", 1),
        Destination("on", "a", 2),
        Destination("null", "127.0.0.1", 3),
    ],
    "{host: a:1}": [Destination("host", "a", 1)],
    "none": [],
    "[]": [],
    "{}": [],
}


@pytest.mark.parametrize("text", SENDS)
def test_spellings_of_send(text):
    assert list(parse(f"osc: {{send: {text}}}", "f").osc.destinations) == SENDS[text]


SHAPES = {
    "scale: {to: [0, 10]}": Shape(scale=Scale((0, 1), (0, 10), "lin")),
    "scale: {}": Shape(scale=Scale()),
    "scale: {to: [1, 0], curve: 2}": Shape(scale=Scale((0, 1), (1, 0), 2.0)),
    "scale: {from: [-2, -1], curve: log}": Shape(scale=Scale((-2, -1), (0, 1), "log")),
    "scale: {to: [10, 2]}, clip: true": Shape(scale=Scale((0, 1), (10, 2)), clip=(2, 10)),
    "clip: true": Shape(clip=(0, 1)),
    "clip: false": Shape(),
    "clip: [-1, 2.5]": Shape(clip=(-1, 2.5)),
    "invert: true": Shape(invert=True),
    "round: true": Shape(round=1.0),
    "round: false": Shape(),
    "round: 0.25": Shape(round=0.25),
    "deadband: 1e-2": Shape(deadband=0.01),
    "on_change: true": Shape(on_change=True),
    "smooth: 50ms": Shape(smooth=OnePole(0.05)),
    "smooth: 0.05": Shape(smooth=OnePole(0.05)),
    "smooth: 2 s": Shape(smooth=OnePole(2.0)),
    "smooth: 0": Shape(),
    "smooth: {time: 20ms}": Shape(smooth=OnePole(0.02)),
    "smooth: {one_euro: {}}": Shape(smooth=OneEuro()),
    "smooth: {one_euro: {min_cutoff: 2, beta: 0.1, d_cutoff: 3}}": Shape(smooth=OneEuro(2.0, 0.1, 3.0)),
    "expr: x*2+1": Shape(expr="x*2+1"),
    "expr: 3": Shape(expr="3"),
    "expr: 0.1": Shape(expr="0.1"),
    "expr: 1234567": Shape(expr="1234567"),
}


@pytest.mark.parametrize("text", SHAPES)
def test_words_of_a_shape_mean_the_same_both_ways(text):
    config = parse(f"out:\n- {{var: a, {text}}}\nin:\n- {{osc: /a, var: a, {text}}}", "f")
    assert config.out is not None
    assert config.in_ is not None
    assert config.out[0].shape == config.in_[0].shape == SHAPES[text]


OUTS = {
    "{var: a}": OutRule("a"),
    "{var: '5'}": OutRule("5"),
    "{var: y}": OutRule("y"),
    "{var: pot 1}": OutRule("pot 1"),
    "{var: a, take: all}": OutRule("a", Take.ALL, None),
    "{var: a, take: all, rate: 10}": OutRule("a", Take.ALL, 10.0),
    "{var: a, rate: 1e3}": OutRule("a", rate_hz=1000.0),
    "{var: a, rate: 0.1}": OutRule("a", rate_hz=0.1),
    "{var: a, echo: true}": OutRule("a", echo=True),
    "{var: a, osc: /b/c}": OutRule("a", osc=OscOut("/b/c")),
    "{var: a, osc: {address: /b, as: h, to: [p, q]}}": OutRule("a", osc=OscOut("/b", ("p", "q"), "h")),
}


@pytest.mark.parametrize("text", OUTS)
def test_out_rules(text):
    config = parse(f"osc: {{send: {{p: 1, q: 2}}}}\nout: [{text}]", "f")
    assert config.out == (OUTS[text],)


INS = {
    "{osc: /a, var: b}": InRule("/a", "b"),
    "{osc: /a, var: b, rate: 20}": InRule("/a", "b", rate_hz=20.0),
    "{osc: /a, buffer: 3, type: j}": InRule("/a", None, 3, VarType.UINT),
    "{osc: /a, buffer: 3, type: c, scale: {to: [0, 9]}}": InRule(
        "/a", None, 3, VarType.CHAR, Shape(scale=Scale((0, 1), (0, 9)))
    ),
}


@pytest.mark.parametrize("text", INS)
def test_in_rules(text):
    assert parse(f"in: [{text}]", "f").in_ == (INS[text],)


def test_no_rules_is_not_the_same_as_not_given():
    assert (parse("out: []", "f").out, parse("out: []", "f").in_) == ((), None)


def test_references_and_merges_save_typing():
    config = parse(
        "out:\n- &r {var: a, rate: 10}\n- {<<: *r, var: b}\n- <<: [*r, {echo: true}]\n  rate: 5\n", "f"
    )
    assert config.out == (
        OutRule("a", rate_hz=10.0),
        OutRule("b", rate_hz=10.0),
        OutRule("a", rate_hz=5.0, echo=True),
    )


def test_a_log():
    assert parse("log: {format: json, level: debug}", "f").log == LogSettings("json", "debug")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("osc:\n  send: 9000\n  listen: 9001\n", (3, 11)),
        ("osc: {listen: 127.0.0.1:9001}\n", (1, 15)),
        ("board: bela.local\nosc:\n  send: 9000\n", (3, 3)),
    ],
)
def test_the_place_of_listen_is_kept_for_a_port_that_is_in_use(text, place):
    assert parse(text, "a.yaml").listen_place == place
