"""Finds, in a recorded session, the frame at which the board took each message of the host.

A recording holds no such frame, but what the board sent tells it:

* ``list``: the answer's timestamp is the frame before;
* a start (``watch``, ``log``, ``monitor``, the first reply): the first frame that it sent;
* a stop, or an end of all clients: the last frame that a flushed or spliced buffer holds.

What shows nowhere (``control``, a scheduled start) is put where the session's clock says: a line through the
answers to ``list``. Its exact block does not show in the messages either.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, replace

import numpy as np

from captures import FOLDER, Record, records

BLOCK = 16
BODY_BYTES = 4104
DTYPES = {"c": "u1", "i": "<i4", "j": "<u4", "f": "<f4", "d": "<f8"}


@dataclass(frozen=True)
class Pair:
    """A header and its body, and when they came."""

    t: float
    header: bytes
    body: bytes

    @property
    def frame(self) -> int:
        return struct.unpack_from("<Q", self.body)[0]

    @property
    def values(self) -> np.ndarray:
        dtype = np.dtype(DTYPES[self.header[-1:].decode()])
        return np.frombuffer(
            self.body[8 : 8 + (len(self.body) - 8) // dtype.itemsize * dtype.itemsize], dtype
        )

    @property
    def streamed(self) -> bool:
        return len(self.body) > 16


@dataclass(frozen=True)
class Step:
    """Something the clients did, at the frame that the board was about to process.

    ``kind`` is ``open`` or ``close`` of a control socket, or the endpoint of a message.
    """

    frame: int
    kind: str
    client: str
    payload: bytes


def pairs(name: str) -> list[Pair]:
    """The data messages of a session, two by two."""
    got = [r for r in records(name) if r.direction == "rx" and r.endpoint.startswith("data")]
    return [Pair(b.t, h.payload, b.payload) for h, b in zip(got[::2], got[1::2], strict=True)]


def control(name: str) -> list[str]:
    """The control messages that the board sent."""
    return [
        r.payload.decode() for r in records(name) if r.direction == "rx" and r.endpoint.startswith("control")
    ]


def log_file(name: str, variable: str) -> bytes:
    """The log file of a variable that a session left on the board."""
    return (FOLDER / f"{name}.{variable}.bin").read_bytes()


def steps(name: str) -> list[Step]:
    """What the clients did, each at its frame."""
    return _Finder(name).steps()


class _Finder:
    def __init__(self, name: str) -> None:
        self.name = name
        self.session = session = records(name)
        self.data = pairs(name)
        listed = [
            (r.t, json.loads(r.payload)["watcher"]["timestamp"] + 1)
            for r in session
            if r.direction == "rx" and b'"watchers"' in r.payload
        ]
        self.listed = listed
        times, frames = np.array(listed).T
        self.line = np.polyfit(times, frames, 1) if len(listed) > 1 else None
        self.anchor = listed[0]
        self.names = _names(session)
        self.active = False

    def steps(self) -> list[Step]:
        found, least = [], 0
        for r in self.session:
            kind = r.kind if r.kind in {"open", "close"} else "control" if "control" in r.endpoint else "data"
            if r.kind in {"open", "close"} and not r.endpoint.startswith("control"):
                continue
            if r.direction == "rx" or r.kind == "note":
                continue
            for payload in _one_by_one(r.payload):
                least = max(least, self.frame_of(replace(r, payload=payload)))
                found.append(Step(least, kind, r.endpoint, payload))
        return found

    def frame_of(self, r: Record) -> int:
        """The frame from the board's own words, or from the clock."""
        if r.kind in {"open", "close"}:
            if r.kind == "close":
                self.active = False
            seam = self.seam_after(r.t)
            return seam[0] if r.kind == "close" and seam else self.by_clock(r.t)
        message = _parsed(r.payload)
        hint = None
        for element in message.get("watcher", []):
            hint = self.hint(r.t, element) or hint
        if message.get("event") == "connection-reply":
            self.active = True
            seam = self.seam_after(r.t)
            watched = next((p for p in self.after(r.t) if p.streamed and p.header[:1] == b"0"), None)
            if seam:
                hint = seam[1]
            elif watched and watched.t - r.t < 0.02:  # a watch had waited for the reply
                hint = watched.frame
        return hint or self.by_clock(r.t)

    def hint(self, t: float, element: dict) -> int | None:
        command, names = element["cmd"], element.get("watchers", [])
        now = not element.get("timestamps") or element["timestamps"][0] < 100
        match command:
            case "list":
                return next((frame for at, frame in self.listed if t < at < t + 0.05), None)
            case "control":
                return self.controlled_at(t, names)
            case "monitor" if element["periods"][0]:
                return self.monitored_at(t, names[0], element["periods"][0])
            case "watch" | "unwatch" | "log" | "unlog" if now and self.active:
                return self.stream_changed_at(t, command, names)
        return None

    def stream_changed_at(self, t: float, command: str, names: list[str]) -> int | None:
        """A start or stop that was meant at once: the first or last frame of what was streamed or logged."""
        dense = [f"{self.names.index(n)}/".encode() for n in names if self.names.index(n) in self.dense()]
        of_these = [p for p in self.after(t) if p.header[:2] in dense and p.streamed]
        if command == "log":
            answers = (r for r in self.session if t < r.t < t + 0.05 and b"timestampEnd" in r.payload)
            answer = next(answers, None)  # none when it was already logging
            return json.loads(answer.payload)["watcher"]["timestamp"] if answer else None
        if command == "watch":
            return next((p.frame for p in of_these if p.frame >= self.by_clock(t) - 256), None)
        if command == "unlog" and not of_these:
            return self.logged_until(t, names[0])
        short = next((p for p in of_these if p.values[-1] == 0), None)
        return short.frame + int(np.flatnonzero(short.values)[-1]) if short else None

    def logged_until(self, t: float, name: str) -> int | None:
        """The last value of the log file that the session left, when it is of that time."""
        last = log_file(self.name, name)[-BODY_BYTES + 8 :]
        values = np.frombuffer(last, "<u4")
        end = int(values[np.flatnonzero(values)[-1]])
        return end if abs(end - self.by_clock(t)) < 1000 else None

    def monitored_at(self, t: float, name: str, period: int) -> int | None:
        """The block of the monitor's first value, which an inactive client may not have been sent."""
        header = f"{self.names.index(name)}/".encode()
        first = next((p.frame for p in self.after(t) if p.header[:2] == header and not p.streamed), None)
        if first is None:
            return None
        missed = round((first - self.by_clock(t)) / period) if period > 1 else 0
        return (first - missed * period) // BLOCK * BLOCK

    def controlled_at(self, t: float, names: list[str]) -> int | None:
        """A value under control begins as the last one that the program assigned: the next list shows it."""
        answer = next(
            (
                r
                for r in self.session
                if r.direction == "rx" and t < r.t < t + 0.01 and b'"watchers"' in r.payload
            ),
            None,
        )
        if answer is None:
            return None
        entries = json.loads(answer.payload)["watcher"]["watchers"]
        entry = next(w for w in entries if w["name"] in names)
        return int(entry["value"]) + 1

    def seam_after(self, t: float) -> tuple[int, int] | None:
        """(frame after the last old value, first new frame) when variable 0's next buffer is spliced."""
        buffer = next((p for p in self.after(t) if p.header == b"0/d" and p.streamed), None)
        jumps = np.flatnonzero(np.diff(buffer.values) > 1) if buffer else ()
        if buffer is None or not len(jumps):
            return None
        return int(buffer.values[jumps[0]]) + 1, int(buffer.values[jumps[0] + 1])

    def after(self, t: float) -> list[Pair]:
        return [p for p in self.data if p.t > t]

    def dense(self) -> set[int]:
        answer = next(r.payload for r in self.session if b'"watchers"' in r.payload and r.direction == "rx")
        watchers = json.loads(answer)["watcher"]["watchers"]
        return {n for n, w in enumerate(watchers) if w["timestampMode"] == 0}

    def by_clock(self, t: float) -> int:
        at, frame = self.anchor
        estimate = np.polyval(self.line, t) if self.line is not None else frame + (t - at) * 44_100
        return max(0, int(estimate) // BLOCK * BLOCK)


def _names(session: list[Record]) -> list[str]:
    answer = next(r.payload for r in session if b'"watchers"' in r.payload and r.direction == "rx")
    return [w["name"] for w in json.loads(answer)["watcher"]["watchers"]]


def _one_by_one(payload: bytes) -> list[bytes]:
    """A ``monitor`` of several variables, taken apart: each acts at once, and the blocks go on meanwhile."""
    elements = _parsed(payload).get("watcher", [])
    if len(elements) != 1 or elements[0].get("cmd") != "monitor":
        return [payload]
    names, periods = elements[0]["watchers"], elements[0]["periods"]
    if len(names) != len(periods):
        return [payload]
    return [
        json.dumps({"watcher": [{"cmd": "monitor", "watchers": [name], "periods": [period]}]}).encode()
        for name, period in zip(names, periods, strict=True)
    ]


def _parsed(payload: bytes) -> dict:
    try:
        value = json.loads(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
