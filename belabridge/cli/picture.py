"""A daemon's status as a picture for a terminal, and as one line for a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

WIDTH = 100  # characters; wider terminals would tear names and their values apart
LINE_MAPPINGS = 7  # in the one line; that is what the simulated board has
ERRORS_SHOWN = 5
SILENT_S = 8.0  # a board is asked every 5 s, and answers within milliseconds
SHOWN_AT_ENDS = "osc.send_"  # drops that stand beside their destination
DIM, GOOD, BAD, WARN, HEAD = "dim", "green", "red", "yellow", "bold"


def picture(status: Fields, height: int | None = None) -> RenderableType:
    """Everything at a glance: board, mappings with values and rates, destinations, drops, latency, errors.

    Args:
        status: as the daemon answers; what is missing in it is left out of the picture.
        height: lines at most; the longest lists are cut to fit, and say so. None = all of it.
    """
    outs, ins = _list(status, "out"), _list(status, "in")
    room = None if height is None else max(height - _lines_besides_mappings(status), 2)
    busy = sum(bool(rule.get("received")) for rule in ins)
    out_rows, in_rows = _shared(len(outs), len(ins), busy, room)
    if in_rows < len(ins):
        ins.sort(key=lambda rule: not rule.get("received"))  # what is played is seen
    parts: list[RenderableType] = [_board_line(status), Text()]
    for head, unit, table, shown, all_of_them in (
        ("from the board", "", _outputs(outs[:out_rows]), out_rows, outs),
        ("to the board", "received", _inputs(ins[:in_rows]), in_rows, ins),
        ("destinations", "", _destinations(status), None, [*_ends(status), *midi_rows(status)]),
    ):
        if not all_of_them:
            continue
        title = Table.grid(expand=True)
        title.add_column(style=HEAD)
        title.add_column(style=DIM, justify="right")
        title.add_row(head, unit)
        parts += [title, table]
        if shown is not None and shown < len(all_of_them):
            parts.append(Text(f"  … and {len(all_of_them) - shown} more", style=DIM))
        parts.append(Text())
    parts.append(_health(status))
    parts += _errors(status)
    parts.append(Text(_life(status), style=DIM, no_wrap=True, overflow="ellipsis"))
    return Group(*parts)


def line(status: Fields) -> str:
    """The same in one line without colours, for a pipe or a log."""
    board = _dict(status, "board")
    state = "connected" if board.get("connected") else "no board"
    parts = [" ".join(filter(None, [state, *_board_words(board)]))]
    outs = _list(status, "out")
    shown = [
        f"{_name(out)} missing"
        if out.get("missing")
        else f"{_name(out)} {value_text(out.get('value'))} {rate_text(out.get('per_s'))}/s"
        for out in outs[:LINE_MAPPINGS]
    ]
    if len(outs) > LINE_MAPPINGS:
        shown.append(f"+{len(outs) - LINE_MAPPINGS}")
    parts.append(f"out {', '.join(shown) or 'none'}")
    if ins := _list(status, "in"):
        parts.append(f"in {len(ins)}, {count_text(_total(i.get('received') for i in ins))} received")
    parts += [f"{_text(end, 'name')} {_end_words(end)}" for end in _list(status, "destinations")]
    latency = _dict(status, "latency_ms")
    drops = _dict(status, "drops").items()
    lost = _total(n for reason, n in drops if not str(reason).startswith(SHOWN_AT_ENDS))
    parts.append(f"drops {count_text(lost)}")
    parts.append(f"latency {latency_text(latency.get('median'))} (p99 {latency_text(latency.get('p99'))})")
    return " | ".join(parts)


def _end_words(end: Fields) -> str:
    if end.get("down"):
        return f"nobody listens, {count_text(end.get('refused'))} lost"
    lost = f" {count_text(end['refused'])} refused" if end.get("refused") else ""
    return f"{count_text(end.get('sent'))} sent{lost}"


def _board_line(status: Fields) -> Text:
    board = _dict(status, "board")
    since = span_text(board["since_s"]) if "since_s" in board else ""
    text = Text(no_wrap=True, overflow="ellipsis")
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


def _table(*columns: tuple[float, str, str]) -> Table:
    """A table without lines; columns as (share of the width, or fixed width when > 3, justify, style)."""
    table = Table.grid(padding=(0, 1), expand=True)
    for size, justify, style in columns:
        table.add_column(
            justify=justify,  # type: ignore[arg-type]  # a literal of rich's
            style=style,
            no_wrap=True,
            overflow="ellipsis",
            ratio=int(size) if size <= 3 else None,
            width=int(size) if size > 3 else None,
        )
    return table


def _mappings_table(third: str) -> Table:
    """Columns for outputs and inputs alike, so that both tables stand under each other."""
    return _table(
        (2, "left", ""), (3, "left", ""), (1, "left", third), (10, "right", HEAD), (8, "right", DIM)
    )


def _outputs(outs: Sequence[Fields]) -> RenderableType:
    table = _mappings_table(DIM)
    for out in outs:
        if out.get("missing"):
            where = Text("not on the board now", style=WARN)
            table.add_row(Text(_name(out), style=WARN), where, "", NOTHING, "")
            continue
        sent = f"{rate_text(out.get('per_s'))}/s" if out.get("per_s") else NOTHING
        to = out.get("to")
        ends = ", ".join(printable(str(end)) for end in to) if isinstance(to, list) else ""
        table.add_row(
            Text(_name(out)),
            Text("→ ", style=DIM).append(_text(out, "address") or _text(out, "midi"), style="not dim"),
            Text(ends),
            Text(value_text(out.get("value"))),
            sent,
        )
    return Padding(table, (0, 0, 0, 2))


def _inputs(ins: Sequence[Fields]) -> RenderableType:
    table = _table(
        (2, "left", ""), (3, "left", ""), (1, "left", WARN), (10, "right", HEAD), (7, "right", DIM)
    )
    for rule in ins:
        target = _text(rule, "var") if rule.get("var") is not None else f"buffer {_text(rule, 'buffer')}"
        source = _text(rule, "osc") or _text(rule, "midi")
        if rule.get("missing"):
            where = Text(f"→ {target}: not there now", style=WARN)
            table.add_row(Text(source, style=WARN), where, "", NOTHING, "")
            continue
        refused = rule.get("refused")
        table.add_row(
            Text(source),
            Text("→ ", style=DIM).append(target, style="not dim"),
            f"{count_text(refused)} refused" if refused else "",
            Text(value_text(rule.get("value"))),
            count_text(rule.get("received")) if rule.get("received") else NOTHING,
        )
    return Padding(table, (0, 0, 0, 2))


def _ends(status: Fields) -> list[Fields]:
    return _list(status, "destinations") + _list(status, "subscribers")


def _destinations(status: Fields) -> RenderableType:
    ends = [
        (_text(end, "name") or "subscriber", f"{_text(end, 'host')}:{_text(end, 'port')}", end)
        for end in _ends(status)
    ]
    ports = midi_rows(status)
    names = [name for name, where, _ in ends if name != where] + [port.name for port in ports]
    longest = max(map(len, names), default=0)
    table = _table((1, "left", ""), (27, "right", WARN), (16, "right", DIM))
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


def _health(status: Fields) -> Text:
    latency, drops = _dict(status, "latency_ms"), _dict(status, "drops")
    text = Text("latency ", no_wrap=True, overflow="ellipsis")
    text.append(latency_text(latency.get("median")), style=HEAD)
    text.append(f", p99 {latency_text(latency.get('p99'))}", style=DIM)
    if reconnects := _dict(status, "board").get("reconnects"):
        text.append("   reconnects ").append(count_text(reconnects), style=WARN)
    text.append("   drops ")
    lost = [
        f"{printable(str(reason))} {count_text(n)}"
        for reason, n in drops.items()
        if n and not str(reason).startswith(SHOWN_AT_ENDS)
    ]
    return text.append(", ".join(lost) or "none", style=WARN if lost else GOOD)


def _errors(status: Fields) -> list[Text]:
    lines = []
    for error in _list(status, "errors")[-ERRORS_SHOWN:]:
        text = Text(
            f"{span_text(error.get('ago_s')):>12} ago  ", style=DIM, no_wrap=True, overflow="ellipsis"
        )
        lines.append(text.append(_text(error, "text"), style="not dim yellow"))
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
    heads = 2 * sum(bool(part) for part in (_list(status, "out"), _list(status, "in"), ends))
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
