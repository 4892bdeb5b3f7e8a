"""The daemon with Pure Data, both ways through a patch."""

import shutil

import pytest

from osc_peer import free_port
from processes import wait_for

pytestmark = pytest.mark.skipif(not shutil.which("puredata"), reason="needs the Debian package puredata-core")

# What arrives is printed; what is printed as pot1 plays: Pd sets gain to half of it, forty times a second.
PATCH = """\
#N canvas 0 0 600 400 12;
#X obj 10 10 netreceive -u -b {hear} 127.0.0.1;
#X obj 10 40 oscparse;
#X obj 10 70 list trim;
#X obj 10 100 print heard;
#X obj 300 10 loadbang;
#X msg 300 40 connect 127.0.0.1 {port};
#X obj 300 200 netsend -u -b;
#X obj 400 40 metro 25;
#X msg 400 70 0.375;
#X obj 400 100 oscformat bela gain;
#X obj 400 130 list prepend send;
#X obj 400 160 list trim;
#X obj 400 200 t b b;
#X obj 300 70 t b b;
#X msg 480 70 1;
#X obj 300 100 delay 200;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 2 0 3 0;
#X connect 4 0 5 0;
#X connect 4 0 14 0;
#X connect 5 0 6 0;
#X connect 14 0 7 0;
#X connect 7 0 8 0;
#X connect 8 0 9 0;
#X connect 9 0 10 0;
#X connect 10 0 11 0;
#X connect 11 0 6 0;
"""
FLAGS = ("-nogui", "-noaudio", "-nomidi", "-noprefs", "-nrt", "-stderr")


def test_pure_data_hears_the_board_and_plays_it(stage, boards, port):
    _, board = boards.start()
    hear = free_port()
    patch = stage.folder / "patch.pd"
    patch.write_text(PATCH.format(hear=hear, port=port), encoding="ascii")
    pd = stage.start("puredata", *FLAGS, patch)
    config = stage.config(
        board=board,
        osc={"listen": port, "send": {"pd": f"127.0.0.1:{hear}"}},
        out=[
            {"var": "pot1"},
            {"var": "counter", "osc": {"address": "/count", "as": "i"}},
            {"var": "pot2", "osc": "/both", "expr": "x*0 + 0.25"},
        ],
        **{"in": [{"osc": "/bela/gain", "var": "gain"}]},
    )
    bridge = stage.bridge(config).ready()

    pd.wait_err(r"heard: (list )?bela pot1 0?\.\d+")
    pd.wait_err(r"heard: (list )?count [1-9]\d*$")
    pd.wait_err(r"heard: (list )?both 0\.25$")
    page = stage.page(board)
    page.wait(lambda variables: variables["gain"]["controlled"] and variables["gain"]["value"] == 0.375)

    pd.kill()  # the patch is closed: the bridge goes on, and Pd is served again when it is back
    wait_for(lambda: bridge.status()["destinations"][0]["down"], why="nobody noticed that Pd is gone")
    again = stage.start("puredata", *FLAGS, patch)
    again.wait_err(r"heard: (list )?bela pot1 0?\.\d+")
    bridge.wait_status(lambda status: not status["destinations"][0]["down"])
    assert len([line for line in bridge.warnings if "takes nothing" in line]) <= 2, bridge.warnings
    bridge.end()
