"""Blocks to record, as a board sends them."""

from __future__ import annotations

import numpy as np

from belabridge.client.blocks import Block
from belabridge.values import VarType

DTYPES = {
    VarType.CHAR: "<u1",
    VarType.INT: "<i4",
    VarType.UINT: "<u4",
    VarType.FLOAT: "<f4",
    VarType.DOUBLE: "<f8",
}
RATE_HZ = 44_100.0


def read_only(values, dtype):
    array = np.array(values, dtype)
    array.flags.writeable = False  # as those that lie in a message
    return array


def dense(frame, values, kind=VarType.FLOAT, step=1.0):
    return Block("v", read_only(values, DTYPES[kind]), frame, RATE_HZ, step)


def sparse(frame, values, relative, kind=VarType.FLOAT):
    return Block("v", read_only(values, DTYPES[kind]), frame, RATE_HZ, 1.0, read_only(relative, "<u4"))
