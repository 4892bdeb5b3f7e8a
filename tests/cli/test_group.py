"""The command group: its help, its speed, and how commands fail."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from belabridge import __version__
from belabridge.cli import COMMANDS, Program, group
from belabridge.cli.failure import told_plainly
from belabridge.cli.lazy import Entry, LazyGroup
from belabridge.errors import (
    BelabridgeError,
    BoardLost,
    ConfigError,
    DaemonNotRunning,
    Fault,
    UnknownVariable,
    UsageError,
)


def run(*arguments):
    return CliRunner().invoke(group, arguments, prog_name="belabridge")


def python(*arguments, **more):
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False, **more
    )


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_command(flag):
    result = run(flag)
    assert result.exit_code == 0
    for name, entry in COMMANDS.items():
        assert f"\n  {name} " in result.output
        assert entry.does in result.output


def test_version():
    assert run("--version").output == f"belabridge {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: belabridge {name} ")
    assert "Example" in result.output
    assert f"belabridge {name}" in result.output.split("Example", 1)[1]


@pytest.mark.parametrize("arguments", [["nothing"], ["--nothing"], ["status", "--nothing"], ["status", "x"]])
def test_wrong_usage_is_2(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.output


def test_the_same_program_as_a_module():
    assert python("-m", "belabridge", "--version").stdout == f"belabridge {__version__}\n"


def test_help_imports_nothing_that_is_slow():
    done = python("-X", "importtime", "-m", "belabridge", "--help")
    assert "Commands:" in done.stdout
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "belabridge.cli" in imported
    assert not imported & {"numpy", "rich", "pydantic", "websockets", "yaml", "asyncio", "pythonosc"}


def test_a_table_entry_that_is_no_command_is_our_mistake():
    it = LazyGroup(table={"x": Entry("belabridge:__version__", "")})
    with pytest.raises(TypeError, match="is not a command"):
        it.get_command(click.Context(it), "x")


def failing(error):
    """A group whose one command raises ``error``."""
    it = click.Group("belabridge")

    @it.command()
    def go():
        with told_plainly(click.get_current_context()):
            raise error

    return CliRunner().invoke(it, ["go"])


FAULTS = [Fault("c.yaml", 9, 1, "b"), Fault("c.yaml", 2, 3, "a", "c")]


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (BelabridgeError("went wrong"), 1, "belabridge: went wrong\n"),
        (BoardLost("bad \x1b[2Jname\rx"), 1, "belabridge: bad \\x1b[2Jname\nx\n"),
        (BoardLost(""), 1, "belabridge: BoardLost\n"),
        (
            UnknownVariable("pto", ["pot"]),
            1,
            "belabridge: the board has no variable 'pto': did you mean pot?\n",
        ),
        (DaemonNotRunning("/run/x"), 1, None),
        (UsageError("no"), 2, "belabridge: no\n"),
        (ConfigError(FAULTS), 78, "c.yaml:2:3: a: c\nc.yaml:9:1: b\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 0, ""),
    ],
    ids=repr,
)
def test_what_a_command_raises_becomes_lines_and_a_code(error, code, text):
    result = failing(error)
    assert result.exit_code == code
    assert result.stdout == ""
    assert text is None or result.stderr == text


def test_a_mistake_of_ours_keeps_its_traceback():
    assert isinstance(failing(ZeroDivisionError()).exception, ZeroDivisionError)


def test_the_program_itself_tells_plainly():
    it = Program(table={"fail": Entry(f"{__name__}:fail", "")})
    assert CliRunner().invoke(it, ["fail"]).exit_code == 78


@click.command()
def fail():
    raise ConfigError(FAULTS)


TALKATIVE = """
import click
from belabridge.cli import Program
from belabridge.cli.lazy import Entry
import sys, types
module = sys.modules["talk"] = types.ModuleType("talk")
@click.command()
@click.argument("n", type=int)
def talk(n):
    for i in range(n):
        print("line", i)
    print("all of it", file=sys.stderr)
module.talk = talk
Program(table={"talk": Entry("talk:talk", "")})()
"""


@pytest.mark.parametrize(
    ("lines", "errors"),
    [(3, "all of it\n"), (100_000, "")],  # seen at the last flush, and in the middle
)
def test_a_reader_that_has_seen_enough_ends_it_silently(lines, errors, tmp_path):
    (tmp_path / "talkative.py").write_text(TALKATIVE)
    process = subprocess.Popen(
        [sys.executable, tmp_path / "talkative.py", "talk", str(lines)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
    )
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == errors
    assert process.wait(30) == 0


def test_a_closed_stdout_is_no_failure():
    done = subprocess.run(
        ["sh", "-c", f"exec '{sys.executable}' -m belabridge --version >&-"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
