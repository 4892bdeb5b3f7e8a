"""OSC addresses: which text is one, and the part that a variable's name becomes."""

from __future__ import annotations

PATTERN_CHARACTERS = frozenset("?*[]{}")
# OSC 1.0, "OSC Address Spaces": these may not stand in the name of a method or container
_FORBIDDEN = frozenset(" #,/") | PATTERN_CHARACTERS


def is_valid_address(text: str) -> bool:
    """Whether ``text`` names one OSC method: ``/part/part``, printable ASCII, no part empty, no pattern."""
    return text.startswith("/") and all(part and _is_name(part) for part in text[1:].split("/"))


def is_pattern(text: str) -> bool:
    """Whether ``text`` holds a character that makes it a pattern and not one address."""
    return not PATTERN_CHARACTERS.isdisjoint(text)


def sanitise(name: str) -> str:
    """The part of an address that stands for a variable: each character OSC forbids becomes ``_``.

    Two names may become the same part (``a b`` and ``a#b``); whoever maps several names looks for that.
    """
    return "".join(c if _is_name(c) else "_" for c in name) or "_"


def _is_name(text: str) -> bool:
    return text.isascii() and text.isprintable() and _FORBIDDEN.isdisjoint(text)
