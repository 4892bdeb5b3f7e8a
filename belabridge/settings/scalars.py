"""What an unquoted word means: YAML 1.2's reading, and a fault where YAML 1.1 would read something else."""

from __future__ import annotations

import re
from dataclasses import dataclass

Scalar = None | bool | int | float | str

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_OLD_BOOL = {
    form: meaning
    for word, meaning in {"yes": "true", "on": "true", "no": "false", "off": "false"}.items()
    for form in (word, word.capitalize(), word.upper())
}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(?:(inf|Inf|INF)|(?:nan|NaN|NAN))")
_PREFIXED = re.compile(r"[-+]?0(?:x[0-9a-fA-F]+|o[0-7]+)")

# the four ways in which YAML 1.1 made numbers of what other readers take for text or for another number
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_BINARY = re.compile(r"[-+]?0b_*[01][01_]*")
_UNDERSCORE = re.compile(
    r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*"
)
_BASE_60 = re.compile(r"[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)")

INT_DIGITS = 18  # more than any number here needs, and far below where Python refuses to convert


@dataclass(frozen=True, slots=True)
class Trap:
    """A word that YAML readers disagree about.

    Attributes:
        value: the likeliest meaning, to go on with.
        problem: why it is not accepted.
        instead: what to write.
    """

    value: Scalar
    problem: str
    instead: str


def resolve(word: str) -> Scalar | Trap:
    """Give the meaning of an unquoted word.

    Null, booleans and numbers are those of the YAML 1.2 core schema (so ``1e3`` is 1000); everything
    else is text, unless YAML 1.1 made a boolean or another number of it.
    """
    if word in _WORDS:
        return _WORDS[word]
    if word in _OLD_BOOL:
        meaning = _OLD_BOOL[word]
        return Trap(word, f"`{word}` is {meaning} to some programs and a word to others", _or(meaning, word))
    return _number(word) if word[0].isdigit() or word[0] in "+-." else word


def _number(word: str) -> Scalar | Trap:
    value: Scalar | Trap = word
    if _INT.fullmatch(word) and len(word) <= INT_DIGITS:
        value = int(word)
    elif _PREFIXED.fullmatch(word) and len(word) <= INT_DIGITS:
        value = int(word, 0)
    elif trap := _number_trap(word):
        value = trap
    elif _FLOAT.fullmatch(word):
        value = float(word)
    elif special := _SPECIAL.fullmatch(word):
        value = float(f"{special[1]}inf") if special[2] else float("nan")
    return value


def _number_trap(word: str) -> Trap | None:
    if len(word) > INT_DIGITS:
        return None
    if _BASE_60.fullmatch(word):
        *high, low = word.replace("_", "").split(":")
        value = float(low)
        for power, digits in enumerate(reversed(high), start=1):
            value += abs(int(digits)) * 60**power
        value = -value if word.startswith("-") else value
        return Trap(
            value, f"`{word}` is {value:g} to some programs and text to others", _or(f"{value:g}", word)
        )
    if _LEADING_ZERO.fullmatch(word):
        decimal = int(word.replace("_", "") or "0")
        problem = f"`{word}` starts with a zero, which some programs read as base 8"
        return Trap(decimal, problem, _or(str(decimal), word))
    if _BINARY.fullmatch(word):
        value = int(word.replace("_", "").replace("0b", "") or "0", 2)
        return Trap(value, f"`{word}` is {value} to some programs and text to others", _or(str(value), word))
    if "_" in word and _UNDERSCORE.fullmatch(word):
        plain = word.replace("_", "")
        value = int(plain, 0) if "x" in plain or plain.lstrip("+-").isdigit() else float(plain)
        return Trap(value, f"`{word}` is {plain} to some programs and text to others", _or(plain, word))
    return None


def _or(meant: str, word: str) -> str:
    return f'write {meant}, or "{word}" in quotes when it is a name'
