"""The documents tell the truth: their configs load, their commands exist, their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from belabridge.cli import COMMANDS, group
from belabridge.mapping.expr import problem
from belabridge.mapping.problems import rule_problem
from belabridge.settings.load import parse
from belabridge.settings.profiles import Profiles, shipped

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "bela-example" / "README.md", *ROOT.glob("docs/*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(belabridge [^`]*)`")


def blocks(kind):
    return [
        pytest.param(text, id=f"{path.name}-{i}")
        for path in DOCUMENTS
        for i, (language, text) in enumerate(BLOCK.findall(path.read_text(encoding="utf-8")))
        if language == kind
    ]


def commands():
    """Every call of the program in a document, without what a shell or a comment adds."""
    found = set()
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        shell = "\n".join(body for language, body in BLOCK.findall(text) if language == "sh")
        lines = [line for line in shell.splitlines() if line.startswith("belabridge ")]
        for line in lines + INLINE.findall(text):
            found.add(re.split(r"\s#|[|&>]|\s{2,}", line)[0].strip())
    return sorted(found)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_config_in_a_document_loads(text):
    profiles = Profiles(shipped())
    parse(text, "document.yaml", check_expr=problem, check_rule=rule_problem, profiles=profiles)


@pytest.mark.parametrize("line", commands())
def test_a_command_in_a_document_exists_with_its_options(line):
    words = [word for word in line.split() if not word.startswith("[")]
    if len(words) == 1 or words[1].startswith("-"):
        return
    for name in words[1].rstrip(",").split("/"):
        assert name in COMMANDS, line
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group) and words[2:] and words[2] in command.list_commands(None):
            command = command.get_command(click.Context(command), words[2])
        options = {option for parameter in command.params for option in parameter.opts}
        for word in re.findall(r"--[a-z]+", line):
            assert word in options | {"--help"}, line


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_every_command_has_its_line_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in COMMANDS if f"`belabridge {name}" not in text and f"`{name}`" not in text]
    assert missing in ([], ["demo"]), "make demo is how a new user meets it"


def test_the_program_starts_as_a_module_too():
    done = subprocess.run(
        [sys.executable, "-m", "belabridge", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("belabridge ")
