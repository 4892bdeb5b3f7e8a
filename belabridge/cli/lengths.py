"""Lengths of time as one types them: ``10s``, ``500ms``, ``2min``, or ``4410f`` for audio frames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from belabridge.client.spans import Span

    _Type = click.ParamType[Any]  # a type with a parameter since click 8.4
else:
    _Type = click.ParamType

_FORM: Final = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|min|h|f|frames)")
_SECONDS: Final = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}


class Length(_Type):
    """A length of time, with its unit: a bare number could be seconds or frames."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Span:
        """Read what the user typed."""
        from belabridge.client.spans import Seconds, SpanFrames, frames, seconds

        if isinstance(value, Seconds | SpanFrames):
            return value
        form = _FORM.fullmatch(str(value).strip())
        if form is None:
            self.fail(f"{value!r} is no length of time: write 10s, 500ms, 2min or 4410f", param, ctx)
        number, unit = form.groups()
        if unit in _SECONDS:
            return seconds(float(number) * _SECONDS[unit])
        if "." in number:
            self.fail(f"{value!r}: frames are whole", param, ctx)
        return frames(int(number))


LENGTH: Final = Length()
