"""``bela.plot`` in all its forms; what is drawn is tests/plot's business."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest
from websockets.asyncio.client import connect as connect_to

import belabridge
from belabridge import frames, seconds
from belabridge.errors import PortInUse, UnknownVariable, UsageError
from belabridge.sim.faults import Restart
from belabridge.sim.programs.default import default_program
from belabridge.sim.programs.many import expected, many_variables
from waiting import until

PAGE = Path(__file__).parents[2] / "docs" / "plots.md"
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
WITHIN_S = 60.0
KNOWN = """
from belabridge import Streamer
streamer = Streamer("127.0.0.1", {port})
streamer.connect()
plot = streamer.plot_data("mic", ["mic", "pot1"], y_range=(-1, 1), rollover=4410)
input(f"{{plot.url}}: {{plot._repr_html_()}}")
streamer.disconnect()
"""


def at(sim):
    return f"{sim.host}:{sim.port}"


async def columns_of(url, step, wanted):
    """What a browser gets, in the end."""
    async with asyncio.timeout(WITHIN_S), connect_to(f"{url.replace('http', 'ws')}data", proxy=None) as peer:
        hello = json.loads(await peer.recv())
        while True:
            await peer.send(json.dumps({"step": step, "count": 1000}))
            data = await peer.recv()
            size = int(np.frombuffer(data, np.uint32, 1)[0])
            counts = json.loads(data[4 : 4 + size])["counts"]
            if all(count >= wanted for count in counts):
                return hello, counts, np.frombuffer(data, np.float64, offset=4 + size)


async def test_every_sample_is_there(board):
    async with board(many_variables(2)) as sim, belabridge.connect(at(sim)) as bela:
        async with bela.plot("v1", window=seconds(1)) as plot:
            hello, (count,), numbers = await columns_of(plot.url, 1, 500)
            assert hello["window"] == 44_100
            at_, low = numbers[:count], numbers[count : 2 * count]
            assert np.array_equal(low, expected(1, at_.astype(np.uint64)))
        assert not bela.plots


async def test_streams_and_monitors_in_one_picture(board):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        plot = await bela.plot(
            "mic",
            monitor={"trigger": frames(100)},
            y_range={"mic": (-1, 1)},
            window=seconds(2),
            rollover=seconds(4),
        )
        hello, *_ = await columns_of(plot.url, 441, 20)
        assert hello["lanes"] == [{"name": "mic", "range": [-1.0, 1.0]}, {"name": "trigger", "range": None}]
        assert (hello["window"], hello["keep"]) == (88_200, 176_400)
        assert f'src="{plot.url}"' in plot._repr_html_()
        await plot.close()
        await plot.close()


async def test_all_variables_when_none_is_named(board):
    async with board(many_variables(3)) as sim, belabridge.connect(at(sim)) as bela, bela.plot() as plot:
        assert plot.names == ("v0", "v1", "v2")


async def test_a_picture_ends_with_its_connection(board):
    async with board(many_variables(1)) as sim:
        async with belabridge.connect(at(sim)) as bela:
            plot = await bela.plot("v0")
            url = plot.url
        with pytest.raises(OSError, match="refused"):
            await asyncio.to_thread(urlopen, url)


async def test_what_makes_no_picture(board):
    async with board(default_program()) as sim, belabridge.connect(at(sim)) as bela:
        with pytest.raises(UnknownVariable, match="did you mean pot1"):
            bela.plot("Pot1")
        with pytest.raises(UsageError, match="either every sample, or monitor"):
            bela.plot("mic", monitor={"mic": 100})
        for window in (frames(1), seconds(1000), 5):
            with pytest.raises(UsageError, match="window"):
                bela.plot("mic", window=window)
        for wrong in ((1, 1), (0, float("nan")), {"mic": (2, 1)}):
            with pytest.raises(UsageError, match=r"write \(lowest, highest\)"):
                bela.plot("mic", y_range=wrong)
        with pytest.raises(UsageError, match="not in the picture"):
            bela.plot("mic", y_range={"pot1": (0, 1)})
        async with bela.plot("mic") as plot:
            with pytest.raises(PortInUse):
                await bela.plot("mic", port=int(plot.url.rstrip("/").rpartition(":")[2]))
            assert bela.plots == {plot}


def test_without_async_it_lives_until_the_connection_ends(board_apart):
    with board_apart(many_variables(1)) as sim:
        with belabridge.connect(at(sim)) as bela:
            url = bela.plot("v0", show=False).url  # nobody keeps it, as in a notebook
            with bela.plot("v0", show=False) as second:
                assert second.url != url
            with urlopen(url, timeout=WITHIN_S) as page:  # noqa: S310 - our own page
                assert page.status == 200
            second.close()
        with pytest.raises(OSError, match="refused"):
            urlopen(url)  # noqa: S310 - our own page


@pytest.mark.parametrize("program", [*PROGRAMS, KNOWN], ids=[*range(len(PROGRAMS)), "known"])
def test_a_program_opens_the_users_browser(board_apart, tmp_path, program):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o755)
    with board_apart(default_program()) as sim:
        code = program.replace("bela.local", at(sim)).replace("{port}", str(sim.port)).replace("{{", "{")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code.replace("}}", "}")],
            input="\n",
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
            env=os.environ | {"BROWSER": f"{browser} %s"},
        )
    assert (done.returncode, done.stderr) == (0, "")
    opened = (tmp_path / "opened").read_text().strip()
    assert done.stdout.startswith(f"{opened}: ")
    assert opened.startswith("http://127.0.0.1:")


async def test_a_program_that_begins_anew_makes_the_picture_begin_anew(board):
    async with (
        board(many_variables(1)) as sim,
        belabridge.connect(at(sim)) as bela,
        bela.plot("v0", window=seconds(60)) as plot,
    ):
        lane = plot._picture.lanes["v0"]
        await until(lambda: lane.newest_frame > 20_000, WITHIN_S)
        sim.inject(Restart())
        await until(lambda: lane.epoch > 0 and lane.newest_frame > 0, WITHIN_S)
        assert np.all(np.diff(lane.frames) >= 0)
        finite = np.isfinite(lane.values)
        assert np.array_equal(lane.values[finite], expected(0, lane.frames[finite].astype(np.uint64)))
