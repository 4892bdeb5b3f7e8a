"""Pieces of configs, right and wrong, for tests that write YAML by chance."""

from __future__ import annotations

from hypothesis import strategies as st

from belabridge.settings.model import ConfigPart, keys_at

KEYS = sorted(
    set(ConfigPart.model_fields)
    | {"in", "host", "port", "pd", "bundle", "reply_port"}
    | {key for place in ["osc", "out", "in", "links", "midi", "log", "logs"] for key in keys_at((place,))}
    | {key for place in ["scale", "smooth"] for key in keys_at(("out", place))}
    | set(keys_at(("logs", "ssh")))
    | set(keys_at(("in", "log")))
    | set(keys_at(("out", "osc")))
    | set(keys_at(("in", "midi")))
    | set(keys_at(("out", "midi")))
    | set(keys_at(("out", "midi", "note")))
    | set(keys_at(("midi", "out")))
    | {"pitch", "velocity", "gate"}
    | set(keys_at(("out", "smooth", "one_euro")))
)
PIECES = [
    *KEYS, ":", ": ", "- ", "\n", "\n  ", "\n- ", "{", "}", "[", "]", ", ", "'", '"', "#", "&a ", "*a",
    "<<", "!", "|", ">", "?", "%", "@", "\t", "\\", "---", "...", "on", "010", "1:30", "1e3", "~", "/a",
    "bela.local", "9000", "C4", "any", "bend", "twos", "F0 43 value F7", "pickup", "din", "/x.*/", "f",
    "exp", "rms", "all", "50ms", "true", "[0, 1]", "127.0.0.1:9000", "[::1]:1",
    "\u2028", "\ud83d", "é",
]  # fmt: skip


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["/a", "lin", "exp", "rms", "all", "blob", "f", "x", "a:1", "none", "50ms", "C4"])
    | st.sampled_from(["any", "bend", "twos", "pickup", "{cc: 7}"])
    | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS), below, max_size=4),
    max_leaves=12,
)


def written(value):
    """Write a value as YAML in one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {written(below)}" for key, below in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
    return WORDS.get(str(value), str(value))


WORDS = {"None": "null", "True": "true", "False": "false", "inf": ".inf", "-inf": "-.inf", "nan": ".nan"}
SECTIONS = ["board", "osc", "midi", "out", "in", "links", "log"]
sections = st.dictionaries(st.sampled_from(SECTIONS), values, max_size=3)
