"""All of the simulated board but its server is without clock, chance and network."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import belabridge.sim

ROOM = Path(belabridge.sim.__file__).parent
EDGES = {"peer.py", "server.py"}
IMPURE = {"asyncio", "socket", "time", "random", "threading", "websockets", "os"}
PURE = [path for path in sorted(ROOM.rglob("*.py")) if path.name not in EDGES]


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_no_impure_module_is_imported(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in {"belabridge.sim.peer", "belabridge.sim.server"}
            imported.add(node.module.split(".")[0])
    assert not imported & IMPURE
