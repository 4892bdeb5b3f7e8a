"""The words that change a value on its way: ``scale``, ``clip``, ``smooth`` and their like."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Literal, cast

from pydantic import Field, model_validator

from belabridge.rules import STEEPEST_POWER, OneEuro, OnePole, Scale, Shape
from belabridge.settings.model_base import Part
from belabridge.settings.refusal import did_you_mean, refuse, shown
from belabridge.settings.words import (
    PAIR_SCHEMA,
    Flag,
    NotNegative,
    Pair,
    Positive,
    Short,
    Word,
    mapping,
    number,
    pair,
    positive,
)

MAX_SMOOTH_S = 60.0  # slower than a minute nobody calls it smoothing
DOUBTFUL_S = 5.0  # `smooth: 50` means 50 ms to whoever writes it

_DURATION = re.compile(r"([0-9]*\.?[0-9]+)\s*(ms|s)", re.ASCII)
TIME_SCHEMAS = [
    {"type": "string", "pattern": f"^{_DURATION.pattern}$"},
    {"type": "number", "minimum": 0, "exclusiveMaximum": DOUBTFUL_S},
]
_CURVES = ("lin", "exp", "log")


def curve(value: Any) -> Literal["lin", "exp", "log"] | float:
    """Read the name of a curve, or a power."""
    match value:
        case "lin" | "exp" | "log":
            return cast("Literal['lin', 'exp', 'log']", value)
        case bool():
            pass
        case int() | float():
            if positive(value) > STEEPEST_POWER:
                raise refuse(
                    f"{shown(value)} is too steep for a curve", f"write a power up to {STEEPEST_POWER:g}"
                )
            return float(value)
    near = (
        did_you_mean(value, _CURVES, "write lin, exp, log or a power such as 2")
        if isinstance(value, str)
        else ""
    )
    raise refuse(f"{shown(value)} is no curve", near or "write lin, exp, log or a power such as 2")


def clip(value: Any) -> tuple[float, float] | bool:
    """Read ``true``, ``false`` or ``[low, high]``."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list):
        raise refuse(f"{shown(value)} is no range to clip to", "write true, or two numbers: [0, 1]")
    low, high = pair(value)
    if low > high:
        raise refuse("the low end of `clip` comes first", f"write [{high:g}, {low:g}]")
    return low, high


def step(value: Any) -> float | None:
    """Read ``round``: true is whole numbers, a number is the step."""
    if isinstance(value, bool):
        return 1.0 if value else None
    return positive(value)


def duration_s(value: Any, longest_s: float = MAX_SMOOTH_S, what: str = "to smooth over") -> float:
    """Read a time: ``50ms``, ``0.05s``, or seconds as a number.

    Args:
        value: the user's.
        longest_s: longer is a mistake.
        what: what the time is for, in the message.

    Raises:
        Refused: it is none, or too long.
    """
    if isinstance(value, str) and (found := _DURATION.fullmatch(value.strip())):
        seconds = float(found[1]) * (0.001 if found[2] == "ms" else 1.0)
    elif isinstance(value, (str, bool)) or value is None:
        raise refuse(f"{shown(value)} is no time", "write one such as 50ms or 0.05 (seconds)")
    else:
        seconds = number(value)
        if seconds >= DOUBTFUL_S:
            raise refuse(f"{shown(value)} would be seconds", f"write {value}ms, or {value}s when you mean it")
    if not 0 <= seconds <= longest_s:
        raise refuse(f"{shown(value)} is not a time {what}", f"write 0 to {longest_s:g} s, such as 50ms")
    return seconds


