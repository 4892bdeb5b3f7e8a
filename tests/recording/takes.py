"""Blocks to record, as a board sends them."""

from __future__ import annotations

import numpy as np

from belabridge.values import Block, VarType

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


def dense(frame, values, kind=VarType.FLOAT):
    return Block(0, kind, frame, read_only(values, DTYPES[kind]), None, monitored=False)


def sparse(frame, values, relative, kind=VarType.FLOAT):
    return Block(0, kind, frame, read_only(values, DTYPES[kind]), read_only(relative, "<u4"), monitored=False)


def monitored(frame, value, kind=VarType.FLOAT):
    return Block(0, kind, frame, read_only([value], DTYPES[kind]), None, monitored=True)
