"""Text from elsewhere, made safe for one line of a terminal or a log."""

from __future__ import annotations


def printable(text: str, limit: int | None = None) -> str:
    r"""Escape what a terminal would obey, such as line ends and ``ESC``, as ``\x1b``; the rest stays.

    Args:
        text: anything, lone surrogates included.
        limit: cut to this many characters, the last being ``…``; None = never cut.
    """
    # A peer may name a variable "\x1b[2J": shown raw it would clear the user's screen or forge a log line.
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return safe if limit is None or len(safe) <= limit else f"{safe[: limit - 1]}…"
