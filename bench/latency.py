"""Added latency: how much later a value is at a UDP receiver than its buffer is at a bare loop.

The board notes when it has the last sample of a buffer. From there to the arrival it takes as long for the
bare loop as for belabridge, each alone at the board, one after the other; the difference is belabridge's.
The load is that of ``bench.whole_path``; three more outputs say the last value of each buffer of a variable,
which tells the buffer that it is of. Arrivals at the receiver are the kernel's own (SO_TIMESTAMPNS); the bare
loop pays for its own notes, about 1 µs a message.

Both at one board at the same time, buffer by buffer, is no measure on two cores: there one of two bare loops
is behind the other by 2.9 ms in the 99th percentile.
"""

from __future__ import annotations

import array
import socket
import struct
import tempfile
import time
from bisect import bisect_left
from pathlib import Path
from statistics import median, quantiles

from bench.figure import Figure
from bench.processes import BareLoop, Daemon, Ear, StampingBoard
from bench.whole_path import RMS, VARIABLES, config

PROBES = (0, VARIABLES // 2, VARIABLES - 1)  # the first, a middle and the last one of each burst
PROBE = "  - {{var: v{0}, take: last, rate: 200, osc: {{address: /last/v{0}, to: probe}}}}"
LOAD = RMS.replace("take: rms,", "take: rms, osc: {{address: /bela/v{0}, to: all}},")
BUFFER_FRAMES = 1024
LIMIT_MS = 1.0
SETTLE_S = 0.5
SO_TIMESTAMPNS = 35  # of Linux, which Python's socket module does not name
TIMESPEC = struct.Struct("@qq")


def of_bare_loop(folder, for_s):
    """Delays in ms from the board to a bare loop."""
    with StampingBoard(VARIABLES, folder / "board") as board:
        with BareLoop(board, folder / "bare") as bare:
            time.sleep(SETTLE_S + for_s)
            bare.end()
        board.end()
    came = {(key // 1000 + BUFFER_FRAMES - 1, key % 1000): at for key, at in pairs(folder / "bare")}
    return delays_ms({key: at for key, at in came.items() if key[1] in PROBES}, folder / "board")


def of_bridge(folder, for_s):
    """Delays in ms from the board through belabridge to a UDP receiver."""
    ear, heard = Ear(), probe_socket()
    text = config(LOAD, ear) + "\n" + "\n".join(PROBE.format(i) for i in PROBES)
    send = f"{{all: 127.0.0.1:{ear.port}, probe: 127.0.0.1:{heard.getsockname()[1]}}}"
    text = text.replace(f"send: 127.0.0.1:{ear.port}", f"send: {send}")
    with heard, StampingBoard(VARIABLES, folder / "board") as board:
        with Daemon(board, text):
            ear.wait()
            arrivals(heard, SETTLE_S)
            came = arrivals(heard, for_s)
        board.end()
    return delays_ms(came, folder / "board")


def probe_socket():
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    heard.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    heard.bind(("127.0.0.1", 0))
    heard.setblocking(False)  # noqa: FBT003  # the socket module's own signature
    return heard


def arrivals(heard, for_s):
    """When each value came, wall clock in ns, by (frame, variable)."""
    came = {}
    end = time.monotonic() + for_s
    while time.monotonic() < end:
        try:
            data, extra, _, _ = heard.recvmsg(256, 256)
        except BlockingIOError:
            time.sleep(0.01)
            continue
        seconds, ns = TIMESPEC.unpack(extra[0][2])
        variable = int(data[: data.index(b"\0")].rpartition(b"v")[2])
        (value,) = struct.unpack(">f", data[-4:])
        came[int(value) - 1000 * variable, variable] = seconds * 10**9 + ns
    return came


def pairs(path):
    noted = array.array("q")
    noted.frombytes(path.read_bytes())
    return list(zip(noted[::2], noted[1::2], strict=True))


def delays_ms(came, board_stamps):
    had = pairs(board_stamps)
    frames = [frame for frame, _ in had]
    return [(at - had[bisect_left(frames, frame)][1]) / 1e6 for (frame, _), at in came.items()]


def measure(*, quick=False):
    for_s, rounds = (1.0, 1) if quick else (8.0, 5)
    floors, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            floors.append(quantiles(of_bare_loop(Path(folder), for_s), n=100))
            ours.append(quantiles(of_bridge(Path(folder), for_s), n=100))

    def figure(name, percentile, limit_ms=None):
        floor, mine = (median(cuts[percentile - 1] for cuts in way) for way in (floors, ours))
        rounds_of_both = zip(ours, floors, strict=True)
        added = median(own[percentile - 1] - bare[percentile - 1] for own, bare in rounds_of_both)
        target = f"below {limit_ms:g} ms added" if limit_ms else ""
        met = added < limit_ms if limit_ms else None
        return Figure(name, f"{mine:.2f} ms", f"{floor:.2f} ms", f"{added:+.2f} ms", target, met)

    return [figure("latency from the board's last sample, p99", 99, LIMIT_MS), figure("  median", 50)]
