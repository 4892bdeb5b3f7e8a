"""Choosing one of a list in a terminal: arrow keys, or the first letters of its name."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rich.table import Table

ROWS = 12  # fit in the smallest usual terminal, with what stands above

# what terminals send; Windows' console sends the forms with a NUL or an à
_UP = {"\x1b[A", "\x1bOA", "\x00H", "\xe0H", "\x10"}
_DOWN = {"\x1b[B", "\x1bOB", "\x00P", "\xe0P", "\x0e", "\t"}
_ENTER = {"\r", "\n"}
_BACK = {"\x7f", "\x08"}
_LEFT = "\x04"  # the terminal's end, as Ctrl-D
_LEAVE = {"\x1b", "\x03", _LEFT}
_KEY = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]|[\x00\xe0][A-Z]|.", re.DOTALL)


class Menu:
    """What one sees and does; no terminal in it.

    Attributes:
        typed: the letters so far.
        at: which of ``shown`` is marked.
    """

    def __init__(self, options: Mapping[str, str]) -> None:
        """Take the options: their names, and a few words about each."""
        self._options = dict(options)
        self.typed = ""
        self.at = 0

    @property
    def shown(self) -> list[str]:
        """The names that have the typed letters in them, those that begin with them first."""
        low = self.typed.casefold()
        fitting = [name for name in self._options if low in name.casefold()]
        return sorted(fitting, key=lambda name: not name.casefold().startswith(low))

    def press(self, key: str) -> str | None:
        """Do what a key means; gives the name that was chosen.

        Raises:
            click.Abort: it means to leave.
        """
        if key in _LEAVE:
            raise click.Abort
        shown = self.shown
        if key in _ENTER:
            return shown[self.at] if shown else None
        if key in _UP or key in _DOWN:
            step = -1 if key in _UP else 1
            self.at = (self.at + step) % len(shown) if shown else 0
        elif key in _BACK:
            self.typed, self.at = self.typed[:-1], 0
        elif key.isprintable():
            self.typed, self.at = self.typed + key, 0
        return None

    def picture(self, title: str) -> Table:
        """The list as it looks now, never longer than a terminal."""
        from rich.markup import escape
        from rich.table import Table

        table = Table(title=escape(title + (f" {self.typed}" if self.typed else "")), title_justify="left")
        table.box, table.show_header = None, False
        shown = self.shown
        first = min(max(0, self.at - ROWS // 2), max(0, len(shown) - ROWS))
        for row, name in enumerate(shown[first : first + ROWS], start=first):
            mark, style = (">", "bold reverse") if row == self.at else (" ", "")
            table.add_row(mark, escape(name), escape(self._options[name]), style=style)
        hidden = len(shown) - min(len(shown), ROWS)
        if hidden or not shown:
            table.add_row("", f"… {hidden} more" if shown else "nothing has these letters", "", style="dim")
        return table


def choose(title: str, options: Mapping[str, str]) -> str:
    """Let the user choose.

    Args:
        title: the question.
        options: names, and a few words about each.

    Raises:
        click.Abort: nothing was chosen.
    """
    from rich.live import Live

    menu = Menu(options)
    with _keyboard() as typed, Live(menu.picture(title), auto_refresh=False, transient=True) as live:
        while True:
            for key in keys(typed()):
                if (chosen := menu.press(key)) is not None:
                    return chosen
            live.update(menu.picture(title), refresh=True)


@contextmanager
def _keyboard() -> Iterator[Callable[[], str]]:
    """What gives the keys that were pressed, from the first one that meets the picture.

    ``click.getchar`` alone would throw away, and show, what is typed between two of its calls.
    """
    try:
        import termios
        import tty
    except ImportError:  # Windows
        yield click.getchar
        return
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard, termios.TCSADRAIN)
    try:
        yield lambda: os.read(keyboard, 32).decode(errors="replace") or _LEFT
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def keys(text: str) -> list[str]:
    """What a terminal gives at once, key by key: fast fingers press several."""
    return _KEY.findall(text)