def expression(value: Any) -> str:
    """Read an expression's text; what it says is checked elsewhere."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
        raise refuse(f"{shown(value)} is no expression", "write one of x, such as x*2+1")
    if not isinstance(value, str):
        number(value)  # .inf would be text that looks like an unknown name
    return str(value)


_ABOVE_0: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}

Curve = Annotated[
    Literal["lin", "exp", "log"] | float,
    Word(curve, {"anyOf": [{"enum": list(_CURVES)}, {**_ABOVE_0, "maximum": STEEPEST_POWER}]}),
]
Clip = Annotated[tuple[float, float] | bool, Word(clip, {"anyOf": [{"type": "boolean"}, PAIR_SCHEMA]})]
Step = Annotated[float | None, Word(step, {"anyOf": [{"type": "boolean"}, _ABOVE_0]})]
Duration = Annotated[float, Word(duration_s, {"anyOf": TIME_SCHEMAS})]
Expression = Annotated[str, Word(expression, {"type": ["string", "number"]})]


class ScalePart(Part):
    """A range into a range."""

    from_: Pair = Field((0.0, 1.0), alias="from")
    """The range that comes in, [0, 1] unless said; either end may be the larger."""
    to: Pair = (0.0, 1.0)
    """The range that goes out, [0, 1] unless said; either end may be the larger."""
    curve: Curve = "lin"
    """lin; exp: equal steps become equal ratios (frequencies); log: its inverse; or a power."""

    @model_validator(mode="after")
    def _possible(self) -> ScalePart:
        for word, ends, which in (("exp", self.to, "to"), ("log", self.from_, "from")):
            if self.curve == word and ends[0] * ends[1] <= 0:
                low, high = ends
                problem = f"curve {word} cannot reach or cross 0, and `{which}` does"
                wanted = [end or (0.01 if low + high > 0 else -0.01) for end in ends]
                instead = f"write {which}: [{wanted[0]:g}, {wanted[1]:g}], or a power such as curve: 3"
                if low * high < 0:
                    instead = "keep both ends on one side of 0, or write a power such as curve: 3"
                raise refuse(problem, instead, path=(which,))
            if self.curve == word and not 0 < ends[1] / ends[0] < math.inf:
                raise refuse(
                    f"`{which}` is too wide for curve {word}", "bring its ends nearer", path=(which,)
                )
        return self

    def scale(self) -> Scale:
        """Give the rule's value."""
        return Scale(self.from_, self.to, self.curve)


class OneEuroPart(Part):
    """The settings of the One-Euro filter."""

    min_cutoff: Positive = 1.0
    """Hz; lower = calmer at rest."""
    beta: NotNegative = 0.0
    """Higher = less lag in motion."""
    d_cutoff: Positive = 1.0
    """Hz, of the speed that beta looks at; rarely changed."""


class SmoothPart(Part):
    """A filter in time."""

    one_euro: Annotated[OneEuroPart, mapping("{min_cutoff: 1, beta: 0.01}")] | None = None
    """Little jitter at rest, little lag in motion: for sensors and hands."""
    time: Duration | None = None
    """The time constant of a one-pole filter, as `smooth: 50ms` says shorter."""

    @model_validator(mode="after")
    def _one(self) -> SmoothPart:
        if (self.one_euro is None) == (self.time is None):
            raise refuse("`smooth` is one filter", "write 50ms, or {one_euro: {min_cutoff: 1, beta: 0.01}}")
        return self

    def filter(self) -> OnePole | OneEuro | None:
        """Give the rule's value; None for a time of 0."""
        if self.one_euro is not None:
            return OneEuro(self.one_euro.min_cutoff, self.one_euro.beta, self.one_euro.d_cutoff)
        return OnePole(self.time) if self.time else None


def _smooth(value: Any) -> Any:
    return value if isinstance(value, dict) else {"time": duration_s(value)}


def _scale(value: Any) -> Any:
    if not isinstance(value, dict):
        to = f"[{value[0]}, {value[1]}]" if _is_pair(value) else "[20, 20000]"
        raise refuse(f"{shown(value)} is no scale", f"write {{from: [0, 1], to: {to}}}")
    return value


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == 2 and all(isinstance(item, (int, float)) for item in value)
    )


class ShapePart(Part):
    """What happens to a value, in this order: expr, scale, invert, clip, smooth, round, deadband."""

    expr: Expression | None = None
    """An expression of x, such as x*2+1 or clip(x, 0, 1)."""
    scale: Annotated[ScalePart, Short(_scale)] | None = None
    """A range into a range."""
    invert: Flag = False
    """Turn the control around: exchange the ends of the range that comes in ([0, 1] without a scale)."""
    clip: Clip = False
    """Keep the value within [low, high]; true: within the range it is scaled to, else [0, 1]."""
    smooth: (
        Annotated[
            SmoothPart,
            Short(_smooth, lambda _long: list(TIME_SCHEMAS)),
        ]
        | None
    ) = None
    """50ms, seconds as a number, or {one_euro: {min_cutoff: 1, beta: 0.01}}."""
    round: Step = None
    """true: to whole numbers; a number: to multiples of it."""
    deadband: NotNegative = 0.0
    """Send only what differs by at least this from what was sent last."""
    on_change: Flag = False
    """Send only what differs from what was sent last."""

    def shape(self) -> Shape:
        """Give the rule's value; ``clip: true`` becomes a range."""
        scale = self.scale.scale() if self.scale else None
        if isinstance(self.clip, bool):
            low, high = sorted(scale.end if scale else (0.0, 1.0))
            limits = (low, high) if self.clip else None
        else:
            limits = self.clip
        return Shape(
            expr=self.expr,
            scale=scale,
            invert=self.invert,
            clip=limits,
            smooth=self.smooth.filter() if self.smooth else None,
            round=self.round,
            deadband=self.deadband,
            on_change=self.on_change,
        )
