"""The example under the sanitizers, while clients come, say everything that there is to say, and go."""

from __future__ import annotations

import random
import struct

import pytest
from websockets.exceptions import ConnectionClosed

from board_page import Page
from host_program import ROOT, built
from processes import Running

ROUNDS = 12
WORDS = ["watch", "unwatch", "monitor", "control", "uncontrol", "set", "setMask", "log", "unlog", "list"]
NAMES = [
    "pot1",
    "mic",
    "level",
    "trigger",
    "counter",
    "freq",
    "gain",
    "check_c",
    "check_j",
    "check_d",
    "none",
]


def command(dice):
    """Any command, rarely a sensible one."""
    names = dice.sample(NAMES, dice.randrange(1, 5))
    numbers = [dice.choice([0, 1, 64, 4410, -1, 1e300, 0.5]) for _ in names]
    said = {"cmd": dice.choice(WORDS), "watchers": names}
    for field in ("timestamps", "durations", "periods", "values", "masks", "blocks", "latencies"):
        if dice.random() < 0.7:
            said[field] = numbers[: dice.randrange(1, 6)]
    if dice.random() < 0.5:
        said |= {"protocol": 2, "id": dice.randrange(100)}
    return said


def buffer(dice):
    """A buffer for the program; its head may lie."""
    count = dice.randrange(2048)
    head = struct.pack(
        "<I4sI4x", dice.randrange(20), dice.choice([b"f", b"j", b"?"]), dice.choice([count, 2**32 - 1])
    )
    return head[: dice.choice([0, 5, 16])] + bytes(4 * count)


def visit(address, dice):
    page = Page(address)
    try:
        for _ in range(20):
            page.say(**command(dice))
            if dice.random() < 0.3:
                page.throw(buffer(dice))
    except ConnectionClosed:
        pass  # none of it closes a connection but what a broken head makes too long
    page.close()


@pytest.mark.parametrize("sanitize", ["thread", "address,undefined"])
def test_clients_that_come_and_go_find_no_race_and_no_stray_byte(sanitize, tmp_path):
    program = Running(*built(ROOT / "bela-example", SANITIZE=sanitize), "--port", 0, "--folder", tmp_path)
    try:
        address = program.wait_out(r" on (\S+);")[1]
        dice = random.Random(4)
        listener = Page(address)
        for _ in range(ROUNDS):
            visit(address, dice)
        listener.say(cmd="unwatch", watchers=NAMES)
        assert len(listener.variables()) == 15
        assert listener.binary
        listener.close()
        assert program.end() == 0, str(program)
        assert not [line for line in program.err if "Sanitizer" in line or "runtime error" in line], str(
            program
        )
    finally:
        program.kill()
