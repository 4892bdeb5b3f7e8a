import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.parsing import ntp

from belabridge.osc.codec.timetag import from_unix, to_unix


@pytest.mark.parametrize(
    ("timetag_ntp", "unix_s"),
    [
        (2_208_988_800 << 32, 0.0),
        ((2_208_988_800 << 32) + 2**31, 0.5),
        (0xFFFFFFFF << 32, 2_085_978_495.0),  # the last second before NTP runs over, 2036-02-07 06:28:15
        (0 << 32, 2_085_978_496.0),
        (5 << 32, 2_085_978_501.0),
    ],
)
def test_known_times(timetag_ntp, unix_s):
    assert to_unix(timetag_ntp) == unix_s
    assert from_unix(unix_s) == timetag_ntp


@given(st.floats(0, 4e9))
def test_there_and_back(unix_s):
    assert to_unix(from_unix(unix_s)) == pytest.approx(unix_s, abs=1e-6)


@given(st.floats(0, 2e9))
def test_as_python_osc_has_it(unix_s):
    theirs = int.from_bytes(ntp.system_time_to_ntp(unix_s), "big")
    assert abs(from_unix(unix_s) - theirs) < 2**13  # 2 µs: a double's own precision
