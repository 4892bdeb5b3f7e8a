"""The picture of a status: what stands where, how it fits, and what can never break it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from belabridge.cli.picture import line, picture, whole_width

OUT = {
    "take": "value",
    "to": ["pd"],
    "value": 0.41234,
    "per_s": 50.0,
    "sent": 9,
    "superseded": 0,
    "missing": False,
}
STATUS = {
    "belabridge": "0.1.0",
    "pid": 4242,
    "uptime_s": 3725.2,
    "config": "config/demo.yaml",
    "board": {
        "address": "bela.local:5555",
        "connected": True,
        "project": "theremin",
        "sampleRate": 44100.0,
        "since_s": 125.3,
        "reconnects": 2,
        "variables": 12,
    },
    "out": [
        OUT | {"var": "pot1", "address": "/bela/pot1"},
        OUT | {"var": "mic", "take": "rms", "address": "/level", "to": ["pd", "sc"], "per_s": 29.7},
        OUT | {"var": "mic", "take": "all", "address": "/block", "value": [0.1] * 64},
        OUT | {"var": "pod3", "address": "/bela/pod3", "missing": True},
    ],
    "in": [
        {"osc": "/gain", "var": "gain", "value": 0.8, "received": 1234, "refused": 0, "missing": False},
        {"osc": "/play", "buffer": 0, "value": [0.1] * 16, "received": 3, "refused": 2, "missing": False},
        {"osc": "/freq", "var": "freq", "value": None, "received": 0, "refused": 0, "missing": True},
    ],
    "destinations": [
        {"name": "pd", "host": "127.0.0.1", "port": 9000, "sent": 1203400, "refused": 0, "dropped": 0},
        {
            "name": "127.0.0.1:57120",
            "host": "127.0.0.1",
            "port": 57120,
            "sent": 5,
            "refused": 14,
            "dropped": 1,
        },
    ],
    "subscribers": [{"host": "10.0.0.2", "port": 7000, "sent": 12}],
    "drops": {"osc.unmapped": 3, "board.gap_frames": 0},
    "latency_ms": {"median": 0.41, "p99": 0.92},
    "errors": [{"ago_s": 12.3, "reason": "osc.unmapped", "text": "nobody mapped /foo"}],
}

DRAWN = """\
● bela.local:5555  theremin  44.1 kHz  12 variables  connected 2 min 05 s

from the board
  pot1                → /bela/pot1                  pd           0.4123     50/s
  mic rms             → /level                      pd, sc       0.4123     30/s
  mic all             → /block                      pd             [64]     50/s
  pod3                not on the board now                            ·

to the board                                                            received
  /gain               → gain                                      0.8000   1 234
  /play               → buffer 0                    2 refused       [16]       3
  /freq               → freq: not there now                            ·

destinations
  pd          127.0.0.1:9000                                      1 203 400 sent
  127.0.0.1:57120                         14 refused, 1 dropped           5 sent
  subscriber  10.0.0.2:7000                                              12 sent

latency 0.41 ms, p99 0.92 ms   reconnects 2   other drops osc.unmapped 3
        12 s ago  nobody mapped /foo
