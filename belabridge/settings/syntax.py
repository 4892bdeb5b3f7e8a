"""A YAML syntax error in a musician's words, at the place where the mistake was made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml


@dataclass(frozen=True, slots=True)
class _Saying:
    """How to say one of the YAML parser's complaints.

    Attributes:
        pattern: of the parser's ``context | problem``.
        problem: our words; ``{0}`` is the pattern's group.
        instead: what to write.
        at_start: the guilty place is where the construct began, not where the parser gave up.
        in_line: only when something stands before the place in its line.
    """

    pattern: re.Pattern[str]
    problem: str
    instead: str
    at_start: bool = False
    in_line: bool = False


def _saying(pattern: str, problem: str, instead: str, **more: bool) -> _Saying:
    return _Saying(re.compile(pattern, re.DOTALL), problem, instead, **more)


_QUOTE = "put the text in quotes"
_INDENT = "give keys of the same level the same indentation, with spaces"

# the first that fits is said; the last fits all
_SAYINGS = (
    _saying(r"found character '\\t'", "a tab stands here", "write spaces"),
    _saying(r"found character '([@`%|>])'", "a text cannot begin with {0}", _QUOTE),
    _saying(r"cannot start any token", "this character cannot stand here", _QUOTE),
    _saying(
        r"flow sequence.*expected ',' or '\]'",
        "this `[` has no `]`, or a comma is missing",
        "close it with `]`",
        at_start=True,
    ),
    _saying(
        r"flow mapping.*expected ',' or '}'",
        "this `{{` has no `}}`, or a comma is missing",
        "close it with `}}`",
        at_start=True,
    ),
    _saying(
        r"a simple key \| could not find expected ':'",
        "this line has no `:`",
        "write `key: value`",
        at_start=True,
    ),
    _saying(r"could not find expected ':'", "a `:` is missing", "write `key: value`", at_start=True),
    _saying(
        r"mapping values are not allowed",
        "a `:` is one too many here",
        f"{_QUOTE}, or look at the lines above: their `:` and indentation",
    ),
    _saying(
        r"sequence entries are not allowed", "a list cannot begin here", "put each `- ` on a line of its own"
    ),
    _saying(r"mapping keys are not allowed", "a `?` cannot stand here", _QUOTE),
    _saying(r"expected <block end>, but found '[\]}]'", "this bracket was never opened", "remove it"),
    _saying(
        r"expected <block end>",
        "something is left over here",
        "remove it, or put the whole text in quotes",
        in_line=True,
    ),
    _saying(
        r"block (?:mapping|collection).*expected <block end>",
        "this line does not fit the ones above",
        _INDENT,
    ),
    _saying(
        r"quoted scalar \| found unexpected",
        "this quote is never closed",
        "end the text with the same quote",
        at_start=True,
    ),
    _saying(
        r"unknown escape character", "`\\` means something else between double quotes", "use single quotes"
    ),
    _saying(
        r"expected escape sequence", "`\\` means something else between double quotes", "use single quotes"
    ),
    _saying(r"scanning an alias", "`*` begins a reference in YAML", _QUOTE),
    _saying(r"scanning an anchor", "`&` begins an anchor in YAML", _QUOTE),
    _saying(r"scanning a block scalar", "`|` and `>` begin a block of text in YAML", _QUOTE),
    _saying(r"a tag|tag handle|expected URI", "`!` begins a tag in YAML", _QUOTE),
    _saying(r"directive|YAML document", "`%` begins a directive in YAML", "remove the line"),
    _saying(
        r"expected '<document start>'",
        "something follows after the end of the config",
        "remove it, or check the brackets",
    ),
    _saying(r"expected the node content", "a value is missing here", "write one, or put the text in quotes"),
    _saying(r"", "this is not YAML", "look at the lines above: a bracket, a quote or the indentation"),
)


def say(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str, str]:
    """Give line and column (from 1), the problem, and what to write instead.

    Args:
        error: of the parser.
        text: that it read.
    """
    complaint = f"{error.context or ''} | {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    before = text[mark.index - mark.column : mark.index] if mark is not None else ""
    for saying in _SAYINGS:
        found = saying.pattern.search(complaint)
        if found and (before.strip(" -") or not saying.in_line):
            break
    if saying.at_start and error.context_mark is not None:
        mark = error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    groups = found.groups() if found else ()
    return line, column, saying.problem.format(*groups), saying.instead.format(*groups)
