"""``belabridge check``: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from belabridge.cli import group
from processes import BELABRIDGE, Running

CONFIG = Path(__file__).parents[2] / "config"

GOOD = "out: [{var: pot1}, {var: mic, take: rms}]\nin: [{osc: /g, var: gain}]\n"
BAD = "out:\n- {vra: a, rate: 010}\n- {var: a, expr: foo(x)}\n"


def check(*words):
    return CliRunner().invoke(group, ["check", *map(str, words)], prog_name="belabridge")


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def written(text):
        (tmp_path / "a.yaml").write_text(text)
        return "a.yaml"

    return written


@pytest.fixture(scope="module")
def board():
    running = Running(BELABRIDGE, "sim", "--port", "0")
    try:
        yield running.wait_out(r"127\.0\.0\.1:\d+")[0]
    finally:
        running.kill()


def test_a_good_config_is_summed_up(write):
    result = check(write(GOOD))
    assert result.exit_code == 0
    assert result.output == (
        "a.yaml: good: 2 outputs, 1 input, listens on 127.0.0.1:9001, sends to 127.0.0.1:9000\n"
    )


SUMMARIES = {
    "": "every variable goes out and can be set, listens on 127.0.0.1:9001, sends to 127.0.0.1:9000",
    "osc: {listen: none, send: none}\nout: []": (
        "0 outputs, 0 inputs, listens nowhere, sends to subscribers only"
    ),
    "osc: {listen: '[::1]:9', send: [7, b:8]}\nin: []": (
        "0 outputs, 0 inputs, listens on [::1]:9, sends to 127.0.0.1:7, b:8"
    ),
}


@pytest.mark.parametrize("text", SUMMARIES)
def test_summaries(write, text):
    assert check(write(text)).output == f"a.yaml: good: {SUMMARIES[text]}\n"


def test_all_faults_come_at_once(write):
    result = check(write(BAD))
    assert result.exit_code == 78
    *_, last = lines = result.output.splitlines()
    assert lines[:2] == [
        "a.yaml:2:4: unknown key `vra`: did you mean `var`?",
        (
            "a.yaml:2:18: `010` starts with a zero, which some programs read as base 8: "
            'write 10, or "010" in quotes when it is a name'
        ),
    ]
    assert last.startswith("a.yaml:3:18: `foo(x)` cannot be used: at column 1: there is no function 'foo'")
    assert len(lines) == 3


def test_json(write):
    result = check(write(BAD), "--json")
    assert result.exit_code == 78
    report = json.loads(result.output)
    assert (report["ok"], report["file"], report["missing"]) == (False, "a.yaml", [])
    assert report["faults"][0] == {
        "file": "a.yaml",
        "line": 2,
        "column": 4,
        "problem": "unknown key `vra`",
        "instead": "did you mean `var`?",
    }
    good = check(write(GOOD), "--json")
    assert good.exit_code == 0
    assert json.loads(good.output) == {"ok": True, "file": "a.yaml", "faults": [], "missing": [], "notes": []}


def test_no_file_is_a_wrong_config(write):
    result = check("nowhere.yaml")
    assert result.exit_code == 78
    assert result.output.startswith("nowhere.yaml:1:1: no such file or directory: ")


def test_no_config_is_wrong_usage():
    result = check()
    assert result.exit_code == 2
    assert "belabridge check belabridge.yaml" in result.output


def test_the_schema_needs_no_config():
    result = check("--schema")
    assert result.exit_code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(result.output))


def test_help_has_an_example():
    assert "belabridge check belabridge.yaml --board bela.local" in check("--help").output


def test_a_board_that_has_all_variables(board):
    result = check(CONFIG / "demo.yaml", "--board", board)
    assert result.exit_code == 0, result.output
    assert ": good: " in result.output


def test_variables_that_the_board_lacks_are_named_with_the_nearest(write, board):
    path = write(
        "out:\n- {var: pto1}\n- {var: mic}\nin:\n- {osc: /a, var: qqqq}\n- {osc: /b, buffer: 0, type: f}\n"
        "- {osc: /c, buffer: table}\n- {osc: /d, buffer: 7, type: i}\n- {osc: /e, buffer: wave}\n"
    )
    result = check(path, "--board", board)
    assert result.exit_code == 1
    where = f"{board} (`belabridge-demo`)"
    assert result.output.splitlines() == [
        f"a.yaml:2:9: {where} has no variable `pto1`: did you mean `pot1`?",
        f"a.yaml:5:18: {where} has no variable `qqqq`: `belabridge list` shows what it has",
        "a.yaml:6:21: 0 is the variable 'pot1' and no buffer: it has table",
        "a.yaml:8:21: buffer 'table' is of type f, not i",
        "a.yaml:9:21: the board has no buffer 'wave': it has table",
    ]
    report = json.loads(check(path, "--board", board, "--json").output)
    assert not report["ok"]
    assert report["faults"] == []
    places = [(lack["line"], lack["column"]) for lack in report["missing"]]
    assert places == [(2, 9), (5, 18), (6, 21), (8, 21), (9, 21)]


def test_all_variables_of_a_note_are_looked_for(write, board):
    text = """\
