"""One place of a config is changed, and everything else stays as its author wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_texts import values, written
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import ConfigError, UsageError
from belabridge.settings.marks import read
from belabridge.settings.scalars import INT_DIGITS
from belabridge.settings.writing import append, one_line, put, remove

EXAMPLES = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))
NEW = {"midi": {"cc": 7}, "var": "gain"}
LINE = "{midi: {cc: 7}, var: gain}"
IN_OUT = f"  - {LINE}\nout: []\n"

APPENDED = {
    "behind the last rule": (
        "in:\n  - {osc: /a, var: a}\n",
        f"in:\n  - {{osc: /a, var: a}}\n  - {LINE}\n",
    ),
    "at the list's own indentation": ("in:\n- var: a\n  osc: /a\n", f"in:\n- var: a\n  osc: /a\n- {LINE}\n"),
    "before what follows": (
        "in:\n    - {osc: /a, var: a}   # the fader\n\n# above\nout: []\n",
        f"in:\n    - {{osc: /a, var: a}}   # the fader\n    - {LINE}\n\n# above\nout: []\n",
    ),
    "behind a comment that goes on": (
        "in:\n  - {osc: /a, var: a}  # the fader\n                       # of the left hand\nout: []\n",
        "in:\n  - {osc: /a, var: a}  # the fader\n                       # of the left hand\n" + IN_OUT,
    ),
    "before the comment of the next section": (
        "in:\n- {osc: /a, var: a}\n# From the board.\nout: []\n",
        f"in:\n- {{osc: /a, var: a}}\n- {LINE}\n# From the board.\nout: []\n",
    ),
    "behind a rule of many lines": (
        "in:\n  - osc: /a\n    var: a\n    scale:\n      to: [0, 1]  # all\nlog:\n",
        f"in:\n  - osc: /a\n    var: a\n    scale:\n      to: [0, 1]  # all\n  - {LINE}\nlog:\n",
    ),
    "where the last line has no end": (
        "in:\n  - {osc: /a, var: a}",
        f"in:\n  - {{osc: /a, var: a}}\n  - {LINE}\n",
    ),
    "with the text's own ends of lines": (
        "in:\r\n  - {osc: /a, var: a}\r\nout: []\r\n",
        f"in:\r\n  - {{osc: /a, var: a}}\r\n  - {LINE}\r\nout: []\r\n",
    ),
    "between brackets": (
        "in: [{osc: /a, var: a}]  # all\n",
        f"in: [{{osc: /a, var: a}}, {LINE}]  # all\n",
    ),
    "between brackets on many lines": (
        "in: [\n  {osc: /a, var: a},  # one\n]\n",
        f"in: [\n  {{osc: /a, var: a}}, {LINE},  # one\n]\n",
    ),
    "into an empty list": ("in: []   # nobody yet\nout: []\n", f"in:   # nobody yet\n  - {LINE}\nout: []\n"),
    "below a key alone": ("in:\nout: []\n", f"in:\n  - {LINE}\nout: []\n"),
    "a section that is not there": (
        "out: []  # none\n# end\n",
        f"out: []  # none\n# end\n\nin:\n  - {LINE}\n",
    ),
    "into an empty file": ("", f"in:\n  - {LINE}\n"),
    "into a file of comments": ("# mine\n", f"# mine\n\nin:\n  - {LINE}\n"),
    "before the end of the document": ("---\nout: []\n...\n", f"---\nout: []\n\nin:\n  - {LINE}\n...\n"),
    "into one pair of brackets": ("{out: []}\n", f"{{out: [], in: [{LINE}]}}\n"),
    "into brackets without anything": ("{}\n", f"{{in: [{LINE}]}}\n"),
    "an empty list between brackets": ("{in: []}\n", f"{{in: [{LINE}]}}\n"),
    "behind a byte order mark": (
        "\ufeffin:\n- {osc: /a, var: a}\n",
        f"\ufeffin:\n- {{osc: /a, var: a}}\n- {LINE}\n",
    ),
    "behind a reference": (
        "in:\n  - &a {osc: /a, var: a}\n  - *a  # again\n",
        f"in:\n  - &a {{osc: /a, var: a}}\n  - *a  # again\n  - {LINE}\n",
    ),
    "behind a text of many lines": (
        "in:\n  - osc: /a\n    var: a\n    expr: >-\n      x\n      * 2\n\nout: []\n",
        f"in:\n  - osc: /a\n    var: a\n    expr: >-\n      x\n      * 2\n  - {LINE}\n\nout: []\n",
    ),
}


@pytest.mark.parametrize("case", APPENDED)
def test_a_rule_comes_to_the_end_of_its_list(case):
    before, after = APPENDED[case]
    assert append(before, ("in",), NEW) == after


PORTS = {
    "a name becomes a list": (
        "midi:\n  in: nanoKONTROL2  # left\n",
        "midi:\n  in: [nanoKONTROL2, MPK]  # left\n",
    ),
    "a long port becomes a list": (
        "midi: {in: {name: a, virtual: true}}\n",
        "midi: {in: [{name: a, virtual: true}, MPK]}\n",
    ),
    "a list gets longer": ("midi:\n  in: [a, b]\n", "midi:\n  in: [a, b, MPK]\n"),
    "a list in lines": ("midi:\n  in:\n  - a\n  out: b\n", "midi:\n  in:\n  - a\n  - MPK\n  out: b\n"),
    "a section without it": ("midi:\n  out: a  # synth\n", "midi:\n  out: a  # synth\n  in: MPK\n"),
    "a section in brackets": ("midi: {out: a}\n", "midi: {out: a, in: MPK}\n"),
    "an empty section": ("midi:\nout: []\n", "midi:\n  in: MPK\nout: []\n"),
    "no section": ("out: []\n", "out: []\n\nmidi:\n  in: MPK\n"),
    "behind osc": (
        "board: a\n\nosc:\n  listen: 1 # us\n\n# From the board.\nout: []\n",
        "board: a\n\nosc:\n  listen: 1 # us\n\nmidi:\n  in: MPK\n\n# From the board.\nout: []\n",
    ),
    "into brackets only": ("{out: []}", "{out: [], midi: {in: MPK}}"),
}


@pytest.mark.parametrize("case", PORTS)
def test_a_port_is_added_to_those_that_are_heard(case):
    before, after = PORTS[case]
    assert append(before, ("midi", "in"), "MPK") == after


PUT = {
    "in brackets": (
        "in:\n  - {midi: {cc: 1}, var: a, takeover: pickup}  # the wheel\n",
        "in:\n  - {midi: {cc: 9, channel: 2}, var: a, takeover: pickup}  # the wheel\n",
    ),
    "in lines": (
        "in:\n  - var: a\n    midi:   # left hand\n      cc: 1\n    takeover: jump\n",
        "in:\n  - var: a\n    midi:   # left hand\n      cc: 9\n      channel: 2\n    takeover: jump\n",
    ),
    "a word": (
        "in:\n  - midi: bend # wheel\n    var: a\n",
        "in:\n  - midi: {cc: 9, channel: 2} # wheel\n    var: a\n",
    ),
    "a key more, in lines": (
        "in:\n  - osc: /a\n    var: a  # so\nout: []\n",
        "in:\n  - osc: /a\n    var: a  # so\n    midi: {cc: 9, channel: 2}\nout: []\n",
    ),
    "a key more, in brackets": (
        "in:\n  - {osc: /a, var: a}\n",
        "in:\n  - {osc: /a, var: a, midi: {cc: 9, channel: 2}}\n",
    ),
    "a key without a value": (
        "in:\n  - var: a\n    midi:\n",
        "in:\n  - var: a\n    midi: {cc: 9, channel: 2}\n",
    ),
}


@pytest.mark.parametrize("case", PUT)
def test_a_value_is_replaced_in_its_place(case):
    before, after = PUT[case]
    assert put(before, ("in", 0, "midi"), {"cc": 9, "channel": 2}) == after


REMOVED = {
    "the last": ("in: [{var: a, step: 1}]", "in: [{var: a}]"),
    "the first": ("in: [{step: 1, var: a}]", "in: [{var: a}]"),
    "one between": ("in: [{var: a, step: 1, osc: /a}]", "in: [{var: a, osc: /a}]"),
    "the only one": ("in: [{step: 1}]", "in: [{}]"),
    "none": ("in: [{var: a}]", "in: [{var: a}]"),
    "beside what is no number": ("in: [{step: 1, var: .nan}]", "in: [{var: .nan}]"),
    "a line": (
        "in:\n  - var: a\n    step: 1\n    osc: /a\n",
        "in:\n  - var: a\n    osc: /a\n",
    ),
    "a line with a comment": (
        "in:\n  - var: a\n    step: 1  # slow\n    osc: /a\n",
        "in:\n  - var: a\n    # step: 1  # slow\n    osc: /a\n",
    ),
    "the last line": ("in:\n  - var: a\n    step: 1", "in:\n  - var: a\n"),
    "lines": (
        "in:\n  - var: a\n    step:\n      - 1\n      - 2\n# d\n",
        "in:\n  - var: a\n# d\n",
    ),
    "lines with a comment": (
        "in:\n  - var: a\n    step:\n      - 1\n      - 2 # c\n# d\n",
        "in:\n  - var: a\n    # step:\n    #   - 1\n    #   - 2 # c\n# d\n",
    ),
}


@pytest.mark.parametrize("case", REMOVED)
def test_a_word_is_taken_out(case):
    before, after = REMOVED[case]
    assert remove(before, ("in", 0, "step")) == after


@pytest.mark.parametrize(
    ("text", "trail"),
    [
        ("a: &r [{var: a}]\nin: *r\n", ("in",)),  # both would change
        ("base: &b {in: [{var: a}]}\n<<: *b\n", ("in",)),  # the list is elsewhere
        ("in:\n  - &m {var: a}\n  - *m\n", ("in", 1, "midi")),
        ("in:\n  - {midi: &m {cc: 1}, var: a}\n  - {midi: *m, var: b}\n", ("in", 0, "midi")),
        ("in: [1]\n", ("in", 4, "midi")),
    ],
)
def test_what_stands_elsewhere_is_left_to_its_author(text, trail):
    with pytest.raises(UsageError, match="change it by hand"):
        append(text, trail, NEW) if len(trail) == 1 else put(text, trail, {"cc": 2})


def test_the_first_word_of_a_rule_in_lines_is_left_to_its_author():
    with pytest.raises(UsageError, match=r"`in\.0\.step` is written so"):
        remove("in:\n  - step: 1\n    var: a\n", ("in", 0, "step"))


@pytest.mark.parametrize("section", ["out", "in", "links"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_line_of_an_example_stays(path, section):
    before = path.read_text("utf-8").splitlines()
    after = append(path.read_text("utf-8"), (section,), NEW).splitlines()
    added = [line for line in after if line not in before]
    assert [line.strip() for line in added if line.strip() != f"{section}:"] == [f"- {LINE}"]
    assert [line for line in after if line in before and line] == [line for line in before if line]


@given(value=values)
def test_a_line_reads_as_what_it_was_made_of(value):
    (again,) = read(f"[{one_line(value)}]", "a")[0].plain()
    assert repr(again) == repr(_without_none(value))


def _without_none(value):
    match value:
        case dict():
            return {key: _without_none(below) for key, below in value.items() if below is not None}
        case list():
            return [_without_none(below) for below in value]
        case int() if len(str(value)) > INT_DIGITS:
            return float(value)
    return value


RULES = st.lists(
    st.dictionaries(st.sampled_from(["var", "osc", "midi", "scale"]), values, min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)


@given(rules=RULES, style=st.sampled_from(["lines", "brackets", "mixed"]), comment=st.booleans())
def test_any_list_of_rules_gets_its_rule(rules, style, comment):
    end = "  # why\n" if comment else "\n"
    match style:
        case "brackets":
            text = f"in: {written(rules)}{end}"
        case "mixed":
            text = "in:\n" + "".join(f"  - {written(rule)}{end}" for rule in rules)
        case "lines":
            text = "in:\n" + "".join(
                "- " + "  ".join(f"{key}: {written(value)}{end}" for key, value in rule.items())
                for rule in rules
            )
    text = f"# first\n{text}# last\nout: []\n"
    try:
        tree, faults = read(text, "a")
    except ConfigError:
        return
    if faults:
        return
    after = append(text, ("in",), NEW)
    assert repr(read(after, "a")[0].plain()) == repr({"in": [*tree.plain()["in"], NEW], "out": []})
    assert after.count("# why") == text.count("# why")
    assert after.startswith("# first\n")
    assert after.endswith("# last\nout: []\n")
