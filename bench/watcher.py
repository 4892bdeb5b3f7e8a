"""The C++ library: nanoseconds of an assignment, and the time of ``render`` with 64 floats taken.

It takes 40 seconds. ``python -m bench watcher_long`` takes ten minutes, and asks what is lost in them.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
from pathlib import Path
from typing import IO, Any

from websockets.asyncio.client import ClientConnection, connect

from bench.figure import Figure

ROOT = Path(__file__).parent.parent / "watcher"
BLOCK_US = 16 / 44100 * 1e6
TARGETS_US = {"median": 4.0, "p99": 12.0, "p99.9": 25.0}
MOST_OF_A_CORE = 0.15
UNWATCHED_NS = 1.1  # of the original, on this kind of machine
NAMES = [f"v{n}" for n in range(64)]


def make(*words: str) -> str:
    """What a make target prints."""
    made = subprocess.run(["make", "-s", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return made.stdout


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def listen(port: int, seconds: float, pid: int) -> tuple[float, int, list[dict[str, Any]]]:
    """Take all blocks for a while: share of a core, blocks, and the variables at the end."""
    url = f"ws://127.0.0.1:{port}"
    blocks = 0

    async def drain(data: ClientConnection) -> None:
        nonlocal blocks
        async for message in data:
            blocks += len(message) > 100

    async with (
        connect(f"{url}/gui_control", compression=None) as control,
        connect(f"{url}/gui_data", compression=None, max_queue=1024) as data,
    ):
        taking = asyncio.create_task(drain(data))
        await control.send('{"event":"connection-reply"}')
        await control.send(json.dumps({"watcher": [{"cmd": "watch", "watchers": NAMES}]}))
        await asyncio.sleep(1)
        before = cpu_s(pid)
        await asyncio.sleep(seconds)
        share = (cpu_s(pid) - before) / seconds
        await control.send(json.dumps({"watcher": [{"cmd": "list", "protocol": 2}]}))
        while True:
            answer = json.loads(await asyncio.wait_for(control.recv(), 10))
            if "watcher2" in answer:
                break
        taking.cancel()
    return share, blocks, answer["watcher2"]["watchers"]


def run(seconds: float) -> tuple[dict[str, Any], float, int, int]:
    """The program on the laptop, with one client: its own times, share of a core, blocks, lost values."""
    project = str(ROOT / "bench" / "floats")
    make("-C", "host", "program", f"PROJECT={project}")
    program = make("-C", "host", "where", f"PROJECT={project}").strip()
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [program, "--port", "0", "--folder", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        output: IO[str] = process.stdout or io.StringIO()
        lines = []
        for line in output:
            lines.append(line)
            if found := re.search(r"(?:port|:)\s*(\d{4,5})\b", line):
                break
        else:
            raise RuntimeError("the program did not start: " + "".join(lines))
        share, blocks, variables = asyncio.run(listen(int(found[1]), seconds, process.pid))
        process.terminate()
        rest = output.read()
    times = next(json.loads(line) for line in rest.splitlines() if line.startswith("{"))
    return times, share, blocks, sum(variable["lostWatched"] for variable in variables)


def measure(*, quick: bool) -> list[Figure]:
    """Every figure of the library."""
    assign = json.loads(make("bench"))
    figures = [
        Figure(
            f"an assignment, {name}",
            f"{ns:.2f} ns",
            f"{assign['store']:.2f} ns",
            f"{ns / assign['store']:.1f}",
            f"{UNWATCHED_NS} ns" if name == "unwatched" else "",
            ns <= UNWATCHED_NS if name == "unwatched" else None,
        )
        for name, ns in assign.items()
        if name != "store"
    ]
    return figures + rendered(3 if quick else 30)


def rendered(seconds: float) -> list[Figure]:
    """The figures of the program, which runs for so long."""
    figures = []
    times, share, blocks, lost = run(seconds)
    for name, us in times["render"].items():
        copy = times["copy"][name]
        target = TARGETS_US.get(name)
        figures.append(
            Figure(
                f"render, 64 floats watched, {name} of {BLOCK_US:.0f} us",
                f"{us:.1f} us",
                f"{copy:.1f} us",
                f"{us / copy:.1f}",
                f"{target:.0f} us" if target else "",
                us <= target if target else None,
            )
        )
    figures.append(
        Figure("its program, of a core", f"{share:.3f}", "", "", f"{MOST_OF_A_CORE}", share <= MOST_OF_A_CORE)
    )
    name = f"values lost, of {blocks} blocks in {seconds:.0f} s"
    figures.append(Figure(name, str(lost), target="0", met=lost == 0))
    return figures