midi: {in: keys, out: synth}
in: [{midi: {note: any}, var: {pitch: freq, velocity: loudness, gate: trigger}}]
out: [{var: trigger, midi: {note: pitch}}]
links: [{var: nothing, midi: {cc: 7}, osc: /a}]
"""
    result = check(write(text), "--board", board, "--json")
    lacks = [
        (lack["line"], lack["column"], lack["problem"].split()[-1])
        for lack in json.loads(result.output)["missing"]
    ]
    assert lacks == [(2, 55, "`loudness`"), (3, 35, "`pitch`"), (4, 15, "`nothing`")]


def test_the_midi_ports_are_named(write):
    result = check(write("midi: {in: [keys, pads], out: synth}"))
    assert result.output.rstrip().endswith("MIDI from keys, pads, MIDI to synth")


def test_no_board_is_a_failure_that_says_what_to_do(write):
    result = check(write(GOOD), "--board", "127.0.0.1:1")
    assert result.exit_code == 1
    assert "no Bela at 127.0.0.1:1" in result.output


def test_faults_and_what_the_board_lacks_come_together(write, board):
    path = write("out:\n- {var: pto1}\n- {vra: a}\n- {var: pot2, rate: 0}\n")
    result = check(path, "--board", board)
    assert result.exit_code == 78
    assert [line.split(": ")[0] for line in result.output.splitlines()] == [
        "a.yaml:2:9",
        "a.yaml:3:4",
        "a.yaml:4:21",
    ]
    assert "did you mean `pot1`?" in result.output
    report = json.loads(check(path, "--board", board, "--json").stdout)
    assert (report["ok"], len(report["faults"]), len(report["missing"])) == (False, 2, 1)


def test_faults_are_said_also_when_there_is_no_board(write):
    result = check(write(BAD), "--board", "127.0.0.1:1")
    assert result.exit_code == 78
    assert "did you mean `var`?" in result.stdout
    assert "no Bela at 127.0.0.1:1" in result.stderr


def test_where_nothing_can_be_read_no_board_is_asked(write):
    result = check(write("out: [\n"), "--board", "127.0.0.1:1")
    assert (result.exit_code, result.stderr) == (78, "")


def test_two_rules_for_one_control_are_noted_and_no_fault(write):
    text = "midi: {in: x}\nin:\n  - {midi: {cc14: 1}, var: a}\n  - {midi: {cc: 33}, var: b}\n"
    result = check(write(text))
    assert result.exit_code == 0
    noted, good = result.output.splitlines()
    assert noted == "a.yaml:4:5: note: cc 33 is half of cc14 1: is that meant?"
    assert good.startswith("a.yaml: good: ")
    (note,) = json.loads(check(write(text), "--json").output)["notes"]
    assert (note["line"], note["column"]) == (4, 5)
