"""Programs of a user in processes of their own: Ctrl-C, a forgotten close, and who is there afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

import belabridge
from belabridge.sim.programs.default import default_program

WITHIN_S = 60.0  # a second, on a machine that does nothing else
START = """
import sys, belabridge
bela = belabridge.connect(sys.argv[1]).open()
blocks = bela.stream("mic")
blocks.__enter__()
control = bela.control("gain")
control.__enter__()
control.set(0.25, confirm=True)
next(blocks)
print("here", flush=True)
"""


def program(code, sim):
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", START + code, f"{sim.host}:{sim.port}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def left_as_it_was(sim):
    with belabridge.connect(f"{sim.host}:{sim.port}") as bela:
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            bela.peek()
            if not bela.variables["gain"].controlled and not bela.variables["mic"].watched:
                return True
    return False


@pytest.mark.parametrize("waits_for", ["list(blocks)", "next(bela.monitor(freq=100).__enter__())"])
def test_ctrl_c_ends_what_waits(board_apart, waits_for):
    with board_apart(default_program()) as sim:
        code = f"""
try:
    print("waiting", flush=True)
    while True:
        {waits_for}
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(len(next(blocks)) > 0)
bela.close()
"""
        with program(code, sim) as process:
            assert process.stdout.readline() == "here\n"
            assert process.stdout.readline() == "waiting\n"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=WITHIN_S)
        assert (process.returncode, out, err) == (0, "interrupted\nTrue\n", "")
        assert left_as_it_was(sim)


@pytest.mark.parametrize("end", ["", "raise SystemExit(0)", "del bela, blocks, control"])
def test_who_forgets_to_close_ends_and_leaves_the_board_as_it_was(board_apart, end):
    with board_apart(default_program()) as sim:
        with program(end, sim) as process:
            out, err = process.communicate(timeout=WITHIN_S)
        assert (process.returncode, out, err) == (0, "here\n", "")
        assert left_as_it_was(sim)


def test_a_call_from_the_connections_own_thread_is_refused_and_not_waited_for(board_apart):
    with board_apart(default_program()) as sim:
        code = """
async def wrong():
    try:
        bela.peek()
    except belabridge.errors.UsageError as error:
        print(error)

import belabridge.errors
bela.run(wrong())
bela.close()
"""
        with program(code, sim) as process:
            out, err = process.communicate(timeout=WITHIN_S)
        assert "would wait for itself" in out
        assert err == ""


def test_importing_the_package_imports_nothing_heavy():
    heavy = "{'numpy', 'asyncio', 'websockets', 'click'}"
    code = f"import sys, belabridge; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_names_are_there():
    for name in belabridge._PUBLIC:
        assert getattr(belabridge, name).__name__ == name
        assert name in dir(belabridge)
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        _ = belabridge.conect
