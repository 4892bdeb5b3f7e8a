"""What list, monitor and check print of a board that means harm."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from belabridge.board.look import BoardView
from belabridge.cli.list_ import as_dict, as_text
from belabridge.cli.monitor import Seen, _drawn, _show
from belabridge.strict_json import indented, one_line
from belabridge.values import Address, Block, TimestampMode, Variable, VarType
from belabridge.wire.listing import HostArray, VariableList
from waiting import until


def variable(name, id_, value=0.5):
    return Variable(name, id_, VarType.FLOAT, TimestampMode.DENSE, value, value)


def never(word):
    raise AssertionError(f"{word} is not JSON")


HOSTILE = BoardView(
    Address("h"), "\x1b[2J", 44_100.0, 1, (variable("a\x1b[31m", 0), variable("b", 1, float("nan")))
)


def test_a_list_for_a_person_holds_nothing_that_a_terminal_obeys():
    lines = as_text(HOSTILE).split("\n")
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)


def test_a_list_has_the_buffers_too():
    arrays = (HostArray("a long table", 1, VarType.FLOAT, 1024, 3),)
    view = BoardView(Address("h"), "p", 44_100.0, 1, (variable("a", 0),), 2, arrays)
    *_, values, buffer = as_text(view).split("\n")
    assert buffer == "  a long table  float[1024], a buffer that clients fill"
    assert values.index("float") == buffer.index("float")
    assert as_dict(view)["buffers"] == [
        {"name": "a long table", "id": 1, "type": "f", "size": 1024, "received": 3}
    ]


def test_a_list_for_programs_is_strict_json():
    tree = json.loads(indented(as_dict(HOSTILE)), parse_constant=never)
    assert tree["watchers"][1]["value"] is None


@pytest.mark.parametrize("name", ["a\x1b[2J", "[/bold]", "[red]x"])
def test_a_picture_takes_no_orders_from_a_name(name):
    from rich.console import Console

    seen = Seen([name], 10.0)
    seen.state = name
    console = Console(width=80)
    with console.capture() as captured:
        console.print(_drawn(HOSTILE, seen))
    assert "\x1b[2J" not in captured.get()
    if name.isprintable():
        assert captured.get().count(name) == 2


def test_values_come_to_the_names_of_their_ids():
    """The board has a variable that cannot be read in the middle: places in the list are no ids."""
    seen = Seen(["a", "c"], 10.0)
    seen.connected(VariableList(44_100.0, 5, (variable("a", 0), variable("c", 2)), ("odd",)), "p")
    for id_, value in ((2, 7.0), (1, 8.0), (9, 9.0)):
        seen.block(Block(id_, VarType.FLOAT, 6, np.array([value], "<f4"), None, monitored=True), 0.0)
    assert json.loads(one_line(seen.row())) == {
        "project": "p",
        "timestamp": 6,
        "watchers": [{"name": "a", "value": 0.5}, {"name": "c", "value": 7.0}],
    }


def test_the_title_is_as_wide_as_the_terminal_and_not_as_the_table():
    from rich.console import Console

    seen = Seen(["a"], 10.0)
    seen.lost("no answer for 15 s: the cable, or the program on the board")
    console = Console(width=80)
    with console.capture() as captured:
        console.print(_drawn(HOSTILE, seen))
    first = captured.get().splitlines()[0]
    assert first == "lost: no answer for 15 s: the cable, or the program on the board on h:5555"


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_lost_board_gives_no_line_with_old_values(capsys, as_json):
    def board(frame, value):
        return VariableList(44_100.0, frame, (variable("a", 0, value),), ())

    def lines():
        return captured.extend(capsys.readouterr().out.splitlines()) or len(captured)

    captured = []
    seen = Seen(["a"], 200.0)
    seen.connected(board(5, 0.5), "p")
    showing = asyncio.create_task(_show(HOSTILE, seen, 200.0, 2, as_json=as_json))
    await until(lambda: lines() == 1)
    seen.lost("gone")
    await until(lambda: not seen.changed.is_set())  # it was looked at, and said nothing
    assert lines() == 1
    seen.connected(board(6, 0.75), "p")
    await asyncio.wait_for(showing, 5)
    assert lines() == 2
    assert "0.75" in captured[1]
