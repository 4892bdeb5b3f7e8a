"""Which array a number or a name means, on boards of both protocols."""

from __future__ import annotations

import pytest

from belabridge.errors import UsageError
from belabridge.values import TimestampMode, Variable, VarType
from belabridge.wire.host_arrays import find_array
from belabridge.wire.listing import HostArray, VariableList

POT = Variable("pot", 0, VarType.FLOAT, TimestampMode.DENSE, 0.0, 0.0)
ARRAYS = (HostArray("table", 1, VarType.FLOAT, 4, 0), HostArray("steps", 2, VarType.INT, 16, 0))
SECOND = VariableList(44100.0, 0, (POT,), protocol=2, arrays=ARRAYS)
FIRST = VariableList(44100.0, 0, (POT,))


@pytest.mark.parametrize(
    ("board", "asked", "found"),
    [
        (SECOND, ("table", None, 4), (1, VarType.FLOAT)),
        (SECOND, ("steps", VarType.INT, 1), (2, VarType.INT)),
        (SECOND, (1, VarType.FLOAT, 4), (1, VarType.FLOAT)),
        (SECOND, (1, None, 0), (1, VarType.FLOAT)),
        (SECOND, (9, VarType.CHAR, 5), (9, VarType.CHAR)),  # the program made it without our library
        (SECOND, (9, None, 5), (9, None)),
        (FIRST, (0, VarType.FLOAT, 5000), (0, VarType.FLOAT)),
    ],
)
def test_it_is_found(board, asked, found):
    assert find_array(board, *asked) == found


@pytest.mark.parametrize(
    ("board", "asked", "said"),
    [
        (SECOND, ("pot", None, 1), "the board has no buffer 'pot': it has table, steps"),
        (SECOND, (0, VarType.FLOAT, 1), "0 is the variable 'pot' and no buffer: it has table, steps"),
        (SECOND, ("table", VarType.INT, 1), "buffer 'table' is of type f, not i"),
        (SECOND, (2, VarType.FLOAT, 1), "buffer 'steps' is of type i, not f"),
        (SECOND, ("table", None, 5), "5 values: buffer 'table' holds 4"),
        (
            FIRST,
            ("table", None, 1),
            "the board has no buffer 'table': this board tells of none: write the number",
        ),
        (VariableList(1.0, 0, (), protocol=2), ("a", None, 1), "the board has no buffer 'a': it has none"),
    ],
)
def test_it_is_not_there_or_not_fit(board, asked, said):
    with pytest.raises(UsageError) as told:
        find_array(board, *asked)
    assert str(told.value).startswith(said)
