"""Events in, intents out: each word of a rule, in both directions."""

import math
from itertools import pairwise

import numpy as np
import pytest
from planning import NAMES, WORDS, measured, monitor, out, plan_of, stream, values

from belabridge.mapping.intents import SendBuffer, SendOsc
from belabridge.rules import InRule, OneEuro, OnePole, OscOut, OutRule, Scale, Shape, Take


@pytest.mark.parametrize("word", WORDS)
def test_words_out(word):
    shape, given_values, expected = WORDS[word]
    plan = plan_of(out(shape))
    sent = [v for i, x in enumerate(given_values) for v in values(plan.block(monitor("pot", x), i * 0.02))]
    assert sent == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("word", WORDS)
def test_the_same_words_mean_the_same_in(word):
    shape, given_values, expected = WORDS[word]
    plan = plan_of(InRule("/i", var="gain", shape=shape))
    sent = [v for i, x in enumerate(given_values) for v in values(plan.in_rule(0, (x,), "me", i * 0.02))]
    assert sent == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("word", [w for w, (s, _, _) in WORDS.items() if not s.deadband and not s.on_change])
def test_the_same_words_mean_the_same_for_every_sample_and_for_buffers(word):
    shape, given_values, expected = WORDS[word]
    plan = plan_of(out(shape, Take.ALL, None), InRule("/i", buffer="table", shape=shape))
    (intent,) = plan.block(stream("pot", given_values, frame=7), 0.0)
    assert intent.value is None
    assert intent.frame == 7
    assert intent.values.tolist() == pytest.approx(expected, rel=1e-12)
    (fill,) = plan.in_rule(0, given_values, "me", 0.0)
    assert fill == SendBuffer(0, "table", None, fill.values)
    assert fill.values.tolist() == pytest.approx(expected, rel=1e-12)


TAKES = {
    Take.LAST: 4.0,
    Take.MEAN: 0.5,
    Take.RMS: math.sqrt(30 / 4),
    Take.PEAK: 4.0,
    Take.MIN: -3.0,
    Take.MAX: 4.0,
}


@pytest.mark.parametrize("take", TAKES)
def test_statistics_are_of_all_samples_since_the_last_output(take):
    plan = plan_of(OutRule("mic", take, 10.0, osc=OscOut("/m")))
    for now in (0.0, 0.001):  # the rate's tolerance is used up
        assert len(plan.block(stream("mic", [100.0]), now)) == 1
    assert plan.block(stream("mic", [1.0, -2.0]), 0.02) == []
    assert plan.block(stream("mic", [-3.0, 4.0], frame=99), 0.04) == []
    assert plan.due() == pytest.approx(0.1)
    (intent,) = plan.tick(0.1)
    expected = TAKES[take] if take is not Take.MEAN else 0.0
    assert intent.value == pytest.approx(expected, rel=1e-6)
    assert intent.frame == 99
    assert plan.due() is None
    assert plan.tick(10.0) == []


def test_a_statistic_is_shaped_after_it_is_made():
    shape = Shape(scale=Scale((0, 2), (0, 100)), clip=(0, 75))
    plan = plan_of(OutRule("mic", Take.RMS, 10.0, shape, OscOut("/m")))
    assert values(plan.block(stream("mic", [1.0, -1.0]), 0.0)) == [50.0]
    assert values(plan.block(stream("mic", [3.0, -3.0]), 0.5)) == [75.0]


def test_streams_feed_statistics_and_monitors_feed_values():
    plan = plan_of(
        OutRule("mic", rate_hz=50, osc=OscOut("/v")), OutRule("mic", Take.MAX, 50, osc=OscOut("/s"))
    )
    assert [i.osc.address for i in plan.block(monitor("mic", 1.0), 0.0)] == ["/v"]
    assert [i.osc.address for i in plan.block(stream("mic", [1.0]), 0.0)] == ["/s"]


