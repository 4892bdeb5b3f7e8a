"""Choosing from a list: a table of keys, and once in a real terminal."""

from __future__ import annotations

import os
import re
import sys
from io import StringIO

import click
import pytest
from rich.console import Console

from belabridge.cli.choose import ROWS, Menu, keys
from terminal import in_a_terminal

OPTIONS = {"gain": "float", "freq": "float", "pot1": "float", "pot2": "int", "a pot": "char"}
UP, DOWN, ENTER, BACK = "\x1b[A", "\x1b[B", "\r", "\x7f"


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ([ENTER], "gain"),
        ([DOWN, ENTER], "freq"),
        ([UP, ENTER], "a pot"),
        ([DOWN, UP, ENTER], "gain"),
        ([DOWN] * 5 + [ENTER], "gain"),
        (["\x1bOB", "\xe0P", "\n"], "pot1"),
        (["p", ENTER], "pot1"),  # those that begin with it come first
        (["P", "O", "T", DOWN, ENTER], "pot2"),
        (["p", UP, ENTER], "a pot"),
        (["x", ENTER], None),  # nothing is shown, nothing can be chosen
        (["x", DOWN, BACK, ENTER], "gain"),
        ([DOWN, "f", ENTER], "freq"),
        (["\x1b[5~", ENTER], "gain"),  # a key that means nothing
    ],
)
def test_keys_choose(keys, chosen):
    menu = Menu(OPTIONS)
    found = None
    for key in keys:
        found = menu.press(key)
    assert found == chosen


@pytest.mark.parametrize("key", ["\x1b", "\x03", "\x04"])
def test_leaving_chooses_nothing(key):
    with pytest.raises(click.Abort):
        Menu(OPTIONS).press(key)


@pytest.mark.parametrize(
    ("text", "pressed"),
    [
        ("a", ["a"]),
        ("\x1b[B\r", [DOWN, ENTER]),
        ("\x1b[B\x1b[Bga", [DOWN, DOWN, "g", "a"]),
        ("\x1b", ["\x1b"]),
        ("\x1b[5~x", ["\x1b[5~", "x"]),
        ("\xe0Hé", ["\xe0H", "é"]),
        ("", []),
    ],
)
def test_several_keys_at_once_are_several(text, pressed):
    assert keys(text) == pressed


def seen(menu):
    console = Console(width=60, file=StringIO())
    console.print(menu.picture("which?"))
    return console.file.getvalue()


def test_the_picture_marks_one_and_never_outgrows_the_terminal():
    menu = Menu({f"v{n}": "[float]" for n in range(50)})
    for _ in range(30):
        menu.press(DOWN)
    text = seen(menu)
    assert re.search(r"> +v30 +\[float\]", text)
    assert "… 38 more" in text
    assert len(text.splitlines()) == ROWS + 2
    menu.press("q")
    assert "nothing has these letters" in seen(menu)
    assert "which? q" in seen(menu)


def test_in_a_real_terminal():
    script = "from belabridge.cli.choose import choose; print('got', choose('which?', {'a': '1', 'b': '2'}))"
    with in_a_terminal([sys.executable, "-c", script], os.environ) as terminal:
        terminal.shows(rb"which\?.*>[^\n]*a")
        terminal.type(b"\x1b[B")
        terminal.shows(rb">[^\n]*b")
        terminal.type(b"\r")
        terminal.shows(rb"got b")


def test_what_is_typed_as_soon_as_the_list_shows_is_neither_lost_nor_shown():
    script = """
import select
from belabridge.cli import choose
picture = choose.Menu.picture
def slow(menu, title):
    if not menu.at:
        print("drawn", flush=True)
        select.select([0], [], [], 3)
    return picture(menu, title)
choose.Menu.picture = slow
print("got", choose.choose("which?", {"a": "1", "b": "2"}))
"""
    with in_a_terminal([sys.executable, "-c", script], os.environ) as terminal:
        terminal.shows(rb"drawn")
        terminal.type(DOWN.encode())
        terminal.shows(rb">[^\n]*b")
        terminal.type(ENTER.encode())
        assert b"^[" not in terminal.shows(rb"got b").string
