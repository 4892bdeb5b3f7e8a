"""What log files are called here, and which go."""

from __future__ import annotations

import os
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.board.logs.names import safe_name
from belabridge.errors import UsageError
from belabridge.logs.names import check_template, drop_old, file_name

WHEN = datetime.fromisoformat("2026-11-23T01:02:03")


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{project}-{date}-{var}", "synth-2026-11-23T010203-mic.bin"),
        ("{var}", "mic.bin"),
        ("rehearsal {var}", "rehearsal mic.bin"),
    ],
)
def test_a_template_becomes_a_name(template, name):
    check_template(template)
    assert file_name(template, "synth", "mic", WHEN) == name


@pytest.mark.parametrize(
    "template", ["", "{vars}", "{var", "var}", "a/{var}", "../{var}", ".{var}", "{}", "a:b"]
)
def test_what_is_no_name_is_refused(template):
    with pytest.raises(UsageError):
        check_template(template)


@given(st.text(max_size=30), st.text(max_size=30))
def test_names_of_the_board_do_no_harm(project, variable):
    name = file_name("{project}-{date}-{var}", project, variable, WHEN)
    assert "/" not in name
    assert safe_name(name) == name


def test_the_newest_stay_and_strangers_too(tmp_path):
    ours = [
        tmp_path / f"synth-2026-11-23T01020{n}-mic{more}.bin" for n, more in enumerate(["", "-2", "+0", ""])
    ]
    others = [
        tmp_path / name for name in ("mic.bin", "synth-yesterday-mic.bin", "synth-2026-11-23T010200-mic.csv")
    ]
    for at, path in enumerate([*ours, *others]):
        path.touch()
        os.utime(path, (99 - at, 99 - at))  # a board's clock may say anything
    assert drop_old(tmp_path, "{project}-{date}-{var}", 2, [ours[0]]) == [ours[1]]
    assert sorted(tmp_path.iterdir()) == sorted([ours[0], *ours[2:], *others])
