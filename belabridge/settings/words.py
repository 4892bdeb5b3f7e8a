"""The single values of a config (numbers, ranges, flags, choices): how each is read, and its JSON schema."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic_core import core_schema

from belabridge.rules import SLOWEST_RATE_HZ
from belabridge.settings.refusal import Refused, did_you_mean, one_of, refuse, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

T = TypeVar("T")

MAX_NUMBER = 3.4e38  # the largest float32, which is what a board and OSC carry
MAX_RATE_HZ = 1000.0  # a host's timers and its network have no finer grain; `take: all` sends more
MAX_TEXT = 200  # characters of a variable's or a destination's name

_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+", re.ASCII)
_RANGE = re.compile(r"(-?[0-9.]+)\s*(?:-|\.\.|,|to|:)\s*(-?[0-9.]+)", re.ASCII)
_HERTZ = re.compile(r"([0-9.]+)\s*[Hh][Zz]", re.ASCII)


@dataclass(frozen=True, eq=False)
class Word:
    """A value that one function reads: for ``Annotated``.

    Attributes:
        read: gives the value, or raises ``Refused``.
        schema: what an editor may accept.
    """

    read: Callable[[Any], Any]
    schema: JsonSchemaValue

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, _core: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return dict(self.schema)


@dataclass(frozen=True, eq=False)
class Short:
    """Shorter spellings of a part of the config: for ``Annotated``.

    Attributes:
        read: gives the long spelling (a dict or list), or raises ``Refused``.
        spellings: gives the schemas of the short spellings, from that of the long one.
    """

    read: Callable[[Any], Any]
    spellings: Callable[[JsonSchemaValue], list[JsonSchemaValue]] = lambda _long: []

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, core: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        long = handler(core)
        short = self.spellings(long)
        return {"anyOf": [*short, long]} if short else long


def mapping(example: str) -> Short:
    """Give what reads a mapping and says ``example`` to whoever wrote something else.

    Args:
        example: a right one; a lone word that the user wrote takes the place of its ``NAME``.
    """

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return value
        if value is None:
            raise refuse("nothing stands here", f"write {example}, or remove the `-`")
        if isinstance(value, str) and ":" in value.strip(":"):
            key, _, rest = value.partition(":")
            raise refuse(f"{shown(value)} has no space after the `:`", f"write {shown(f'{key}: {rest}')}")
        name = value if isinstance(value, str) and value.isidentifier() else "NAME"
        raise refuse(f"{shown(value)} stands where keys belong", f"write {example.replace('NAME', name)}")

    return Short(read)


def missing_space(key: str, known: list[str]) -> str | None:
    """Give ``var: pot1`` for ``var:pot1``, which YAML takes for one word, or None."""
    before, colon, after = key.partition(":")
    return f"{before}: {after}" if colon and before in known else None


def number(value: Any) -> float:
    """Read a finite number."""
    if value is None:
        raise refuse("a number is missing here", "write one, or remove the line")
    if isinstance(value, str) and _COMMA.fullmatch(value):
        raise refuse(f"{shown(value)} is no number", f"write {value.replace(',', '.')}, with a point")
    if isinstance(value, str) and _is_number(value):
        raise refuse(f'"{value.strip()}" in quotes is text', f"write {value.strip()} without quotes")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise refuse(f"{shown(value)} is no number", "write one such as 0.5")
    if math.isnan(value) or abs(value) > MAX_NUMBER:
        raise refuse("this number cannot be sent", "write one between -3.4e38 and 3.4e38")
    return float(value)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and len(text) < 30
    except ValueError:
        return False


def positive(value: Any) -> float:
    """Read a number greater than 0."""
    given = number(value)
    if given <= 0:
        raise refuse(f"{shown(value)} is not greater than 0", "write a number such as 1")
    return given


def not_negative(value: Any) -> float:
    """Read a number that is 0 or greater."""
    given = number(value)
    if given < 0:
        raise refuse(f"{shown(value)} is less than 0", "write 0 or more")
    return given


def whole(what: str, low: int, high: int) -> Callable[[Any], int]:
    """Give a reader of a whole number.

    Args:
        what: how a message calls it, such as ``controller``.
        low: the lowest that there is.
        high: the highest.
    """

    def read(value: Any) -> int:
        if isinstance(value, str) and _is_number(value):
            raise refuse(f'"{value.strip()}" in quotes is text', f"write {value.strip()} without quotes")
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse(f"{shown(value)} is no {what}", f"write a whole number from {low} to {high}")
        if not low <= value <= high:
            raise refuse(f"there is no {what} {shown(value)}", f"write a number from {low} to {high}")
        return value

    return read


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise refuse(f"{shown(value)} is neither true nor false", "write true or false")
    return value


def rate(value: Any) -> float:
    """Read messages a second."""
    if isinstance(value, str) and (found := _HERTZ.fullmatch(value)):
        raise refuse(f"{shown(value)} has a unit", f"write {found[1]}: a rate is in Hz")
    too_fast = "messages a second are more than timers and networks keep apart"
    less = f"write {MAX_RATE_HZ:g} or less; `take: all` sends every sample in chunks"
    if isinstance(value, float) and not math.isfinite(value):
        if value > 0:
            raise refuse(f"infinitely many {too_fast}", less)
        raise refuse("this is no rate", "write messages a second, such as 50")
    given = number(value)
    if given <= 0:
        raise refuse(f"a rate of {shown(value)} would never send", "write messages a second, such as 50")
    if given < SLOWEST_RATE_HZ:
        problem = f"a rate of {shown(value)} is less than one message in a quarter of an hour"
        raise refuse(problem, f"write {SLOWEST_RATE_HZ:g} or more")
    if given > MAX_RATE_HZ:
        raise refuse(f"{shown(value)} {too_fast}", less)
    return given


def each(read: Callable[[Any], T], values: list[Any]) -> list[T]:
    """Read all items of a list, and refuse with the faults of all of them."""
    wrongs, items = [], []
    for index, value in enumerate(values):
        try:
            items.append(read(value))
        except Refused as refused:
            wrongs += [wrong.below(index) for wrong in refused.wrongs]
    if wrongs:
        raise Refused(*wrongs)
    return items


def pair(value: Any) -> tuple[float, float]:
    """Read ``[a, b]``, two different numbers."""
    if isinstance(value, str) and (found := _RANGE.fullmatch(value.strip())):
        raise refuse(f"{shown(value)} is no range", f"write [{found[1]}, {found[2]}]")
    if not isinstance(value, list) or len(value) != 2:
        point = "; a decimal number has a point" if isinstance(value, list) and len(value) > 2 else ""
        raise refuse(f"{shown(value)} is no range", f"write two numbers: [0, 1]{point}")
    numbers = each(number, value)
    if numbers[0] == numbers[1]:
        raise refuse(f"both ends of this range are {value[0]}", "write two different numbers: [0, 1]")
    return numbers[0], numbers[1]


def name(value: Any) -> str:
    """Read a name as the board or the user gave it."""
    if isinstance(value, (dict, list)) or value is None or value == "":
        raise refuse(f"{shown(value)} is no name", "write one")
    if not isinstance(value, str):
        raise refuse("a name is text, and this is a number or a yes or no", "put it in quotes")
    if len(value) > MAX_TEXT:
        raise refuse(f"{shown(value)} is too long for a name", f"write at most {MAX_TEXT} characters")
    return value


def choice(what: str, words: Mapping[str, str]) -> Callable[[Any], str]:
    """Give a reader of one of a few words.

    Args:
        what: how a message calls the word.
        words: each word and what it stands for; only those that stand for themselves are proposed.
    """
    proper = [word for word, meaning in words.items() if word == meaning]

    def read(value: Any) -> str:
        if isinstance(value, str) and value in words:
            if words[value] == value:
                return value
            raise refuse(f"{shown(value)} is no {what}", f"write {words[value]}")
        near = did_you_mean(value, proper) if isinstance(value, str) else ""
        listed = f"write {one_of(proper)}"
        raise refuse(f"{shown(value)} is no {what}", near if near and len(proper) > 5 else listed)

    return read


Number = Annotated[float, Word(number, {"type": "number"})]
Positive = Annotated[float, Word(positive, {"type": "number", "exclusiveMinimum": 0})]
NotNegative = Annotated[float, Word(not_negative, {"type": "number", "minimum": 0})]
Flag = Annotated[bool, Word(flag, {"type": "boolean"})]
Rate = Annotated[float, Word(rate, {"type": "number", "minimum": SLOWEST_RATE_HZ, "maximum": MAX_RATE_HZ})]
Name = Annotated[str, Word(name, {"type": "string", "minLength": 1, "maxLength": MAX_TEXT})]
PAIR_SCHEMA: dict[str, Any] = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
Pair = Annotated[tuple[float, float], Word(pair, PAIR_SCHEMA)]
