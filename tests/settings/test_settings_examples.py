"""The example configs: each loads, can be mapped, and fits the simulated board."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from belabridge.mapping.expr import problem
from belabridge.mapping.problems import rule_problem
from belabridge.settings.files import load
from belabridge.sim.programs.default import default_program

EXAMPLES = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))


def test_there_are_examples():
    assert {path.stem for path in EXAMPLES} >= {
        "minimal",
        "demo",
        "puredata",
        "supercollider",
        "machine-learning",
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_and_can_be_mapped(path):
    config = load(path, check_expr=problem, check_rule=rule_problem)
    for rule in (*config.out, *config.in_):
        assert rule_problem(rule) is None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_names_the_variables_of_the_simulated_board(path):
    config = load(path)
    named = {rule.var for rule in (*config.out, *config.in_) if rule.var is not None}
    assert named <= {variable.name for variable in default_program().variables}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_helps_the_editor_and_the_reader(path):
    lines = path.read_text("utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=belabridge.schema.json"
    assert lines[1].startswith("# ")
    assert max(map(len, lines)) <= 110


def test_the_demo_uses_every_variable():
    (demo,) = (path for path in EXAMPLES if path.stem == "demo")
    config = load(demo)
    named = {rule.var for rule in (*config.out, *config.in_)}
    assert named == {variable.name for variable in default_program().variables}


@pytest.mark.parametrize("target", ["demo", "schema"])
def test_the_schema_that_the_examples_name_is_made(target):
    """Only looked up: nothing is made here."""
    root = EXAMPLES[0].parents[1]
    told = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    ).stdout
    named = {path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")[2] for path in EXAMPLES}
    assert named == {"belabridge.schema.json"}
    assert f"check --schema > config/{named.pop()}" in told
