"""Reads the recorded sessions of real boards in ``tests/data/captures``."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "captures"


@dataclass(frozen=True)
class Record:
    """One line of a session: what passed (`payload`), when, where and in which direction."""

    t: float
    direction: str  # "rx" board → host, "tx" host → board, "ev" remark
    endpoint: str
    kind: str  # "text", "binary", "open", "close", "note"
    payload: bytes
    note: str


def records(name: str) -> list[Record]:
    """All records of a session, in the order of arrival; ``name`` without its ending."""
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="ascii").splitlines()
    raw = [json.loads(line) for line in lines]
    return [
        Record(r["t"], r["dir"], r["ep"], r["kind"], base64.b64decode(r.get("b64", "")), r.get("note", ""))
        for r in raw
    ]


def sessions() -> list[str]:
    """The names of all recorded sessions."""
    return sorted(path.name.removesuffix(".jsonl") for path in FOLDER.glob("*.jsonl"))
