"""A daemon's status as a picture for a terminal, and as one line for a pipe."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from belabridge.cli.figures import (
    NOTHING,
    count_text,
    latency_text,
    rate_text,
    sample_rate_text,
    span_text,
    value_text,
)
from belabridge.cli.midi_rows import midi_rows
from belabridge.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import RenderableType

    Fields = Mapping[str, Any]
    Long = Literal["ellipsis", "fold", "ignore"]  # cut it, go on in the next line, write it out

WIDTH = 100  # characters; wider terminals would tear names and their values apart
LINE_MAPPINGS = 7  # in the one line; that is what the simulated board has
ERRORS_SHOWN = 5
SILENT_S = 8.0  # a board is asked every 5 s, and answers within milliseconds
SHOWN_AT_ENDS = "osc.send_"  # drops that stand beside their destination
INTEGERS = frozenset("cij")  # the board's types whose values are whole
SHARES = (2, 3, 1)  # of the width, of the columns that give way
FIXED_OF_ENDS = 2 + 27 + 16 + 2
FIXED = 2 + 10 + 8 + 4  # characters of a table of mappings besides these: margin, value, rate, gaps
DIM, GOOD, BAD, WARN, HEAD = "dim", "green", "red", "yellow", "bold"


def picture(status: Fields, height: int | None = None, long: Long = "ellipsis") -> RenderableType:
    """Everything at a glance: board, mappings with values and rates, destinations, drops, latency, errors.

    Args:
        status: as the daemon answers; what is missing in it is left out of the picture.
        height: lines at most; the longest lists are cut to fit, and say so. None = all of it.
        long: what becomes of what is wider than its place.
    """
    outs, ins = _list(status, "out"), _list(status, "in")
    room = None if height is None else max(height - _lines_besides_mappings(status), 2)
    busy = sum(bool(rule.get("received")) for rule in ins)
    out_rows, in_rows = _shared(len(outs), len(ins), busy, room)
    if in_rows < len(ins):
        ins.sort(key=lambda rule: not rule.get("received"))  # what is played is seen
    at = f", on {_text(status, 'listen')}" if status.get("listen") else ""
    parts: list[RenderableType] = [_board_line(status, long), Text()]
    for head, unit, table, shown, all_of_them in (
        ("from the board", "", _outputs(outs[:out_rows], long), out_rows, outs),
        (f"to the board{at}", "received", _inputs(ins[:in_rows], long), in_rows, ins),
        ("destinations", "", _destinations(status, long), None, [*_ends(status), *midi_rows(status)]),
    ):
        if not all_of_them and not (at and head.endswith(at)):
            continue  # a port that is listened to is shown: questions come there too
        title = Table.grid(expand=True)
        title.add_column(style=HEAD)
        title.add_column(style=DIM, justify="right")
        title.add_row(head, unit)
        parts += [title, table]
        if shown is not None and shown < len(all_of_them):
            parts.append(Text(f"  … and {len(all_of_them) - shown} more", style=DIM))
        parts.append(Text())
    parts += [_health(status, long), *_errors(status, long)]
    parts.append(_text_line(_life(status), long, style=DIM))
    return Group(*parts)


def whole_width(status: Fields) -> int:
    """How wide the picture must be for its tables to cut nothing."""
    columns = zip(
        *(_output_cells(out)[:3] for out in _list(status, "out")),
        *(_input_cells(rule)[:3] for rule in _list(status, "in")),
        strict=True,
    )
    widest = [max(cell_len(str(cell)) for cell in column) for column in columns] or [0, 0, 0]
    shares = [
        math.ceil((cells + 1) * sum(SHARES) / share) for cells, share in zip(widest, SHARES, strict=True)
    ]
    ends = [len(f"{_text(end, 'name')}  {_text(end, 'host')}:{_text(end, 'port')}") for end in _ends(status)]
    ends += [len(port.name) + 2 + len(port.where) for port in midi_rows(status)]
    names = max([len(_text(end, "name")) for end in _ends(status)] + [0])
    return max(max(shares) + sum(SHARES) + FIXED, max(ends, default=0) + names + FIXED_OF_ENDS)


def line(status: Fields) -> str:
    """The same in one line without colours, for a pipe or a log."""
    board = _dict(status, "board")
    state = "connected" if board.get("connected") else "no board"
    parts = [" ".join(filter(None, [state, *_board_words(board)]))]
    outs = _list(status, "out")
    shown = [
        f"{_name(out)} missing"
        if out.get("missing")
        else f"{_name(out)} {_value(out)} {rate_text(out.get('per_s'))}/s"
        for out in outs[:LINE_MAPPINGS]
    ]
    if len(outs) > LINE_MAPPINGS:
        shown.append(f"+{len(outs) - LINE_MAPPINGS}")
    parts.append(f"out {', '.join(shown) or 'none'}")
    if ins := _list(status, "in"):
        at = f" on {_text(status, 'listen')}" if status.get("listen") else ""
        parts.append(f"in {len(ins)}{at}, {count_text(_total(i.get('received') for i in ins))} received")
    parts += [f"{_text(end, 'name')} {_end_words(end)}" for end in _list(status, "destinations")]
    parts += [
        f"subscriber {_text(end, 'host')}:{_text(end, 'port')} {_end_words(end)}"
        for end in _list(status, "subscribers")
    ]
    latency = _dict(status, "latency_ms")
    drops = _dict(status, "drops").items()
    lost = _total(n for reason, n in drops if not str(reason).startswith(SHOWN_AT_ENDS))
    parts.append(f"{_drops_word(status)} {count_text(lost)}")
    parts.append(f"latency {latency_text(latency.get('median'))} (p99 {latency_text(latency.get('p99'))})")
    return " | ".join(parts)


def _drops_word(status: Fields) -> str:
    """What is said of all drops but those that stand beside their destinations."""
    return (
        "other drops" if any(end.get("refused") or end.get("dropped") for end in _ends(status)) else "drops"
    )


def _end_words(end: Fields) -> str:
    if end.get("down"):
        return f"nobody listens, {count_text(end.get('refused'))} lost"
    lost = f" {count_text(end['refused'])} refused" if end.get("refused") else ""
    return f"{count_text(end.get('sent'))} sent{lost}"


def _board_line(status: Fields, long: Long) -> Text:
    board = _dict(status, "board")
    since = span_text(board["since_s"]) if "since_s" in board else ""
    text = _text_line("", long)
    if board.get("connected"):
        text.append("● ", style=GOOD)
        address, *rest = _board_words(board)
        text.append(address, style=HEAD)
        text.append("".join(f"  {word}" for word in rest))
        silent_s = board.get("silent_s")
        if isinstance(silent_s, float) and silent_s > SILENT_S:
            text.append(f"  silent for {span_text(silent_s)}", style=WARN)
        else:
            text.append(f"  connected {since}", style=DIM)
    else:
        text.append("○ ", style=BAD)
        text.append(_text(board, "address") or "no board yet", style=HEAD)
        text.append(f"  not connected {since}".rstrip() + ", trying again", style=WARN)
    return text


def _board_words(board: Fields) -> list[str]:
    variables = board.get("variables")
    words = [_text(board, "address")]
    if board.get("connected"):
        words += [_text(board, "project"), sample_rate_text(board.get("sampleRate"))]
        words.append(f"{variables} variables" if isinstance(variables, int) else "")
    return [words[0], *filter(None, words[1:])]


def _table(long: Long, *columns: tuple[float, str, str]) -> Table:
    """A table without lines; columns as (share of the width, or fixed width when > 3, justify, style)."""
    table = Table.grid(padding=(0, 1), expand=True)
    for size, justify, style in columns:
        table.add_column(
            justify=justify,  # type: ignore[arg-type]  # a literal of rich's
            style=style,
            no_wrap=long != "fold",
            overflow="fold" if long == "fold" else "ellipsis",
            ratio=int(size) if size <= 3 else None,
            width=int(size) if size > 3 else None,
        )
    return table


def _mappings_table(third: str, last: int, long: Long) -> Table:
    """Columns for outputs and inputs alike, so that both tables stand under each other."""
    first, second, to = SHARES
    return _table(
        long,
        (first, "left", ""),
        (second, "left", ""),
        (to, "left", third),
        (10, "right", HEAD),
        (last, "right", DIM),
    )


def _outputs(outs: Sequence[Fields], long: Long) -> RenderableType:
    table = _mappings_table(DIM, 8, long)
    for out in outs:
        table.add_row(*_output_cells(out))
    return Padding(table, (0, 0, 0, 2))


def _output_cells(out: Fields) -> tuple[Text, ...]:
    if out.get("missing"):
        where = Text("not on the board now", style=WARN)
        return Text(_name(out), style=WARN), where, Text(), Text(NOTHING), Text()
    to = out.get("to")
    return (
        Text(_name(out)),
        Text("→ ", style=DIM).append(_text(out, "address") or _text(out, "midi"), style="not dim"),
        Text(", ".join(printable(str(end)) for end in to) if isinstance(to, list) else ""),
        Text(_value(out)),
        Text(f"{rate_text(out.get('per_s'))}/s" if out.get("per_s") else NOTHING),
    )


def _inputs(ins: Sequence[Fields], long: Long) -> RenderableType:
    table = _mappings_table(WARN, 7, long)
    for rule in ins:
        table.add_row(*_input_cells(rule))
    return Padding(table, (0, 0, 0, 2))


def _input_cells(rule: Fields) -> tuple[Text, ...]:
    target = _text(rule, "var") if rule.get("var") is not None else f"buffer {_text(rule, 'buffer')}"
    source = _text(rule, "osc") or _text(rule, "midi")
    if rule.get("missing"):
        where = Text(f"→ {target}: not there now", style=WARN)
        return Text(source, style=WARN), where, Text(), Text(NOTHING), Text()
    refused = rule.get("refused")
    return (
        Text(source),
        Text("→ ", style=DIM).append(target, style="not dim"),
        Text(f"{count_text(refused)} refused" if refused else ""),
        Text(_value(rule)),
        Text(count_text(rule.get("received")) if rule.get("received") else NOTHING),
    )


def _value(rule: Fields) -> str:
    """The value; whole where the board's variable is."""
    value = rule.get("value")
    if rule.get("type") in INTEGERS and isinstance(value, float) and value.is_integer():
        value = int(value)
    return value_text(value)


