import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from belabridge.mapping.take import STATISTICS, make_accumulator
from belabridge.rules import Take

OBVIOUS = {
    Take.LAST: lambda x: x[-1],
    Take.MEAN: np.mean,
    Take.RMS: lambda x: math.sqrt(np.mean(np.square(x))),
    Take.PEAK: lambda x: np.max(np.abs(x)),
    Take.MIN: np.min,
    Take.MAX: np.max,
}
DTYPES = ["<i1", "<u1", "<i4", "<u4", "<f4", "<f8"]


def random_blocks(dtype, seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 1100, size=4)
    if np.dtype(dtype).kind == "f":
        return [(rng.standard_normal(n) * 10.0 ** rng.integers(-3, 4)).astype(dtype) for n in sizes]
    info = np.iinfo(dtype)
    return [rng.integers(info.min, info.max, size=n, dtype=dtype, endpoint=True) for n in sizes]


def test_every_statistic_is_tried():
    assert set(OBVIOUS) == STATISTICS == set(Take) - {Take.VALUE, Take.ALL}


@pytest.mark.parametrize("take", sorted(STATISTICS))
@pytest.mark.parametrize("dtype", DTYPES)
def test_all_samples_of_all_blocks_count(take, dtype):
    accumulator = make_accumulator(take)
    for seed in range(5):
        blocks = random_blocks(dtype, seed)
        for block in blocks:
            accumulator.add(block)
        everything = np.concatenate(blocks).astype(np.float64)
        scale = np.abs(everything).max()
        assert accumulator.result() == pytest.approx(
            float(OBVIOUS[take](everything)), rel=1e-6, abs=1e-9 * scale
        )


@pytest.mark.parametrize("take", sorted(STATISTICS))
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_single_samples_count_like_blocks(take, xs):
    accumulator = make_accumulator(take)
    for x in xs:
        accumulator.add_one(x)
    expected = float(OBVIOUS[take](np.array(xs)))
    assert accumulator.result() == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("take", sorted(STATISTICS - {Take.LAST}))
@pytest.mark.parametrize("place", [0, 1])
def test_one_nan_makes_the_result_nan_and_only_that_one(take, place):
    accumulator = make_accumulator(take)
    blocks = [np.array([1, 2], "<f4"), np.array([3, 4], "<f4")]
    blocks[place] = np.array([1, math.nan, 2], "<f4")
    for block in blocks:
        accumulator.add(block)
    assert math.isnan(accumulator.result())
    accumulator.add(np.array([1, 1], "<f4"))
    assert accumulator.result() == 1.0


@pytest.mark.parametrize("size", [1e-30, 1e-20, 1.0, 1e19, 3e38])
def test_rms_of_the_smallest_and_largest_floats(size):
    accumulator = make_accumulator(Take.RMS)
    block = np.full(1024, size, "<f4")
    accumulator.add(block)
    assert accumulator.result() == pytest.approx(float(block[0]), rel=1e-6)


@pytest.mark.parametrize("take", sorted(STATISTICS))
def test_what_a_program_should_not_send_does_not_warn(take):
    accumulator = make_accumulator(take)
    for kind in ("<f4", "<f8"):
        accumulator.add(np.array([1e30, -1e30, math.nan, math.inf, -math.inf] * 10, kind))
    accumulator.add(np.frombuffer(bytes.fromhex("0100a07f") * 64, "<f4"))  # signalling NaN
    accumulator.add_one(math.inf)
    assert isinstance(accumulator.result(), float)


def test_char_blocks_are_as_long_as_they_get():
    accumulator = make_accumulator(Take.MEAN)
    accumulator.add(np.full(4096, 3, "<u1"))
    accumulator.add(np.full(10_000, 3, "<u1"))
    assert accumulator.result() == 3.0
