"""The JSON schema for editors: it takes every good config, and refuses what a schema can refuse."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from config_texts import KEYS, sections, written
from hypothesis import given, settings
from test_settings_config import BOARDS, INS, ISSUE, LISTENS, OUTS, SENDS, SHAPES
from test_settings_midi import BACK, HEARD, PORTS, SENT
from test_settings_midi import ISSUE as MIDI

from belabridge.errors import ConfigError
from belabridge.settings.load import parse
from belabridge.settings.marks import read
from belabridge.settings.schema import schema

EXAMPLES = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))
SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def data_of(text):
    """What an editor with YAML 1.2 sees."""
    root, _ = read(text, "f")
    return everything(root)


def everything(node):
    match node.value:
        case dict():
            return {key: everything(below) for key, below in node.value.items()}
        case list():
            return [everything(below) for below in node.value]
        case _:
            return node.value


def errors(text):
    return list(VALIDATOR.iter_errors(data_of(text)))


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(SCHEMA["properties"]) == {"board", "osc", "midi", "out", "in", "links", "log", "logs"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_takes_the_examples(path):
    assert errors(path.read_text("utf-8")) == []


GOOD = [
    ISSUE,
    "",
    "board:\nosc:\nlog:\n",
    *(f"board: {text}" for text in BOARDS),
    *(f"osc: {{listen: {text}}}" for text in LISTENS),
    *(f"osc: {{send: {text}}}" for text in SENDS),
    *(f"out: [{{var: a, {text}}}]" for text in SHAPES),
    *(f"in: [{{osc: /a, var: a, {text}}}]" for text in SHAPES),
    *(f"out: [{text}]" for text in OUTS),
    *(f"in: [{text}]" for text in INS),
    "log: {format: json, level: debug}",
    MIDI,
    *(f"midi: {{in: {text}}}" for text in PORTS),
    *(f"midi: {{out: [{{name: a, limit: {text}}}]}}" for text in ("din", "none", "500")),
    *(f"in: [{{midi: {text}, var: a}}]" for text in HEARD),
    *(f"out: [{{midi: {text}, var: a}}]" for text in SENT),
    *(f"links: [{{var: a, osc: /a, {text}}}]" for text in BACK),
    "in: [{midi: nanoKONTROL2.slider1, var: {hz: a}}]",
    "midi: {feedback_after: 300ms, silence_on_board_loss: false, clock: 120}",
]


@pytest.mark.parametrize("text", GOOD)
def test_it_takes_every_spelling(text):
    assert errors(text) == []


BAD = [
    "bord: a",
    "board: 5",
    "board: {port: 5}",
    "osc: {lisen: 5}",
    "osc: {listen: 70000}",
    "osc: {send: {pd: {host: a}}}",
    "osc: {prefix: bela}",
    "out:",
    "out: {var: a}",
    "out: [a]",
    "out: [{}]",
    "out: [{var: 5}]",
    "out: [{var: a, rate: 0}]",
    "out: [{var: a, rate: 5000}]",
    "out: [{var: a, rate: }]",
    "out: [{var: a, scale: {to: [1]}}]",
    "out: [{var: a, scale: {curve: expo}}]",
    "out: [{var: a, scale: {form: [0, 1]}}]",
    "out: [{var: a, clip: 1}]",
    "out: [{var: a, smooth: fast}]",
    "out: [{var: a, smooth: 50}]",
    "out: [{var: a, smooth: {one_euro: {beta: -1}}}]",
    "out: [{var: a, take: rmss}]",
    "out: [{var: a, osc: a}]",
    "out: [{var: a, osc: /a b}]",
    "out: [{var: a, osc: {address: /a, as: float}}]",
    "out: [{var: a, osc: {address: /a, to: []}}]",
    "out: [{var: a, on_change: 1}]",
    "in: [{var: a}]",
    "in: [{osc: /a, var: a, take: rms}]",
    "in: [{osc: /a, buffer: -1, type: f}]",
    "in: [{osc: /a, buffer: 0, type: q}]",
    "log: {level: loud}",
    "midi: {in: 5}",
    "midi: {out: {name: a, limit: -1}}",
    "midi: {in: {name: a, limit: 5}}",
    "midi: {clock: 0}",
    "midi: {clock: 9}",
    "midi: {clock: 501}",
    "in: [{midi: cc, var: a}]",
    "in: [{midi: {}, var: a}]",
    "in: [{midi: {cc: 128}, var: a}]",
    "in: [{midi: {cc: 1, nrpn: 1}, var: a}]",
    "in: [{midi: {bend: 1}, var: a}]",
    "in: [{midi: {cc: 1, velocity: 1}, var: a}]",
    "in: [{midi: {note: any}, var: {pich: a}}]",
    "in: [{midi: {cc: 1}, var: a, takeover: catch}]",
    "out: [{var: a, midi: {cc: 1, relative: up}}]",
    "in: [{midi: {nrpn: 1, relative: true}, var: a}]",
    "links: [{var: a}]",
]


@pytest.mark.parametrize("text", BAD)
def test_it_refuses_what_a_schema_can(text):
    assert errors(text)
    with pytest.raises(ConfigError):
        parse(text, "f")


@given(sections)
@settings(max_examples=300, deadline=None)
def test_an_editor_never_complains_of_a_config_that_works(config):
    text = written(config)
    try:
        parse(text, "f")
    except ConfigError:
        return
    assert errors(text) == [], text


def test_every_key_has_a_description_for_the_editor():
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        for key, about in part["properties"].items():
            assert about.get("description"), key
            assert key in KEYS, key


def test_every_key_is_in_the_document():
    docs = Path(__file__).parents[2] / "docs"
    text = "".join((docs / name).read_text("utf-8") for name in ("config.md", "midi.md"))
    missing = [key for key in KEYS if key not in ("in_", "pd") and not re.search(rf"[`{{ ]{key}[`:]", text)]
    assert missing == []


def test_it_can_be_written_as_yaml_too():
    assert yaml.safe_load(yaml.safe_dump(SCHEMA)) == SCHEMA