def test_all_gives_the_boards_own_samples_with_their_times():
    plan = plan_of(OutRule("count", Take.ALL, None, osc=OscOut("/c", form="blob")))
    relative = np.array([0, 3, 9], np.uint32)
    block = stream("count", [5, 6, 7], frame=2**40, relative=relative)
    assert plan.block(block, 0.0) == [
        SendOsc(0, OscOut("/c", form="blob"), None, block.values, 2**40, relative, None)
    ]


def test_several_rules_of_one_variable():
    plan = plan_of(out(Shape()), out(Shape(invert=True)), OutRule("gain", osc=OscOut("/g")))
    intents = plan.block(monitor("pot", 0.25, frame=5), 0.0)
    assert [(i.rule_index, i.value, i.frame) for i in intents] == [(0, 0.25, 5), (1, 0.75, 5)]


def test_the_latest_value_waits_for_the_rate():
    plan = plan_of(out(Shape(), rate=10.0))
    sent = [values(plan.block(monitor("pot", i), i * 0.01)) for i in range(5)]
    assert sent == [[0.0], [1.0], [], [], []]
    assert plan.due() == pytest.approx(0.1, rel=1e-3)
    assert plan.tick(0.05) == []
    assert values(plan.tick(0.099)) == [4.0]  # early by less than 2 ms
    (status,), _ = measured(plan, 1.0)
    assert (status.count, status.superseded) == (3, 2)


def test_wake_ups_are_put_together():
    rules = [OutRule(name, rate_hz=10.0, osc=OscOut("/" + name)) for name in NAMES[:3]]
    plan = plan_of(*rules)
    for i, name in enumerate(NAMES[:3]):
        for _ in range(3):
            plan.block(monitor(name, 1.0), i * 0.0009)
    assert len(plan.tick(plan.due())) == 3
    assert plan.due() is None


@pytest.mark.parametrize("wish", [OnePole(0.1), OneEuro(1.0, 0.1)])
@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_filter_moves_on_by_itself_and_ends_on_the_last_value(wish, direction):
    shape = Shape(smooth=wish)
    if direction == "out":
        plan = plan_of(out(shape, rate=50.0))
        feed = lambda x, now: plan.block(monitor("pot", x), now)  # noqa: E731 - one of two, side by side
    else:
        plan = plan_of(InRule("/i", var="gain", shape=shape, rate_hz=50.0))
        feed = lambda x, now: plan.in_rule(0, (x,), "me", now)  # noqa: E731 - one of two, side by side
    assert values(feed(0.0, 0.0)) == [0.0]
    went = [(5.0, v) for v in values(feed(1.0, 5.0))]
    for _ in range(1000):
        if plan.due() is None:
            break
        now = plan.due()
        went += [(now, v) for v in values(plan.tick(now))]
    assert plan.due() is None
    assert went[-1][1] == 1.0
    assert [v for _, v in went] == sorted(v for _, v in went)
    assert all(later - earlier >= 0.0179 for (earlier, _), (later, _) in pairwise(went))
    assert 20 < len(went) < 200


def test_a_filter_goes_with_a_regular_source_without_the_timer():
    plan = plan_of(out(Shape(smooth=OnePole(0.1)), rate=50.0))
    ticked = 0
    for i in range(100):
        now = i * 0.02
        while plan.due() is not None and plan.due() < now:
            ticked += len(plan.tick(plan.due()))
        plan.block(monitor("pot", i / 100), now)
    assert ticked <= 1


@pytest.mark.parametrize("take", [Take.MEAN, Take.ALL])
def test_what_is_not_finite_is_refused_and_the_next_one_passes(take):
    plan = plan_of(out(Shape(expr="1/x"), take, 50.0))
    (refused,) = plan.block(stream("pot", [0.0]), 0.0)
    assert refused.reason == "mapping.not_finite"
    assert "pot → /o" in refused.detail
    (fine,) = plan.block(stream("pot", [2.0]), 1.0)
    assert isinstance(fine, SendOsc)
    assert measured(plan, 2.0)[0][0].refused == 1