belabridge 0.1.0 · process 4242 · up 1 h 02 min · config/demo.yaml
"""


def drawn(status, width=80, height=None, long="ellipsis", **console):
    stream = io.StringIO()
    shown = picture(status, height, long)
    Console(file=stream, width=width, highlight=False, **console).print(shown, crop=long != "ignore")
    return "\n".join(row.rstrip() for row in stream.getvalue().split("\n"))


def test_at_80_columns():
    assert drawn(STATUS) == DRAWN


def test_without_a_board():
    board = {"address": "bela.local:5555", "connected": False, "since_s": 12.0, "reconnects": 0}
    first = drawn(STATUS | {"board": board}).split("\n")[0]
    assert first == "○ bela.local:5555  not connected 12 s, trying again"
    assert drawn({}).startswith("○ no board yet  not connected, trying again\n")


def test_the_tables_do_not_move_while_values_do():
    wild = [1e-9, -123456.7, float("nan"), None, 4294967295, [0.0] * 10000]
    for value in wild:
        status = STATUS | {"out": [out | {"value": value} for out in STATUS["out"]]}
        rows = drawn(status).split("\n")
        assert [row.find("→") for row in rows] == [row.find("→") for row in DRAWN.split("\n")]


def many(outs, ins):
    return STATUS | {
        "out": [OUT | {"var": f"v{n}", "address": f"/bela/v{n}"} for n in range(outs)],
        "in": [{"osc": f"/i{n}", "var": f"v{n}", "value": 0, "received": 0} for n in range(ins)],
    }


@pytest.mark.parametrize(("outs", "ins"), [(0, 0), (1, 1), (46, 46), (46, 2), (2, 46), (1000, 0), (0, 1000)])
@pytest.mark.parametrize("height", [24, 40, 60])
def test_it_fits_the_height_and_says_what_it_leaves_out(outs, ins, height):
    text = drawn(many(outs, ins), height=height)
    assert len(text.rstrip("\n").split("\n")) <= height
    for head, count, mark in (("from the board", outs, "  v"), ("to the board", ins, "  /i")):
        shown = sum(row.startswith(mark) for row in text.split("\n"))
        assert (head in text) == (count > 0)
        assert shown == count or f"… and {count - shown} more" in text
        assert shown or not count


def test_without_a_height_everything_is_there():
    text = drawn(many(300, 200))
    assert "v299" in text
    assert "/i199" in text
    assert "more" not in text


HOSTILE = "\x1b[2J[red]\n\x07\u202e"


def hostile(value):
    if isinstance(value, dict):
        return {key: hostile(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return HOSTILE if isinstance(value, str) else value


def test_a_peers_text_cannot_move_the_cursor_colour_or_break_a_line():
    status = hostile(STATUS)
    status["out"][0]["value"] = status["in"][0]["value"] = "[red]\x1b"
    text = drawn(status)
    for forbidden in ("\x1b", "\x07", "\u202e"):
        assert forbidden not in text
        assert forbidden not in line(status)
    assert text.count(r"[red]\x1b") == 2  # shown as it is, not obeyed
    assert len(text.split("\n")) == len(DRAWN.split("\n"))
    assert "\n" not in line(status)


def test_colours_only_where_a_terminal_is():
    assert "\x1b[" in drawn(STATUS, force_terminal=True)
    assert "\x1b[" not in drawn(STATUS)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*STATUS, *OUT]), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(STATUS)), ANY), st.integers(20, 200), st.none() | st.integers(1, 60)
)
def test_any_status_of_another_version_can_be_drawn(status, width, height):
    for long in ("ellipsis", "fold", "ignore"):
        assert drawn(status, width, height, long)
    assert whole_width(status) > 0
    assert "\n" not in line(status)


def test_the_line():
    assert line(STATUS) == (
        "connected bela.local:5555 theremin 44.1 kHz 12 variables | "
        "out pot1 0.4123 50/s, mic rms 0.4123 30/s, mic all [64] 50/s, pod3 missing | "
        "in 3, 1 237 received | pd 1 203 400 sent | 127.0.0.1:57120 5 sent 14 refused | "
        "subscriber 10.0.0.2:7000 12 sent | other drops 3 | latency 0.41 ms (p99 0.92 ms)"
    )


def test_a_destination_where_nobody_listens_says_so_and_frightens_nobody():
    down = {"name": "pd", "host": "127.0.0.1", "port": 9000, "sent": 0, "refused": 99, "down": True}
    status = STATUS | {"destinations": [down], "drops": {"osc.send_refused": 99}}
    assert "nobody listens, 99 lost           0 sent" in drawn(status)
    assert "other drops none" in drawn(status)
    assert "pd nobody listens, 99 lost | subscriber 10.0.0.2:7000 12 sent | other drops 0 |" in line(status)


LONG = STATUS | {
    "out": [OUT | {"var": "a" * 60, "address": "/b" * 60, "to": ["127.0.0.1:9000", "c" * 30]}],
    "in": [{"osc": "/d" * 60, "var": "e" * 50, "value": 1.0, "received": 1, "missing": True}],
    "destinations": [
        {"name": "f" * 50, "host": "g" * 60, "port": 9000, "sent": 1, "refused": 2, "dropped": 3}
    ],
    "drops": {"osc.wrong_type": 2, "osc.unmapped": 3, "board.gap": 4, "board.padded": 5, "midi.refused": 6},
    "errors": [{"ago_s": 1.0, "reason": "x", "text": "word " * 60 + "the end"}],
    "config": "/h" * 80,
}
FACTS = (
    "a" * 60, "/b" * 60, "127.0.0.1:9000, " + "c" * 30, "/d" * 60, "e" * 50 + ": not there now", "f" * 50,
    "g" * 60 + ":9000", "2 refused, 3 dropped", "osc.wrong_type 2, osc.unmapped 3", "midi.refused 6",
    "word " * 60 + "the end", "/h" * 80,
)  # fmt: skip


def test_in_a_pipe_nothing_is_cut_or_broken():
    text = drawn(LONG, whole_width(LONG), long="ignore")
    assert not [fact for fact in FACTS if fact not in text]
    assert len(text.split("\n")) == len(drawn(LONG).split("\n"))
    assert "…" not in text


def test_a_terminal_goes_on_in_the_next_line_and_loses_nothing():
    text = drawn(LONG, long="fold")
    assert "…" not in text
    assert all(len(row) <= 80 for row in text.split("\n"))
    for letter in "abcdefgh":
        assert text.count(letter) >= drawn(LONG, whole_width(LONG), long="ignore").count(letter)
    assert text.rstrip().count("the end") == 1
    assert "midi.refused" in text


def test_it_says_where_it_listens():
    status = STATUS | {"listen": "127.0.0.1:9001"}
    assert "to the board, on 127.0.0.1:9001   " in drawn(status)
    assert " | in 3 on 127.0.0.1:9001, 1 237 received | " in line(status)
    assert "to the board, on 127.0.0.1:9001   " in drawn(status | {"in": []})
    assert "to the board" not in drawn(STATUS | {"in": []})
    for inputs in (0, 40):
        crowd = many(40, inputs) | {"listen": "127.0.0.1:9001"}
        assert len(drawn(crowd, height=24).rstrip("\n").split("\n")) <= 24


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("i", 11.0, " 11 "),
        ("j", 0.0, " 0 "),
        ("c", 2.5, "2.5000"),
        ("f", 11.0, "11.000"),
        (None, 11.0, "11.000"),
    ],
)
def test_whole_numbers_are_whole(kind, value, shown):
    out = OUT | {"var": "n", "value": value, "address": "/n", "to": []} | ({"type": kind} if kind else {})
    status = {"out": [out], "in": [{"osc": "/n", "var": "n", "value": value, "type": kind}]}
    assert sum(shown in f"{row} " for row in drawn(status).split("\n")) == 2
    assert f"out n {shown.strip()} 50/s" in line(status)


def test_a_board_that_hangs_is_seen():
    board = STATUS["board"] | {"silent_s": 9.4}
    assert "silent for 9.4 s" in drawn(STATUS | {"board": board}).split("\n")[0]
    assert "silent" not in drawn(STATUS | {"board": board | {"silent_s": 4.9}})


def test_the_line_stays_short_with_many_mappings():
    assert ", +993 | in" in line(many(1000, 1))
    assert len(line(many(1000, 1000))) < 400
    assert line({}) == "no board | out none | drops 0 | latency · (p99 ·)"
