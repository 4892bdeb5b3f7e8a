"""Boards to fetch logs from."""

from __future__ import annotations

import pytest
import pytest_asyncio

from belabridge.board.logs.host_keys import HostKeys
from log_board import CAN_BE_A_BOARD, Sshd, Standin


@pytest.fixture
def keys(tmp_path):
    return HostKeys(tmp_path / "state" / "known_boards")


@pytest_asyncio.fixture
async def standin(tmp_path):
    async with Standin(tmp_path / "board") as board:
        yield board


@pytest.fixture
def sshd(tmp_path):
    if not CAN_BE_A_BOARD:
        pytest.skip("needs sshd, and root to let it see a shadow file of its own")
    with Sshd(tmp_path / "board") as board:
        yield board
