"""The layers of the house, held by reading the imports of every file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "belabridge"
VALUES = {
    "errors",
    "values",
    "rules",
    "tally",
    "printable",
    "strict_json",
    "stored",
    "naming",
    "numbered",
    "controls",
}
PURE = {"wire", "mapping", "settings", "osc.codec", "midi.codec", "plot.codec"}
IMPURE_MODULES = {"asyncio", "socket", "time", "random", "select", "subprocess", "threading"}
IMPURE_CALLS = {"open", "print", "input"}

# room -> the rooms of ours it may import besides the values
MAY_IMPORT = {
    "wire": set(),
    "mapping": set(),
    "settings": set(),
    "osc.codec": set(),
    "board": {"wire"},
    "midi.codec": set(),
    "osc": {"osc.codec"},
    "midi": {"midi.codec"},
    "plot.codec": set(),
    "plot": {"plot.codec"},
    "sim": set(),
    "recording": {"wire"},
    "logs": {"board", "recording", "wire"},
    "client": {"board", "plot", "logs", "recording", "settings", "wire"},
}
# files in pure rooms that are the doors to the file system
DOORS = {"settings/files.py", "settings/profiles.py"}


def files() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room_of(dotted: str) -> str:
    """The room of a module name below ``belabridge``: its folder, or its file at the top."""
    parts = dotted.split(".")
    if parts[0] in {"osc", "midi", "plot"} and parts[1:2] == ["codec"]:
        return f"{parts[0]}.codec"
    return parts[0]


def dotted_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute: they say where they reach"
            assert node.module is not None
            found.add(node.module)
            if node.module == "belabridge":
                found |= {f"belabridge.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_imports_only_what_its_layer_may(path):
    room = room_of(dotted_name(path))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = {
        room_of(name.removeprefix("belabridge.")) for name in imports(tree) if name.startswith("belabridge.")
    }
    ours -= {"__version__"}
    if room in VALUES:
        assert ours <= VALUES
    elif room in MAY_IMPORT:
        assert ours <= VALUES | MAY_IMPORT[room] | {room}


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_pure_rooms_have_no_clock_and_no_io(path):
    if room_of(dotted_name(path)) not in PURE | VALUES or str(path.relative_to(ROOT)) in DOORS:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not {name.split(".")[0] for name in imports(tree)} & IMPURE_MODULES
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not called & IMPURE_CALLS


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_says_its_one_idea_in_its_first_line(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{path} has no docstring"
    assert docstring.splitlines()[0].endswith(".")
