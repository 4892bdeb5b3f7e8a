"""The first config: it loads whatever a board calls its variables, and names them all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from belabridge import naming
from belabridge.rules import OscOut
from belabridge.settings.load import parse
from belabridge.settings.starter import MAX_VARIABLES, quoted, starter
from belabridge.values import Address, TimestampMode, Variable, VarType


def variable(name, kind=VarType.FLOAT, mode=TimestampMode.DENSE, value=0.5):
    return Variable(name, 0, kind, mode, value, value)


def test_a_starter_is_made_of_the_variables():
    text = starter("synth", "bela.local", [variable("pot1"), variable("gain", VarType.DOUBLE, value=0.25)])
    assert "# The variables of synth as OSC." in text
    assert "  - {var: pot1, osc: /bela/pot1}  # float, dense, now 0.5\n" in text
    assert "  - {var: gain, osc: /bela/gain}  # double, dense, now 0.25\n" in text
    config = parse(text, "f")
    assert config.board == (Address("bela.local", 5555),)
    assert [(rule.var, rule.osc) for rule in config.out] == [
        ("pot1", OscOut("/bela/pot1")),
        ("gain", OscOut("/bela/gain")),
    ]
    assert [(rule.osc, rule.var) for rule in config.in_] == [("/bela/pot1", "pot1"), ("/bela/gain", "gain")]


def test_a_board_without_variables_gets_empty_lists():
    config = parse(starter("", "", []), "f")
    assert (config.board, config.out, config.in_) == ((), (), ())


HOSTS = {
    "bela.local": (Address("bela.local", 5555),),
    "192.168.7.2:5556": (Address("192.168.7.2", 5556),),
    "[::1]:5555": (Address("::1", 5555),),
    "no host\nat all": (),
}


@pytest.mark.parametrize("host", HOSTS)
def test_where_the_board_is(host):
    assert parse(starter("p", host, []), "f").board == HOSTS[host]


HOSTILE = [
    "on", "no", "y", "null", "~", "true", "010", "1e3", "1:30", "", " ", "a b", "a#b", "a/b", "*a", "&a",
    "{a}", "[a", "a: b", "- a", "'", '"', "\\", "\n", "\t", "\0", "\x85", "\u2028", "\ufeff", "é",
    "\N{GRINNING FACE}", "\ud800", "<<", "x" * 200, "x" * 201, "%", "!!python/object:os.system", "a_b",
    "a b", "---", "#", "belabridge", "a:b", "a:", "'a'", 'a"b', "a\\b", "!a", "a|",
]  # fmt: skip


def lives_in_a_config(name):
    return 0 < len(name) <= 200 and not any("\ud800" <= letter <= "\udfff" for letter in name)


def check(project, names):
    config = parse(starter(project, "h", [variable(name) for name in names]), "f")
    wanted = list(dict.fromkeys(name for name in names if lives_in_a_config(name)))[:MAX_VARIABLES]
    assert [rule.var for rule in config.out] == wanted
    assert [rule.var for rule in config.in_] == wanted
    addresses = [rule.osc for rule in config.in_]
    assert addresses == [rule.osc.address for rule in config.out]
    assert len(set(addresses)) == len(addresses), "two variables, one address"
    assert addresses == list(naming.addresses(wanted, "/bela").values()), "as without a config"


def test_hostile_names_load():
    check("\n- evil", HOSTILE)


names = st.lists(st.text(max_size=8) | st.sampled_from(HOSTILE) | st.text("a_ 2", max_size=4), max_size=12)


@given(st.text(max_size=20), names)
@settings(max_examples=300, deadline=None)
def test_any_names_load(project, names):
    check(project, names)


def test_many_variables_are_still_a_config():
    check("p", [f"v{n}" for n in range(MAX_VARIABLES + 5)])


@given(st.text().filter(lambda text: text.isprintable() or lives_in_a_config(text)))
def test_a_quoted_text_reads_as_itself(text):
    if 0 < len(text) <= 200 and lives_in_a_config(text):
        config = parse(f"out: [{{var: {quoted(text)}}}]", "f")
        assert config.out[0].var == text


BARE = {
    "pot1": "pot1",
    "on": '"on"',
    "Null": '"Null"',
    "5": '"5"',
    "a b": '"a b"',
    'a"b': '"a\\"b"',
    "": '""',
}


@pytest.mark.parametrize("text", BARE)
def test_quotes_only_where_they_are_needed(text):
    assert quoted(text) == BARE[text]
