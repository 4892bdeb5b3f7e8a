import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.errors import OscFormatError
from belabridge.osc.codec import pattern as module
from belabridge.osc.codec.pattern import MAX_PATTERN, MAX_WILDCARDS, compile_pattern

TABLE = [
    # pattern, what it matches, what it does not
    ("/a", ["/a"], ["/b", "/", "", "/a/", "/aa", "a"]),
    ("/a?c", ["/abc", "/aac"], ["/ac", "/abbc", "/a/c"]),
    ("/*", ["/a", "/abc", "/"], ["/a/b", "a"]),
    ("/a*", ["/a", "/ab", "/abc"], ["/ba", "/a/b"]),
    ("/*a", ["/a", "/ba", "/aba"], ["/ab"]),
    ("/a*b*c", ["/abc", "/axbxc", "/abbcc"], ["/acb", "/a"]),
    ("/**", ["/a", "/ab"], ["/a/b"]),
    ("/*/freq", ["/1/freq", "/osc/freq"], ["/freq", "/a/b/freq", "/1/frequency"]),
    ("/[a-c]", ["/a", "/b", "/c"], ["/d", "/-", "/ab"]),
    ("/[c-a]", ["/a", "/b", "/c"], ["/d"]),
    ("/[abx]", ["/a", "/x"], ["/c"]),
    ("/[a-]", ["/a", "/-"], ["/b"]),
    ("/[-a]", ["/a", "/-"], ["/b"]),
    ("/[a-cx-z]1", ["/a1", "/y1"], ["/d1", "/w1"]),
    ("/[!a]", ["/b", "/!", "/-"], ["/a", "/", "//"]),
    ("/[!a-c]x", ["/dx"], ["/ax", "/bx"]),
    ("/[a!]", ["/a", "/!"], ["/b"]),
    ("/[?*{]", ["/?", "/*", "/{"], ["/a"]),
    ("/{a,b}", ["/a", "/b"], ["/c", "/ab", "/a,b"]),
    ("/{foo,fo}o", ["/foo", "/fooo"], ["/fo", "/fooo o"]),
    ("/{a,ab}{c,bc}", ["/ac", "/abc", "/abbc"], ["/a", "/abcc"]),
    ("/x{,y}z", ["/xz", "/xyz"], ["/xy", "/xyyz"]),
    ("/{a}", ["/a"], ["/{a}"]),
    ("/{}", ["/"], ["/a"]),
    ("/*{one,two}*", ["/one", "/atwob", "/oneone"], ["/on", "/tw"]),
    ("/synth/{gain,freq}[0-9]", ["/synth/gain1", "/synth/freq9"], ["/synth/gain", "/synth/gain10"]),
    ("/?*", ["/a", "/ab"], ["/"]),
    ("/*?", ["/a", "/ab"], ["/"]),
]


@pytest.mark.parametrize(("text", "matched", "other"), TABLE)
def test_table(text, matched, other):
    pattern = compile_pattern(text)
    assert [a for a in matched if not pattern.matches(a)] == []
    assert [a for a in other if pattern.matches(a)] == []


@pytest.mark.parametrize(
    "text",
    [
        "/[a",
        "/a]",
        "/{a",
        "/a}",
        "/[]",
        "/[!]",
        "/[a/b]",
        "/{a/b,c}",
        "/{a*,b}",
        "/{a,{b,c}}",
        "/{[a],b}",
        "/" + "x" * MAX_PATTERN,
        "/" + "*a" * (MAX_WILDCARDS + 1),
        "/" + "{a,b}" * (MAX_WILDCARDS + 1),
    ],
)
def test_malformed(text):
    with pytest.raises(OscFormatError, match="pattern"):
        compile_pattern(text)


# a pattern as its pieces, and a matcher that tries everything: slow, and plainly right
plain = st.sampled_from("ab/")
piece = st.one_of(
    plain,
    st.sampled_from(["*", "?"]),
    st.tuples(st.booleans(), st.text("abc", min_size=1, max_size=2)),
    st.lists(st.text("ab", max_size=2), min_size=1, max_size=3),
)


def text_of(pieces):
    out = ""
    for one in pieces:
        if isinstance(one, str):
            out += one
        elif isinstance(one, tuple):
            out += "[" + "!" * one[0] + one[1] + "]"
        else:
            out += "{" + ",".join(one) + "}"
    return out


def tried(pieces, address):
    if not pieces:
        return not address
    first, rest = pieces[0], pieces[1:]
    if first == "*":
        part = len(address.split("/")[0])
        return any(tried(rest, address[i:]) for i in range(part + 1))
    if isinstance(first, list):
        return any(address.startswith(word) and tried(rest, address[len(word) :]) for word in first)
    if not address:
        return False
    if first == "?":
        fits = address[0] != "/"
    elif isinstance(first, tuple):
        fits = address[0] != "/" and (address[0] in first[1]) != first[0]
    else:
        fits = address[0] == first
    return fits and tried(rest, address[1:])


@given(st.lists(piece, max_size=7), st.lists(st.text("abcd/", max_size=6), min_size=1, max_size=12))
def test_agrees_with_trying_everything(pieces, addresses):
    pattern = compile_pattern(text_of(pieces))
    for address in addresses:
        assert pattern.matches(address) == tried(pieces, address)


@given(st.lists(piece, max_size=7), st.data())
def test_what_a_pattern_can_say_it_matches(pieces, data):
    address = ""
    for one in pieces:
        if one in ("*", "?"):
            address += data.draw(st.text("abd", min_size=one == "?", max_size=1 if one == "?" else 3))
        elif isinstance(one, tuple):
            address += data.draw(st.sampled_from([c for c in "abcd" if (c in one[1]) != one[0]]))
        elif isinstance(one, list):
            address += data.draw(st.sampled_from(one))
        else:
            address += one
    assert compile_pattern(text_of(pieces)).matches(address)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40), st.text("/ab*[{", max_size=10)
)
def test_any_text_is_a_pattern_or_refused(text, address):
    try:
        pattern = compile_pattern(text)
    except OscFormatError:
        return
    assert pattern.matches(address) in (True, False)


def lines_run(pattern, address):
    """How many lines of the matcher run, which does not depend on the machine."""
    lines = 0

    def trace(frame, event, _):
        nonlocal lines
        if frame.f_code.co_filename != module.__file__:
            return None
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        matched = pattern.matches(address)
    finally:
        sys.settrace(before)
    assert not matched
    return lines


@pytest.mark.parametrize(
    "text",
    ["/*a*a*a*a*a*a*a*a*b", "/" + "*a" * 16 + "b", "/" + "{a,aa}" * 15 + "*b", "/" + "?" * 200 + "*b"],
)
def test_no_pattern_blows_up(text):
    short = lines_run(compile_pattern(text), "/" + "a" * 250)
    long = lines_run(compile_pattern(text), "/" + "a" * 500)
    assert short < 150 * 250
    assert long < 2.2 * short
    again = compile_pattern(text)
    first, second = lines_run(again, "/" + "a" * 300), lines_run(again, "/" + "a" * 300)
    assert second < 7 * 300 < first  # a second address costs a look in a table
