"""A board's variables as pybela tells of them: dicts, in the words of the board's own list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from belabridge.client.known.arguments import buffer_values
from belabridge.values import TimestampMode

if TYPE_CHECKING:
    from belabridge.values import Variable
    from belabridge.wire.listing import VariableList


def as_list(board: VariableList) -> dict[str, Any]:
    """The answer to ``list``: ``sampleRate``, ``timestamp``, ``watchers``."""
    return {
        "sampleRate": as_rate(board.sample_rate),
        "timestamp": board.frame,
        "watchers": [_entry(variable) for variable in board.variables],
    }


def as_properties(variable: Variable) -> dict[str, Any]:
    """One variable of ``watcher_vars``."""
    return {
        "name": variable.name,
        "type": str(variable.type),
        "timestamp_mode": mode_name(variable.mode),
        "data_length": buffer_values(variable.type, variable.mode),
        "monitor": variable.monitor_period_frames,
    }


def is_streamed(variable: Variable) -> bool:
    """Somebody gets its values; on a board of protocol 2, perhaps in exact blocks."""
    return variable.watched or (variable.exact is not None and variable.exact.block_values > 0)


def mode_name(mode: TimestampMode) -> str:
    """``dense`` or ``sparse``."""
    return "sparse" if mode is TimestampMode.SPARSE else "dense"


def as_rate(sample_rate_hz: float) -> float:
    """Audio frames a second: an int when it is whole, as in the board's JSON."""
    return int(sample_rate_hz) if sample_rate_hz.is_integer() else sample_rate_hz


def _entry(variable: Variable) -> dict[str, Any]:
    return {
        "controlled": variable.controlled,
        "logFileName": variable.log_file_name,
        "logged": variable.logged,
        "monitor": variable.monitor_period_frames,
        "name": variable.name,
        "timestampMode": int(variable.mode),
        "type": str(variable.type),
        "value": variable.value,
        "valueInput": variable.value_input,
        "watched": is_streamed(variable),
    }