def _ends(status: Fields) -> list[Fields]:
    return _list(status, "destinations") + _list(status, "subscribers")


def _destinations(status: Fields, long: Long) -> RenderableType:
    ends = [
        (_text(end, "name") or "subscriber", f"{_text(end, 'host')}:{_text(end, 'port')}", end)
        for end in _ends(status)
    ]
    ports = midi_rows(status)
    names = [name for name, where, _ in ends if name != where] + [port.name for port in ports]
    longest = max(map(len, names), default=0)
    table = _table(long, (1, "left", ""), (27, "right", WARN), (16, "right", DIM))
    for name, where, end in ends:
        lost = [f"{count_text(end[word])} {word}" for word in ("refused", "dropped") if end.get(word)]
        if end.get("down"):
            lost = [f"nobody listens, {count_text(end.get('refused'))} lost"]
        text = Text(where) if name == where else Text(f"{name:<{longest}}  ").append(where, style=DIM)
        table.add_row(text, Text(", ".join(lost)), f"{count_text(end.get('sent'))} sent")
    for port in ports:
        text = Text(f"{port.name:<{longest}}  ").append(port.where, style=DIM)
        table.add_row(text, Text(port.problem), port.count)
    return Padding(table, (0, 0, 0, 2))


def _text_line(text: str, long: Long, style: str = "") -> Text:
    overflow: Literal["ellipsis", "ignore", "fold"] = long
    return Text(text, style=style, no_wrap=long != "fold", overflow=overflow)


