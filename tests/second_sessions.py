"""Sessions of protocol 2, said frame by frame to the simulated board and to the library itself.

All of them are about the programs of the recorded sessions, whose values say their frame.
"""

from __future__ import annotations

import json

from belabridge.sim.core import SimBoard


def two(cmd, *watchers, id_=None, **lists):
    """A command of protocol 2."""
    element = {"cmd": cmd, "protocol": 2, **lists}
    if watchers:
        element["watchers"] = list(watchers)
    return element if id_ is None else {**element, "id": id_}


def one(cmd, *watchers, **lists):
    """A command of the original protocol."""
    return {"cmd": cmd, "watchers": list(watchers), **lists}


# name -> (program, the last frame, (frame, elements of one message)...)
SESSIONS = {
    "limits": (
        "bela-test",
        4000,
        (
            16,
            [
                two(
                    "watch",
                    "myvar",
                    "myvar2",
                    "myvar3",
                    id_=1,
                    blocks=[16, 0, 5],
                    latencies=[0, 441, 100],
                )
            ],
        ),
        (1600, [two("watch", "myvar", id_=2, blocks=[32])]),
        (2000, [two("unwatch", "myvar", "myvar2", id_=3)]),
        (3008, [two("unwatch", "myvar3", "myvar4", id_=4)]),
    ),
    "scheduled": (
        "bela-test",
        6000,
        (16, [two("watch", "myvar", "myvar4", id_=1, timestamps=[1000, 1001], durations=[700, 800])]),
        (32, [two("watch", "myvar2", timestamps=[5000], latencies=[10])]),
        (48, [two("unwatch", "myvar2", id_=2, timestamps=[4000])]),
        (64, [two("watch", "myvar5", "myvar3", id_=3, latencies=[77, 50])]),
        (2000, [two("unwatch", "myvar5", "myvar3", id_=4, timestamps=[2500, 2508])]),
    ),
    "an old client first": (
        "bela-test",
        9000,
        (16, [two("watch", "myvar", "myvar3", id_=1, latencies=[200, 200])]),
        (1040, [one("watch", "myvar", "myvar3")]),
        (3200, [one("unwatch", "myvar")]),
        (4096, [one("unwatch", "myvar3")]),
        (6000, [two("unwatch", "myvar", "myvar3", id_=2)]),
        (6016, [{"cmd": "list"}]),
        (6032, [two("list", id_=3)]),
    ),
    "values that are read": (
        "bela-test",
        3000,
        (16, [two("control", "myvar", "myvar2", id_=1, controller="us")]),
        (32, [two("set", "myvar", "myvar2", id_=2, values=[0.5, 7], timestamps=[1000, 1000])]),
        (32, [two("monitor", "myvar", "myvar3", id_=3, periods=[100, 64], reads=[True, True])]),
        (48, [two("watch", "myvar2", id_=4, blocks=[64], reads=[True])]),
        (1600, [two("setMask", "myvar2", id_=5, values=[8], masks=[12])]),
        (1984, [two("unwatch", "myvar2", id_=6)]),
        (2000, [two("uncontrol", "myvar", "myvar2", id_=7)]),
        (2096, [two("monitor", "myvar", "myvar3", id_=8, periods=[0, 1])]),
        (2496, [two("list", id_=9)]),
    ),
    "atomic": (
        "bela-test",
        3000,
        (16, [two("control", "myvar", "myvar2", "myvar3", id_=1, controller="a b")]),
        (
            32,
            [
                two("set", "myvar", "myvar2", id_=2, values=[1, 2], timestamps=[500, 501]),
                two("set", "myvar3", id_=3, values=[3]),
            ],
        ),
        (48, [two("list", id_=4)]),
        (512, [two("list", id_=5)]),
    ),
    "errors": (
        "bela-test",
        200,
        (
            16,
            [
                two("dance", id_=1),
                two("watch", "none", id_=2),
                two("watch", id_=3),
                two("set", "myvar", id_=4),
            ],
        ),
        (32, [two("set", "myvar", id_=5, values=[1]), two("watch", "myvar", id_=6, blocks=[1, 2])]),
        (32, [two("watch", "myvar", id_=7, blocks=[5000]), two("watch", "myvar", id_=8, blocks=[-1])]),
        (32, [two("watch", "myvar", id_=9, reads=[1]), two("watch", "myvar", id_=10, reads=True)]),
        (32, [two("monitor", "myvar", id_=11), two("monitor", "myvar", id_=12, periods=[2**31])]),
        (32, [two("control", "myvar", id_=13, controller="ö"), two("control", "myvar", id_="x")]),
        (32, [two("control", "myvar2", id_=14), two("set", "myvar2", id_=15, values=[-2])]),
        (32, [two("set", "myvar2", id_=16, values=["a"]), two("setMask", "myvar2", id_=17, values=[1])]),
        (32, [two("setMask", "myvar2", id_=18, values=[1], masks=[0.5])]),
        (32, [two("log", "myvar", "myvar", id_=19), two("unlog", "myvar"), two("unlog", "x")]),
        (32, [two("list"), two("list", id_=2**53)]),
        (32, [{"cmd": "list", "protocol": 2.5, "id": 20}, {"cmd": "list", "protocol": True}]),
    ),
    "logs": (
        "bela-test",
        9000,
        (16, [two("log", "myvar", "myvar3", id_=1, timestamps=[1000, 1000], durations=[4410, 3000])]),
        (32, [two("log", "myvar", id_=2), one("log", "myvar")]),
        (64, [one("log", "myvar2"), two("watch", "myvar2", id_=3, latencies=[300])]),
        (6000, [two("unlog", "myvar2", id_=4), two("unwatch", "myvar2", id_=5)]),
        (6032, [two("log", "myvar4", id_=6)]),
        (8000, [one("unlog", "myvar4")]),
    ),
    "values that never act": (
        "bela-types",
        3000,
        (16, [two("control", "i_d", "c_d", "j_d", "f_d", id_=1), two("set", "i_d", id_=2, values=[-1])]),
        (32, [two("setMask", "i_d", "c_d", id_=3, values=[0, 128], masks=[1, 128])]),
        (48, [two("list", id_=4)]),
        (64, [two("set", "i_d", "f_d", id_=5, values=[7, 8], timestamps=[1000, 1000])]),
        (64, [two("set", "j_d", id_=6, values=[9], timestamps=[1200]), two("set", "f_d", values=[3])]),
        (80, [two("uncontrol", "i_d", id_=7), two("set", "i_d", id_=8, values=[1])]),
        (96, [one("uncontrol", "j_d")]),
        (112, [two("control", "i_d", "j_d", id_=9), two("list", id_=10)]),
        (1504, [two("list", id_=11)]),
        (1520, [two("control", *["i_d"] * 1024, id_=12), two("list", id_=13)]),
        (1536, [two("set", *["i_d"] * 1024, id_=14, values=[5] * 1024, timestamps=[9000] * 1024)]),
        (1552, [two("set", *["i_d"] * 1023, id_=15, values=[5] * 1023, timestamps=[9000] * 1023)]),
        (1568, [two("set", *["f_d"] * 2, id_=16, values=[5, 6], timestamps=[9000] * 2)]),
        (1584, [two("uncontrol", "i_d", id_=17), two("set", "f_d", id_=18, values=[5], timestamps=[9000])]),
        (1600, [two("set", "f_d", id_=19, values=[6], timestamps=[1700])]),
    ),
    "an old client's leavings": (
        "bela-test",
        5000,
        (16, [one("log", "myvar", "myvar2"), two("watch", "myvar4", id_=1, blocks=[64])]),
        (1600, [two("unlog", "myvar", id_=2), two("unlog", "myvar2", id_=3, timestamps=[2001])]),
        (1616, [two("log", "myvar", id_=4, durations=[500]), two("log", "myvar2", id_=5)]),
        (2016, [two("log", "myvar2", id_=6, durations=[500]), two("unwatch", "myvar4", id_=7)]),
    ),
    "the largest blocks": (
        "bela-types",
        5000,
        (16, [two("watch", "f_d", "c_d", id_=1, blocks=[1022, 4094])]),
        (
            32,
            [two("watch", "d_d", "f_s", "d_s", id_=2, blocks=[510, 511, 340], durations=[1000, 2000, 2000])],
        ),
        (48, [two("watch", "i_d", id_=3, blocks=[1023]), two("watch", "c_d", id_=4, blocks=[4095])]),
        (48, [two("watch", "j_s", id_=5, blocks=[512]), two("watch", "d_s", id_=6, blocks=[341])]),
        (48, [two("watch", "c_s", id_=7, blocks=[816]), two("watch", "d_d", id_=8, blocks=[511])]),
        (4800, [two("unwatch", "f_d", "c_d", id_=9)]),
    ),
    "every type": (
        "bela-types",
        12_000,
        (16, [two("watch", *(f"{t}_{m}" for t in "cijfd" for m in "ds"), id_=1)]),
        (
            9008,
            [two("unwatch", *(f"{t}_{m}" for t in "cijfd" for m in "ds"), id_=2, timestamps=[9500] * 10)],
        ),
    ),
}


def said(elements):
    return json.dumps({"watcher": elements})


def simulated(session, program, **more):
    """The board after the session, its control messages and its data messages."""
    _, end, *steps = SESSIONS[session]
    board = SimBoard(program, **more)
    board.connect_control("us")
    board.control_received("us", '{"event":"connection-reply"}')
    out = board.advance(0)
    for frame, elements in steps:
        assert frame % 16 == 0, "a board hears between two blocks"
        out += board.advance(frame - board.frame)
        board.control_received("us", said(elements))
        out += board.advance(0)
    out += board.advance(end // 16 * 16 - board.frame)
    control = [m.payload.decode("ascii") for m in out if m.endpoint == "control"]
    return board, control, [m.payload for m in out if m.endpoint == "data"]
