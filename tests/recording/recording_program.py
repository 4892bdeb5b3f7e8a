"""A program that records until it is killed: tells on stdout how many rounds are in the take.

Arguments: FOLDER [LIMIT], the size in bytes beyond which the system writes no file of this process.
"""

from __future__ import annotations

import os
import resource
import sys

import numpy as np

from belabridge.client.blocks import Block
from belabridge.errors import CannotSave
from belabridge.recording.recorder import Recorder

VALUES = 256
RATE_HZ = 44_100.0


def blocks(number):
    """What is recorded in one round: a dense block, and a sparse one."""
    values = np.arange(number * VALUES, (number + 1) * VALUES, dtype="<f8")
    relative = np.arange(VALUES, dtype="<u4") * 2
    frame = 5 * number * VALUES
    yield "dense", Block("dense", values, number * VALUES, RATE_HZ)
    yield "sparse", Block("sparse", values, frame, RATE_HZ, 1.0, relative)


def main(folder, limit=None):
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    take = Recorder(folder, sample_rate_hz=RATE_HZ)
    number = 0
    while True:
        try:
            for name, block in blocks(number):
                if number % 7 == 3:
                    take.gap(name, 1)
                take.block(name, block)
        except CannotSave as error:
            os.write(1, f"{error}\n".encode())
            return
        number += 1
        os.write(1, b"%d\n" % number)


if __name__ == "__main__":
    main(*sys.argv[1:])