def _health(status: Fields, long: Long) -> Text:
    latency, drops = _dict(status, "latency_ms"), _dict(status, "drops")
    text = _text_line("latency ", long)
    text.append(latency_text(latency.get("median")), style=HEAD)
    text.append(f", p99 {latency_text(latency.get('p99'))}", style=DIM)
    if reconnects := _dict(status, "board").get("reconnects"):
        text.append("   reconnects ").append(count_text(reconnects), style=WARN)
    text.append(f"   {_drops_word(status)} ")
    lost = [
        f"{printable(str(reason))} {count_text(n)}"
        for reason, n in drops.items()
        if n and not str(reason).startswith(SHOWN_AT_ENDS)
    ]
    return text.append(", ".join(lost) or "none", style=WARN if lost else GOOD)


def _errors(status: Fields, long: Long) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for error in _list(status, "errors")[-ERRORS_SHOWN:]:
        ago = f"{span_text(error.get('ago_s')):>12} ago  "
        if long != "fold":
            text = _text_line(ago, long, style=DIM)
            lines.append(text.append(_text(error, "text"), style="not dim yellow"))
            continue
        table = Table.grid()
        table.add_column(style=DIM, no_wrap=True)
        table.add_column(style="not dim yellow", overflow="fold")  # its lines under each other
        table.add_row(Text(ago), Text(_text(error, "text")))
        lines.append(table)
    return lines


def _life(status: Fields) -> str:
    words = [f"belabridge {_text(status, 'belabridge')}".rstrip()]
    if "pid" in status:
        words.append(f"process {_text(status, 'pid')}")
    if "uptime_s" in status:
        words.append(f"up {span_text(status['uptime_s'])}")
    words.append(_text(status, "config") or "no config: everything is mapped")
    return " · ".join(words)


def _lines_besides_mappings(status: Fields) -> int:
    """How many lines there are without the mappings, counting a line each for saying that they are cut."""
    ends = [*_ends(status), *midi_rows(status)]
    heard = _list(status, "in") or status.get("listen")
    heads = 2 * sum(bool(part) for part in (_list(status, "out"), heard, ends))
    return 2 + heads + 2 + len(ends) + min(len(_list(status, "errors")), ERRORS_SHOWN) + 2


def _shared(outs: int, ins: int, busy: int, room: int | None) -> tuple[int, int]:
    """Rows for outputs and inputs when not all fit: inputs that are played first, then outputs."""
    if room is None or outs + ins <= room:
        return outs, ins
    for_ins = min(ins, max(room - outs, min(busy or 1, room // 2)))
    return room - for_ins, for_ins


def _name(out: Fields) -> str:
    take = out.get("take", "value")
    return _text(out, "var") if take == "value" else f"{_text(out, 'var')} {printable(str(take))}"


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    return "" if value is None else printable(str(value))


def _total(counts: Iterable[Any]) -> int:
    return sum(count for count in counts if isinstance(count, int))


def _dict(fields: Fields, key: str) -> Fields:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _list(fields: Fields, key: str) -> list[Fields]:
    value = fields.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
