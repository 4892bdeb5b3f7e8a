"""The laptop as its user meets it: projects, sound files, odd blocks, no room for clients."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import wave
from pathlib import Path

import pytest

from board_page import Page
from host_program import HOST, ROOT, built
from processes import DEADLINE_S, Running

EXAMPLE = ROOT / "bela-example"
PROGRAM = """\
#include <Bela.h>
bool setup(BelaContext* context, void*)
{{
	rt_printf("I am %s of %s\\n", "{name}", context->projectName);
	return false;
}}
void render(BelaContext*, void*) {{}}
void cleanup(BelaContext*, void*) {{}}
"""


def make(*words, cwd=ROOT):
    environ = {name: value for name, value in os.environ.items() if not re.fullmatch(r"MAKE\w*|MFLAGS", name)}
    command = ["make", "--silent", "--no-print-directory", "-C", HOST, *words]
    environ["PWD"] = str(cwd)  # as a shell leaves it
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=300, check=False
    )


def project(folder, name):
    folder.mkdir(parents=True)
    (folder / "render.cpp").write_text(PROGRAM.format(name=name), encoding="utf-8")
    return folder


def test_two_projects_of_one_name_are_two_programs(tmp_path):
    here, there = (project(tmp_path / side / "prog", side) for side in ("here", "there"))
    assert "I am here of prog" in make("run", f"PROJECT={here}", "ARGS=--port 0").stdout
    assert "I am there of prog" in make("run", f"PROJECT={there}", "ARGS=--port 0").stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{tmp}/no such", 'no such" has a blank in it, which make cannot read'),
        ("{tmp}/absent", "there is no C++ file in {tmp}/absent: PROJECT is the folder of a Bela program"),
    ],
)
def test_a_project_that_cannot_be_is_named(tmp_path, given, said):
    done = make("run", f"PROJECT={given.format(tmp=tmp_path)}")
    assert done.returncode != 0
    assert said.format(tmp=tmp_path) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def sound_file(path, rate_hz):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes(2 * 1000))


def test_sound_files_are_where_the_user_is(tmp_path):
    built(EXAMPLE)
    sound_file(tmp_path / "in.wav", 44_100)
    words = "ARGS=--port 0 --speed 0 --frames 4410 --input in.wav --output out.wav"
    done = make("run", words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.wav").stat().st_size > 4410 * 4
    assert not (EXAMPLE / "out.wav").exists()


def run(*words, command=None):
    program = Running(*(command or built(EXAMPLE)), "--port", 0, *words)
    assert program.code() is not None
    return program


def test_a_sound_file_of_another_rate_is_refused_with_what_to_do(tmp_path):
    sound_file(tmp_path / "in.wav", 22_050)
    program = run("--folder", tmp_path, "--input", tmp_path / "in.wav")
    assert program.code() == 1
    assert "in.wav has 22050 Hz, and the board 44100: convert it, or add --rate 22050" in program.err[-1]


@pytest.fixture(scope="module")
def documented(tmp_path_factory):
    """The program of docs/board.md."""
    text = (ROOT / "docs" / "board.md").read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("documented")
    code = re.search(r"```cpp\n(.*?)```", text, re.DOTALL)[1]
    (folder / "render.cpp").write_text(code, encoding="utf-8")
    return built(folder)


@pytest.mark.parametrize("block", [1, 2, 3, 5, 17, 4096])
@pytest.mark.parametrize("analog", [0, 2, 4, 8])
def test_any_block_has_the_analog_frames_that_programs_read(tmp_path, documented, block, analog):
    frames = ("--speed", 0, "--frames", 20_000, "--folder", tmp_path, "--block", block, "--analog", analog)
    for command in (built(EXAMPLE), documented):
        program = run(*frames, command=command)
        assert program.code() == 0, str(program)


def cpu_s(pid):
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_without_room_for_clients_it_waits_and_serves_again(tmp_path):
    limited = ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh", *built(EXAMPLE)]
    program = Running(*limited, "--port", 0, "--folder", tmp_path, "--speed", 0.01)
    try:
        host, port = program.wait_out(r" on (\S+);")[1].split(":")
        crowd = [socket.create_connection((host, int(port)), timeout=DEADLINE_S) for _ in range(60)]
        before = cpu_s(program.pid)
        crowd[-1].settimeout(1.0)
        with pytest.raises(TimeoutError):  # nobody greets the last one
            crowd[-1].recv(1)
        assert cpu_s(program.pid) - before < 0.5, "it runs in a circle"
        for one in crowd:
            one.close()
        page = Page(f"{host}:{port}")
        page.wait(lambda variables: "freq" in variables)
        page.close()
    finally:
        program.kill()


def test_files_are_found(tmp_path):
    assert Path(built(EXAMPLE)[-1]).name == "bela-example", "the name that clients are greeted with"
