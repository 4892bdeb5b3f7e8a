"""Log files, value for value: those of real boards, the simulated board's, and made ones of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from second_sessions import SESSIONS, simulated

from belabridge.sim.machine import ARM32, X86_64
from belabridge.sim.programs.captures import bela_test, bela_types
from belabridge.values import TimestampMode, VarType
from belabridge.wire.log_file import LogFile
from captures import FOLDER
from log_bytes import (
    LETTERS,
    SPARSE,
    as_bytes,
    check,
    check_bela_types,
    counting,
    everything,
    exact,
    original,
)

DENSE_MODE, SPARSE_MODE = TimestampMode.DENSE, TimestampMode.SPARSE
MODES = [pytest.param(False, id="dense"), pytest.param(True, id="sparse")]


# (session, variable): pointer, first frame, duration of the log, values without and with padding
RECORDED = {
    ("log", "myvar"): (8, 30531, 4410, 4411, 9 * 512, DENSE_MODE),
    ("log", "myvar2"): (8, 101648, None, 22145, 22 * 1024, DENSE_MODE),
    ("log", "myvar4"): (8, 30540, 22050, 1838, 1838, SPARSE_MODE),
    ("log.arm32", "myvar"): (4, 28051, 4410, 4411, 9 * 512, DENSE_MODE),
    ("log.arm32", "myvar2"): (4, 99072, None, 22017, 22 * 1024, DENSE_MODE),
    ("log.arm32", "myvar4"): (4, 28056, 22050, 1839, 1839, SPARSE_MODE),
}


def recorded(session, variable):
    return as_bytes((FOLDER / f"{session}.{variable}.bin").read_bytes())


@pytest.mark.parametrize(("session", "variable"), RECORDED)
def test_a_recorded_log_value_for_value(session, variable):
    pointer, first, duration, count, padded, mode = RECORDED[session, variable]
    log = LogFile(recorded(session, variable), duration_frames=duration)
    assert (log.header.name, log.header.pointer_bytes, log.header.protocol) == (variable, pointer, 1)
    assert log.header.type is (VarType.UINT if variable == "myvar2" else VarType.DOUBLE)
    assert (log.mode, log.mode_is_sure) == (mode, True)
    values, frames = everything(log)
    assert (len(log), log.index.padding) == (count if duration else padded, 0 if duration else padded - count)
    assert frames[0] == first
    assert (np.diff(frames) == (12 if mode else 1)).all()
    assert (values[:count] == frames[:count]).all()  # both programs assign the frame
    assert not values[count:].any()
    assert log.index.jumps == ()
    assert log.index.damages == ()


@pytest.mark.parametrize("session", ["log", "log.arm32"])
def test_a_recorded_log_by_the_end_that_the_board_answered(session):
    first = RECORDED[session, "myvar"][1]
    log = LogFile(recorded(session, "myvar"), end_frame=first + 4410)
    assert (len(log), log.index.padding) == (4411, 0)


def test_an_end_never_cuts_values_that_are_not_zero():
    log = LogFile(recorded("log", "myvar"), duration_frames=4200)
    assert len(log) == 4411


@pytest.mark.parametrize("machine", [X86_64, ARM32], ids=["64", "32"])
def test_the_simulated_boards_files_of_both_protocols(machine):
    board, _, _ = simulated("logs", bela_test(), machine=machine)
    assert set(board.files) == {"myvar.bin", "myvar2.bin", "myvar3.bin", "myvar4.bin"}
    for name, content in board.files.items():
        log = LogFile(as_bytes(bytes(content)))
        assert log.header.name == name.removesuffix(".bin")
        assert log.header.protocol == (1 if name == "myvar2.bin" else 2)
        assert log.mode is (SPARSE_MODE if name in {"myvar3.bin", "myvar4.bin"} else DENSE_MODE)
        values, frames = everything(log)
        count = len(log) - log.index.padding
        assert count > 100
        assert (values[:count] == frames[:count]).all()
    exact_log = LogFile(as_bytes(bytes(board.files["myvar.bin"])))
    assert (exact_log.header.begin_frame, exact_log.header.sample_rate_hz) == (1000, 44100.0)
    assert len(exact_log) == 4411


@pytest.mark.parametrize("machine", [X86_64, ARM32], ids=["64", "32"])
@pytest.mark.parametrize("protocol", [1, 2])
def test_the_simulated_boards_files_of_every_type(machine, protocol, monkeypatch):
    names = [f"{t}_{m}" for t in "cijfd" for m in "ds"]
    more = {"protocol": 2} if protocol == 2 else {}
    command = {"cmd": "log", "watchers": names, "timestamps": [1000] * 10, "durations": [9000] * 10, **more}
    monkeypatch.setitem(SESSIONS, "all logs", ("bela-types", 16_000, (16, [command])))
    board, _, _ = simulated("all logs", bela_types(), machine=machine)
    for name in names:
        log = LogFile(
            as_bytes(bytes(board.files[f"{name}.bin"])),
            duration_frames=9000,
            char_signed=machine.char_signed,
        )
        check_bela_types(log, protocol, char_signed=machine.char_signed)


@pytest.mark.parametrize("sparse", MODES)
@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("pointer_bytes", [4, 8])
def test_an_original_file_of_every_type(letter, sparse, pointer_bytes):
    full = SPARSE[letter][0] if sparse else 4096 // np.dtype(LETTERS[letter]).itemsize
    for count in (1, 2, full, full + 1, 3 * full, 3 * full + 5):
        frames = 7000 + np.arange(count) * (12 if sparse else 1)
        written = original(
            "x", letter, counting(letter, count), frames, sparse=sparse, pointer_bytes=pointer_bytes
        )
        log = LogFile(as_bytes(written), mode=TimestampMode(sparse), duration_frames=count - 1)
        check(log, written)
        assert log.header.pointer_bytes == pointer_bytes


@pytest.mark.parametrize("sparse", MODES)
@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_file_of_protocol_2_of_every_type(letter, sparse, order):
    full = SPARSE[letter][0] if sparse else 4096 // np.dtype(LETTERS[letter]).itemsize
    for count in (1, 2, 3, full, full + 1, 3 * full, 3 * full + 5):
        frames = 7000 + np.arange(count) * (12 if sparse else 1)
        written = exact("añ", letter, counting(letter, count), frames, sparse=sparse, order=order, begin=6990)
        log = LogFile(as_bytes(written))
        check(log, written)
        assert log.dtype.isnative
        assert (log.mode, log.mode_is_sure) == (TimestampMode(sparse), True)
        assert (log.header.name, log.header.begin_frame) == ("añ", 6990)
        assert log.index.padding == 0


def test_the_document_has_this_file():
    text = """57 41 54 43 48 45 52 32   04 03 02 01   30 00 00 00   00 00 00 00 80 88 e5 40
        e8 03 00 00 00 00 00 00   66 01 00 04   00 02 00 00   61 00 00 00 00 00 00 00
        e8 03 00 00 00 00 00 00   01 00 00 00   00 00 00 00   00 00 80 3f   00 00 00 00"""
    log = LogFile(as_bytes(bytes.fromhex(text)))
    assert everything(log) == (np.array([1.0], "f4"), np.array([1000]))
    header = log.header
    assert (header.name, header.type, header.mode) == ("a", VarType.FLOAT, SPARSE_MODE)
    assert (header.sample_rate_hz, header.begin_frame, header.char_signed) == (44100.0, 1000, False)


def test_a_char_is_what_the_board_means_by_it():
    values = np.arange(256)
    signed = exact("x", "c", values.astype(np.uint8).view("i1"), values, signed=True)
    assert everything(LogFile(as_bytes(signed)))[0][200] == -56
    for char_signed, at_200 in ((False, 200), (True, -56)):
        written = original("x", "c", values, values)
        log = LogFile(as_bytes(written), char_signed=char_signed)
        assert everything(log)[0][200] == at_200


@pytest.mark.parametrize("make", [original, exact])
@pytest.mark.parametrize("step", [1, 2, 16, 441])
def test_the_step_of_a_dense_log_shows_in_its_blocks(make, step):
    frames = 1000 + np.arange(5000) * step
    written = make("x", "f", np.arange(5000) + 1, frames)
    log = LogFile(as_bytes(written), duration_frames=4999 * step)
    assert log.index.step_frames == step
    check(log, written)


def test_a_loss_shows_as_a_jump_of_the_frames():
    frames = np.arange(9000)
    frames[4096:] += 777
    written = original("x", "f", frames + 1, frames)
    log = LogFile(as_bytes(written), end_frame=int(frames[-1]))
    check(log, written)
    ((place, jump),) = log.index.jumps
    assert (place, jump.frames, jump.values) == (4096, 777, None)


@pytest.mark.parametrize("step", [1, 16])
def test_the_losses_that_a_file_of_protocol_2_counts(step):
    frames = np.arange(9000) * step
    frames[3072:] += 50 * step
    frames[8192:] += 3 * step
    written = exact("x", "f", frames, frames, lost={3072: 50, 8192: 3})
    log = LogFile(as_bytes(written))
    check(log, written)
    assert [(place, jump.frames, jump.values) for place, jump in log.index.jumps] == [
        (3072, 50 * step, 50),
        (8192, 3 * step, 3),
    ]


def test_a_block_that_went_out_half_full_in_mid_log_is_cut():
    """Another client's stream of the variable ended there."""
    frames = np.arange(9000)
    written = original("x", "f", frames + 1, frames, cuts=[1500, 4000])
    log = LogFile(as_bytes(written), end_frame=8999)
    check(log, written)
    assert log.index.jumps == ()
    sparse = original("x", "f", frames + 1, frames * 12, sparse=True, cuts=[1500, 4000])
    check(LogFile(as_bytes(sparse)), sparse)


def test_a_program_that_assigns_irregularly_has_no_step_and_no_gaps():
    frames = np.cumsum(np.random.default_rng(6).integers(1, 9, 9000))
    log = LogFile(as_bytes(exact("x", "f", frames, frames)))
    assert log.index.step_frames is None
    assert log.index.jumps == ()
    firsts = log.frames(0, len(log))[::1024]
    assert (firsts == frames[::1024]).all()  # the first of each block is said, the others lie between
    assert (np.diff(log.frames(0, len(log)).astype(np.int64)) >= 0).all()
