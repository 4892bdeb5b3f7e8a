"""Every kind of mistake, and exactly what is said of it and where; the table is `tests/data/faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from belabridge.errors import ConfigError
from belabridge.settings.load import parse

FOLDER = Path(__file__).parent.parent / "data" / "faults"


def table():
    """Blocks of a config and, behind `=>`, its faults; `====` stands between them."""
    for path in sorted(FOLDER.glob("*.txt")):
        for number, block in enumerate(path.read_text(encoding="utf-8").split("====\n")):
            lines = block.splitlines()
            text = "\n".join(line for line in lines if not line.startswith("=> "))
            faults = [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
            yield pytest.param(text, faults, id=f"{path.stem}-{number}")


def check_expr(text):
    return None if text == "x*2+1" else "write one of x"


def faults_of(text):
    with pytest.raises(ConfigError) as caught:
        parse(text, "f", check_expr=check_expr)
    return [str(fault).removeprefix("f:") for fault in caught.value.faults]


@pytest.mark.parametrize(("text", "faults"), list(table()))
def test_all_faults_are_named_at_their_places(text, faults):
    assert faults_of(text) == faults


def test_the_table_is_there():
    assert len(list(table())) > 150


UNPRINTED = {
    "a tab before a key": ("out:\n\t- var: a", ["2:1: a tab stands here: write spaces"]),
    "a tab after a colon": ("board:\tx", ["1:7: a tab stands here: write spaces"]),
    "an empty flow": ("out: [\n\n\n", ["1:7: a value is missing here: write one, or put the text in quotes"]),
    "NUL": ("board: \0", ["1:8: an invisible or impossible character (U+0000): remove it"]),
    "a line separator": (
        "board: a\nosc: \u2028 b",
        ["2:6: an invisible or impossible character (U+2028): remove it"],
    ),
    "NEL": ("board: a\x85b", ["1:9: an invisible or impossible character (U+0085): remove it"]),
    "half a character": ("board: \ud800", ["1:8: an invisible or impossible character (U+D800): remove it"]),
    "Windows lines": (
        "board: a\r\nosc:\r\n  lisen: 1\r\n",
        ["3:3: unknown key `lisen`: did you mean `listen`?"],
    ),
    "old Mac lines": ("board: a\rosc:\r  lisen: 1", ["3:3: unknown key `lisen`: did you mean `listen`?"]),
    "a byte order mark": (
        "\ufefflisen: 1",
        ["1:1: unknown key `lisen`: did you mean `listen`? it belongs below `osc:`"],
    ),
    "a key of two lines": (
        '"a\\nb": 1',
        [
            (
                "1:1: unknown key `a\N{REPLACEMENT CHARACTER}b`: "
                "the keys here are board, osc, midi, out, in, links, log or logs"
            )
        ],
    ),
    "wide characters count as one": (
        "out:\n- {var: \N{GRINNING FACE}, rate: 0}",
        ["2:18: a rate of `0` would never send: write messages a second, such as 50"],
    ),
    "a long word": (
        "board: " + "-" * 100,
        [f"1:8: `{'-' * 39}…` is no host name: use letters, digits, `-` and `.`, as in bela.local"],
    ),
}


@pytest.mark.parametrize("name", UNPRINTED)
def test_what_an_editor_does_not_show(name):
    text, faults = UNPRINTED[name]
    assert faults_of(text) == faults


def test_a_laughing_billion_is_refused():
    levels = "\n".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 10)}]" for n in range(1, 12))
    (fault,) = faults_of(f"k0: &k0 [x]\n{levels}")
    assert fault == "6:30: too much for a config: write fewer rules, or fewer references"


def test_laughing_merges_are_refused():
    levels = "\n".join(f"k{n}: &k{n} {{<<: [{', '.join([f'*k{n - 1}'] * 10)}]}}" for n in range(1, 12))
    (fault,) = faults_of(f"k0: &k0 {{a: b}}\n{levels}")
    assert fault.endswith("too much for a config: write fewer rules, or fewer references")


def test_a_file_that_is_too_big_is_refused_before_it_is_read():
    assert faults_of("#" * ((1 << 20) + 1)) == ["1:1: too big for a config: is it the right file?"]


def test_deep_brackets_end_at_once():
    assert faults_of("[" * 100_000) == ["1:18: too deep for a config: are there brackets too many?"]


def test_faults_of_all_sections_come_together_and_in_the_order_of_the_file():
    text = "log: {level: 5}\nout:\n- {var: a, rate: 010}\n- {var: a, osc: x}\nboard: yes\nboard: no\n"
    places = [fault.split(":")[:2] for fault in faults_of(text)]
    assert places == [["1", "14"], ["3", "18"], ["4", "17"], ["5", "8"], ["6", "1"], ["6", "8"]]


def test_no_control_characters_reach_the_terminal():
    faults = faults_of('board: ":\\e[2J"\nout: [{var: a, osc: {address: /a, to: "\\e[2J"}}]')
    sign = "\N{REPLACEMENT CHARACTER}[2J"
    where = f"give it an address in `osc.send`: `{sign}: 127.0.0.1:9000`"
    assert faults == [
        f"1:8: `:{sign}` has no host: write 127.0.0.1:5555",
        f"2:39: no destination is called `{sign}`: {where}",
    ]
