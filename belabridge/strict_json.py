"""Any value as strict JSON, on one line or indented."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any


def one_line(value: Any) -> str:
    """``value`` as JSON without line ends: readable by every parser, whatever was in it.

    NaN and infinity, which JSON does not have, become null; a numpy number or array becomes Python's;
    bytes become text; what JSON does not know becomes its ``str``.
    """
    return json.dumps(_plain(value), ensure_ascii=True, allow_nan=False, separators=(", ", ": "))


def indented(value: Any) -> str:
    """The same as ``one_line``, on many lines for a person to read."""
    return json.dumps(_plain(value), ensure_ascii=True, allow_nan=False, indent=2)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # numpy, without importing it
        value = value.tolist()
    plain: Any
    if value is None or isinstance(value, (bool, int, str)):
        plain = value
    elif isinstance(value, float):
        plain = value if math.isfinite(value) else None
    elif isinstance(value, Mapping):
        plain = {str(key): _plain(item) for key, item in value.items()}
    elif isinstance(value, (bytes, bytearray)):
        plain = bytes(value).decode("utf-8", "backslashreplace")
    elif isinstance(value, (Sequence, AbstractSet)):
        plain = [_plain(item) for item in value]
    else:
        plain = str(value)
    return plain
