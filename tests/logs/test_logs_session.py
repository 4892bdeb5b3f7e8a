"""Logs of a board: started, ended, brought here, by one session; both protocols."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from belabridge.errors import LogError, LogRefused, NoSuchLog, UnknownVariable, UsageError
from belabridge.logs.record import Began, Done, Ended, Failed, State
from belabridge.recording.log_file import open_log
from belabridge.rules import DeleteWhen, FetchWhen
from belabridge.sim.faults import Restart, Vanish
from waiting import until

DEADLINE_S = 30.0


async def test_a_log_of_a_length_is_here_when_it_is_over_by_itself(stage):
    (log,) = await stage.session.start(["mic"], for_frames=22_050, tell=stage.tell)
    assert log.file == "mic.bin"
    assert stage.of(Began)
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.state is State.HERE, log.problem
    assert [type(told) for told in stage.told if type(told) in {Began, Ended, Done}] == [Began, Ended, Done]
    assert log.path.read_bytes() == (stage.board.logs / "mic.bin").read_bytes()
    assert log.path.parent == stage.to
    assert log.path.name.startswith("synth-2")
    assert log.path.name.endswith("-mic.bin")
    track = open_log(log.path, end_frame=log.end_frame).track
    assert log.frames == len(track) == log.end_frame - log.frame + 1
    assert int(track[0:1].frames[0]) == log.frame


async def test_a_log_is_ended_and_brought_with_all_the_board_wrote(stage):
    logs = await stage.session.start(["mic", "pot1"], tell=stage.tell)
    assert {log.variable for log in stage.session.running} == {"mic", "pot1"}
    await until(lambda: (stage.board.logs / "mic.bin").stat().st_size > 20_000, DEADLINE_S)
    stopped = await stage.session.stop()
    assert {log.file for log in stopped} == {log.file for log in logs}
    assert stage.session.running == []
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish(logs)
    for log in logs:
        assert log.path.read_bytes() == (stage.board.logs / log.file).read_bytes()
    assert len(stage.of(Done)) == 2


async def test_a_log_that_is_followed_is_complete_soon_after_its_end(stage):
    (log,) = await stage.session.start(["mic"], fetch=FetchWhen.FOLLOW, tell=stage.tell)
    part = lambda: next(stage.to.glob("*.part"), None)  # noqa: E731
    await until(lambda: part() is not None and part().stat().st_size > 10_000, DEADLINE_S)
    await stage.session.stop(["mic"])
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.path.read_bytes() == (stage.board.logs / log.file).read_bytes()


async def test_what_cannot_be_logged_is_said_and_nothing_is_begun(stage):
    with pytest.raises(UnknownVariable, match="pot1"):
        await stage.session.start(["mic", "pot11"])
    with pytest.raises(UsageError, match="name at least one"):
        await stage.session.start([])
    with pytest.raises(LogError, match="nothing is being logged"):
        await stage.session.stop()
    await stage.session.start(["mic"], fetch=FetchWhen.NEVER)
    with pytest.raises(LogRefused, match="being logged already"):
        await stage.session.start(["pot1", "mic"])
    with pytest.raises(LogError, match="pot1 is not being logged"):
        await stage.session.stop(["pot1"])
    assert sorted(path.name for path in stage.board.logs.glob("*.bin")) in (["mic.bin"], [])
    await stage.session.stop()


async def test_a_log_that_somebody_else_began_is_ended_and_brought(stage):
    await stage.link.here().log(["mic"])
    (log,) = await stage.session.stop(tell=stage.tell)
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.file == "mic.bin"
    assert log.path.read_bytes() == (stage.board.logs / "mic.bin").read_bytes()


async def test_a_log_that_begins_later_is_not_taken_for_ended(stage):
    (log,) = await stage.session.start(["mic"], after_s=2.5, for_s=0.25, tell=stage.tell)
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.frames == log.end_frame - log.frame + 1
    assert log.frame >= 2.5 * 44_100


async def test_a_program_that_starts_anew_has_ended_its_logs(stage):
    (log,) = await stage.session.start(["mic"], tell=stage.tell)
    await until(lambda: (stage.board.logs / "mic.bin").stat().st_size > 20_000, DEADLINE_S)
    stage.sim.inject(Restart())
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.state is State.HERE, log.problem


async def test_a_board_that_is_gone_for_a_while_goes_on_logging(stage):
    (log,) = await stage.session.start(["mic"], tell=stage.tell)
    stage.sim.inject(Vanish(1.5))
    await until(lambda: stage.link.status.address is None, DEADLINE_S)
    await until(lambda: stage.link.status.address is not None, DEADLINE_S)
    assert stage.session.running == [log]
    await stage.session.stop()
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.path.read_bytes() == (stage.board.logs / "mic.bin").read_bytes()


async def test_files_are_fetched_by_their_own_name_by_that_of_a_variable_or_all(stage):
    with pytest.raises(NoSuchLog):
        await stage.session.fetch()
    for _ in range(2):
        logs = await stage.session.start(["mic", "pot1"], for_frames=4410, fetch=FetchWhen.NEVER)
        async with asyncio.timeout(DEADLINE_S):
            await stage.session.finish(logs)
    assert logs[0].file == "mic+0.bin"
    # a board's disk is behind its answers
    await until((stage.board.logs / "pot1+0.bin").exists, DEADLINE_S)
    names = lambda logs: sorted(log.path.name for log in logs)  # noqa: E731
    assert names(await stage.session.fetch(["mic"])) == ["mic+0.bin"]
    assert names(await stage.session.fetch(["mic.bin"])) == ["mic.bin"]
    assert names(await stage.session.fetch()) == ["mic+0.bin", "pot1+0.bin"]
    assert len(await stage.session.fetch(all_=True, tell=stage.tell)) == 4
    assert len(stage.of(Done)) == 4
    with pytest.raises(NoSuchLog, match="nothing"):
        await stage.session.fetch(["nothing"])
    for path in stage.to.glob("*.bin"):
        assert path.read_bytes() == (stage.board.logs / path.name).read_bytes()


async def test_the_list_tells_what_is_on_the_board_and_here(stage):
    logs = await stage.session.start(["mic"], for_frames=22_050)
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish(logs)
    await stage.session.start(["pot1"], fetch=FetchWhen.NEVER)
    await until((stage.board.logs / "pot1.bin").exists, DEADLINE_S)
    found = await stage.session.listed()
    rows = {row["file"]: row for row in found["board"]}
    assert (rows["mic.bin"]["state"], rows["pot1.bin"]["state"]) == ("whole", "logging")
    assert rows["mic.bin"]["variable"] == "mic"
    assert rows["mic.bin"]["here"] == str(logs[0].path)
    assert [(row["file"], row["variable"]) for row in found["here"]] == [(logs[0].path.name, "mic")]
    with pytest.raises(LogError, match="being written"):
        await stage.session.remove(["pot1"])
    assert await stage.session.remove(["mic.bin"]) == ["mic.bin"]
    assert not (stage.board.logs / "mic.bin").exists()
    assert logs[0].path.exists()


async def test_a_file_leaves_the_board_when_it_is_here_for_sure_and_the_oldest_go(stage):
    stage.session.files = replace(stage.files, delete=DeleteWhen.AFTER_VERIFY, keep=1)
    stage.to.mkdir()
    own = stage.to / "mine.bin"
    old = stage.to / "synth-2020-01-01T000000-mic.bin"
    for path in (own, old):
        path.write_bytes(b"x")
    (log,) = await stage.session.start(["mic"], for_frames=4410)
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.problem == ""
    assert not (stage.board.logs / "mic.bin").exists()
    assert log.path.exists()
    assert own.exists()
    assert not old.exists()


async def test_ssh_that_is_refused_fails_the_file_and_not_the_log(stage):
    stage.session.files = replace(stage.files, ssh=replace(stage.files.ssh, port=1))
    (log,) = await stage.session.start(["mic"], for_frames=4410, tell=stage.tell)
    async with asyncio.timeout(DEADLINE_S):
        await stage.session.finish([log])
    assert log.state is State.FAILED
    assert "no ssh to 127.0.0.1:1" in log.problem
    assert stage.of(Failed)
    stage.session.files = stage.files
    assert (await stage.session.fetch(["mic"]))[0].state is State.HERE
