"""The text of a first config, from the variables of a board; it reads as a lesson in how to go on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from belabridge import naming
from belabridge.settings.addresses import board_address
from belabridge.settings.config import DEFAULT_PREFIX
from belabridge.settings.marks import readable
from belabridge.settings.refusal import Refused
from belabridge.settings.scalars import resolve
from belabridge.settings.words import MAX_TEXT
from belabridge.values import C_NAMES, TimestampMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from belabridge.values import Variable

MAX_VARIABLES = 2000  # a file for people, and well within what a config may hold
MAX_RULE_WIDTH = 70  # comments line up at most here; one long name does not push all others away

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+", re.ASCII)

_HEAD = """\
# yaml-language-server: $schema=belabridge.schema.json
# {title}
# Check it with `belabridge check FILE`, use it with `belabridge run FILE`.
# Every part may be left out; without `out` and `in`, every variable is sent and can be set.

{board}

osc:
  listen: 9001               # from programs on this computer; 0.0.0.0:9001 hears other computers too
  send: 127.0.0.1:9000       # or names for several: {{pd: 127.0.0.1:9000, sc: 127.0.0.1:57120}}

# From the board. Some words that a rule may have:
#   osc: /synth/cutoff       another address
#   rate: 100                messages a second (50 unless said)
#   scale: {{from: [0, 1], to: [20, 20000], curve: exp}}
#   smooth: 50ms             against jitter
#   on_change: true          only when the value differs
#   take: rms                of all samples since the last message: mean, rms, peak, min or max
"""
_IN = """
# To the board. Setting a variable takes control of it until belabridge ends.
# The words of `out` work here too, except take and echo; `clip: true` keeps to the range of `scale`.
"""


def starter(project: str, host: str, variables: Sequence[Variable]) -> str:
    """Write a config that sends every variable of a board and lets every one be set.

    Args:
        project: the program on the board.
        host: ``host`` or ``host:port`` of the board; empty = the usual places.
        variables: of the board, in its order; names that cannot stand in a config become comments.

    Returns:
        YAML that loads without a fault.
    """
    names: dict[str, Variable] = {}
    odd = []
    for variable in variables:
        if 0 < len(variable.name) <= MAX_TEXT and readable(variable.name) and len(names) < MAX_VARIABLES:
            names.setdefault(variable.name, variable)
        else:
            odd.append(variable.name)
    addresses = naming.addresses(names, DEFAULT_PREFIX)
    paths = {name: _path(address) for name, address in addresses.items()}
    title = f"The variables of {_comment(project)} as OSC." if project else "A board's variables as OSC."
    text = _HEAD.format(title=title, board=_board(host))
    text += "out:\n" if names else "out: []\n"
    rules = {name: f"  - {{var: {quoted(name)}, osc: {paths[name]}}}" for name in names}
    width = min(max(map(len, rules.values()), default=0), MAX_RULE_WIDTH)
    for name, rule in rules.items():
        text += f"{rule:<{width}}  # {_about(names[name])}\n"
    for name in odd:
        text += f"  # {_comment(name)}: this name cannot stand in a config\n"
    text += _IN + ("in:\n" if names else "in: []\n")
    for name in names:
        text += f"  - {{osc: {paths[name]}, var: {quoted(name)}}}\n"
    return text


def quoted(text: str) -> str:
    """Write a text so that YAML reads it as itself: bare when that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) and resolve(text) == text:
        return text
    return '"' + "".join(_escape(letter) for letter in text) + '"'


def _path(address: str) -> str:
    return address if _PLAIN_PATH.fullmatch(address) else f'"{"".join(map(_escape, address))}"'


def _escape(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def _comment(text: str) -> str:
    cut = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
    return "".join(letter if letter.isprintable() and readable(letter) else "?" for letter in cut)


def _board(host: str) -> str:
    usual = "# board: bela.local        # the usual places are tried; or host:port"
    if not host:
        return usual
    try:
        address = board_address(host)
    except Refused:
        return usual
    return f'board: "{address}"' if ":" in address.host else f"board: {address}"


def _about(variable: Variable) -> str:
    mode = "one time a value" if variable.mode == TimestampMode.SPARSE else "dense"
    return f"{C_NAMES[variable.type]}, {mode}, now {variable.value:g}"
