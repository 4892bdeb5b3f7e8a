"""OSC addresses: which text is one, and which a pattern."""

from __future__ import annotations

from belabridge.naming import PATTERN_CHARACTERS, is_part


def is_valid_address(text: str) -> bool:
    """Whether ``text`` names one OSC method: ``/part/part``, printable ASCII, no part empty, no pattern."""
    return text.startswith("/") and all(part and is_part(part) for part in text[1:].split("/"))


def is_pattern(text: str) -> bool:
    """Whether ``text`` holds a character that makes it a pattern and not one address."""
    return not PATTERN_CHARACTERS.isdisjoint(text)
