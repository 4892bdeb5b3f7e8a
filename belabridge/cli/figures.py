"""Numbers as a person reads them: at a glance, and without columns that jump."""

from __future__ import annotations

import math
from typing import Any

from belabridge.printable import printable

NOTHING = "·"  # where a number will be


def value_text(value: Any) -> str:
    """A value of a variable in at most 10 characters: ``0.4123``, ``440``, ``12034.2``, ``-1.2e-07``.

    A dot when there is none yet, ``NaN`` and ``∞`` as such, the length of a block as ``[1024]``.
    """
    if isinstance(value, (list, tuple)):
        return value_text(value[0]) if len(value) == 1 else f"[{len(value)}]"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return NOTHING if value is None else printable(str(value), 10)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if isinstance(value, int) and abs(value) < 1e9:
        return str(value)
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:
        return f"{value:.2g}"
    # decimals by size, trailing zeros kept: a moving value keeps its place
    return f"{value:.{4 if size < 10 else 3 if size < 100 else 2 if size < 1000 else 1}f}"


def rate_text(per_s: Any) -> str:
    """Messages a second: ``50``, ``4.8``, a dot when nothing flows."""
    if not isinstance(per_s, (int, float)) or not per_s > 0:
        return NOTHING
    return f"{per_s:.1f}" if per_s < 9.95 else f"{per_s:.0f}"


def count_text(count: Any) -> str:
    """A counter with thin gaps at the thousands: ``12 034``."""
    return f"{count:,}".replace(",", " ") if isinstance(count, int) else "0"


def span_text(seconds: Any) -> str:
    """A time in two units at most: ``0.4 s``, ``12 s``, ``3 min 05 s``, ``2 h 10 min``, ``4 d 7 h``."""
    if not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        return NOTHING
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    for unit_s, unit, sub_s, sub, width in (
        (86400, "d", 3600, "h", 1),
        (3600, "h", 60, "min", 2),
        (60, "min", 1, "s", 2),
    ):
        if whole >= unit_s:
            return f"{whole // unit_s} {unit} {whole % unit_s // sub_s:0{width}d} {sub}"
    return f"{whole} s"


def latency_text(ms: Any) -> str:
    """Milliseconds: ``0.42 ms``, ``12 ms``."""
    if not isinstance(ms, (int, float)) or not math.isfinite(ms):
        return NOTHING
    return f"{ms:.2f} ms" if ms < 9.995 else f"{ms:.0f} ms"


def sample_rate_text(hz: Any) -> str:
    """A sample rate: ``44.1 kHz``."""
    return f"{hz / 1000:g} kHz" if isinstance(hz, (int, float)) and hz > 0 else ""
