"""WAV: libsndfile and the standard library hear what was recorded, and silence where it is missing."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from belabridge.errors import CannotExport
from belabridge.recording.export.wav_file import Heard, header, why_not, write_wav
from tracks import track


def written(one, bits=32):
    out = io.BytesIO()
    heard = write_wav(one, out, bits=bits)
    return io.BytesIO(out.getvalue()), heard


@given(arrays.arrays("<f4", st.integers(1, 500), elements=st.floats(-4, 4, width=32)))
def test_floats_come_back(values):
    out, heard = written(track(values))
    found, rate = soundfile.read(out, dtype="float32")
    assert found.tobytes() == values.tobytes()
    assert rate == 44_100
    assert heard == Heard(0, 0)
    assert soundfile.info(out.seek(0) or out).subtype == "FLOAT"


@given(
    arrays.arrays("<f4", st.integers(1, 99), elements=st.floats(-1, 1, width=32)), st.sampled_from([16, 24])
)
def test_pcm_is_near(values, bits):
    out, heard = written(track(values), bits)
    found, _ = soundfile.read(out)
    np.testing.assert_allclose(found, values, atol=2.0 ** (1 - bits) * 1.5)
    assert heard.clipped == 0
    with wave.open(out.seek(0) or out) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, bits // 8, 44_100)
        assert file.getnframes() == len(values)
    assert len(out.getvalue()) % 2 == 0


def test_pcm_clips_what_does_not_fit_and_counts_it():
    values = [1.0, -1.0, 1.5, -9.0, np.nan, np.inf, -np.inf, 0.25]
    out, heard = written(track(values), 16)
    with wave.open(out) as file:
        found = np.frombuffer(file.readframes(99), "<i2").tolist()
    assert found == [32767, -32767, 32767, -32768, 0, 0, 0, 8192]
    assert heard.clipped == 5


def test_doubles_become_floats():
    out, _ = written(track([1e-3, 1e300], dtype="<f8"))
    assert soundfile.read(out, dtype="float32")[0].tolist() == [np.float32(1e-3), np.inf]
    assert written(track([1e308], dtype="<f8"), 24)[1].clipped == 1


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_missing_frames_are_silence(bits):
    one = track([0.5] * 6, [10, 11, 12, 20, 21, 200_000], [(3, 7), (5, 199_978)])
    out, heard = written(one, bits)
    found, _ = soundfile.read(out)
    expected = np.zeros(199_991)
    expected[[0, 1, 2, 10, 11, 199_990]] = 0.5
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert heard.silent_frames == 7 + 199_978


def test_a_board_that_began_anew_goes_on_without_silence():
    out, heard = written(track([1, 2, 3, 4], [900, 901, 5, 6], [(2, 0)]))
    assert soundfile.read(out)[0].tolist() == [1, 2, 3, 4]
    assert heard.silent_frames == 0


WHY_NOT = {
    "whole numbers": (track([1, 2], dtype="<i4"), "its type is int32: sound is float or double"),
    "nothing": (track([]), "it has no values"),
    "a slower variable": (
        track([1, 2, 3], [0, 16, 32]),
        "its values are not in each frame, but 16 frames apart: use csv or npz",
    ),
    "a hole that no gap explains": (track([1, 2, 3], [0, 1, 3]), "2 frames apart"),
    "a step back": (track([1, 2, 3], [5, 6, 6]), "0 frames apart"),
    "a gap of a day": (track([1, 2], [0, 10**10], [(1, 10**10 - 1)]), "9999999999 frames are missing"),
    "frames beyond all": (track([1, 2], [0, 2**63 + 9], [(1, 5)]), "use csv or npz"),
}


@pytest.mark.parametrize("what", [name for name in WHY_NOT if name != "frames beyond all"])
def test_what_is_no_sound_is_refused_with_the_reason(what):
    one, reason = WHY_NOT[what]
    assert reason in why_not(one)
    if "type" not in reason and len(one):
        with pytest.raises(CannotExport, match="mic: "):
            written(one)


def test_a_hole_between_two_pieces_is_seen():
    count = 70_000  # more than a piece
    frames = np.arange(count)
    frames[65_536:] += 1
    assert "2 frames apart" in why_not(track(np.zeros(count), frames))
    assert not why_not(track(np.zeros(count), frames, [(65_536, 1)]))
    out, heard = written(track(np.ones(count), frames, [(65_536, 1)]))
    assert heard.silent_frames == 1
    assert np.flatnonzero(soundfile.read(out)[0] == 0).tolist() == [65_536]


@pytest.mark.parametrize(("bits", "most"), [(16, 2_147_483_629), (32, 1_073_741_811)])
def test_beyond_4_gb_the_head_is_that_of_rf64(bits, most):
    small, large = header(most, 44_100, bits), header(most + 1, 44_100, bits)
    assert small[:4] == b"RIFF"
    (told,) = struct.unpack_from("<I", small, 4)
    assert told == len(small) - 8 + most * bits // 8
    assert large[:4] == b"RF64"
    told, size, data, frames = *struct.unpack_from("<I", large, 4), *struct.unpack_from("<QQQ", large, 20)
    assert told == 0xFFFF_FFFF
    assert large[12:16] == b"ds64"
    assert size == len(large) - 8 + (most + 1) * bits // 8
    assert (data, frames) == ((most + 1) * bits // 8, most + 1)


def test_libsndfile_opens_what_is_beyond_4_gb(tmp_path):
    count = 1_100_000_000
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(header(count, 44_100, 32))
        file.seek(4 * (count - 1), io.SEEK_CUR)  # a hole: it takes no room
        file.write(struct.pack("<f", 0.5))
    with soundfile.SoundFile(path) as sound:
        assert (sound.format, sound.frames, sound.samplerate) == ("RF64", count, 44_100)
        sound.seek(count - 1)
        assert sound.read().tolist() == [0.5]
