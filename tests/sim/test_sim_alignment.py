"""The alignment of recordings is held to what the recordings say themselves."""

from __future__ import annotations

import json

import pytest

from alignment import BLOCK, pairs, steps
from captures import sessions


@pytest.mark.parametrize("name", [name for name in sessions() if name != "buffer-to-board"])
def test_steps_rise_and_all_but_questions_lie_between_blocks(name):
    found = steps(name)
    frames = [step.frame for step in found]
    assert frames == sorted(frames)
    assert not [step for step in found if step.frame % BLOCK and b'"list"' not in step.payload]


def test_a_watch_starts_where_its_first_buffer_does():
    watch = next(step for step in steps("watch-unwatch") if b'"watch"' in step.payload)
    assert watch.frame == pairs("watch-unwatch")[0].frame == 22_288


def test_a_monitor_of_several_is_taken_apart_without_changing_it():
    found = [
        json.loads(step.payload)["watcher"][0] for step in steps("all-types") if b"monitor" in step.payload
    ]
    assert [(f["watchers"], f["periods"]) for f in found][:2] == [(["c_d"], [1]), (["c_s"], [1])]
    assert len(found) == 10
