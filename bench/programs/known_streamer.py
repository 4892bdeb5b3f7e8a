"""A program of pybela's form: streams all variables of a board, until it is ended.

Arguments: PORT COUNT [save FOLDER | callback].
"""

from __future__ import annotations

import contextlib
import signal
import sys

from belabridge import Streamer


def look(named):
    sum(named["buffer"]["data"])


def main(port, count, how="", folder=""):
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    streamer = Streamer("127.0.0.1", int(port))
    streamer.connect()
    names = [f"v{i}" for i in range(int(count))]
    more = {"saving_enabled": True, "saving_dir": folder} if how == "save" else {}
    if how == "callback":
        more["on_buffer_callback"] = look
    streamer.start_streaming(names, **more)
    print("receiving", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        streamer.wait(0)
    streamer.stop_streaming()
    streamer.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:])
