"""Leads the simulated board through a recorded session: what a board says, and when it is told what."""

from __future__ import annotations

import json

from alignment import BLOCK, steps
from belabridge.sim.core import SimBoard
from belabridge.sim.machine import ARM32, X86_64
from belabridge.sim.programs.captures import bela_test, bela_test_send, bela_types

PROGRAMS = {"all-types": bela_types, "buffer-to-board": bela_test_send}
TEAR_FRAMES = 8 * BLOCK  # the slowest list of these recordings took 5 blocks


class Replay:
    """A board that was led through a session.

    Attributes:
        steps: what its clients did.
        control: the messages of ``/gui_control``.
        data: the messages of ``/gui_data``.
        counts: for each step, how many of both there were just before it and just after.
    """

    def __init__(self, name: str, chunk: int | None = None) -> None:
        arch = ARM32 if name.endswith(".arm32") else X86_64
        self.program = PROGRAMS.get(name.removesuffix(".arm32"), bela_test)()
        self.board = SimBoard(self.program, machine=arch)
        self.chunk = chunk
        self.control: list[str] = []
        self.data: list[bytes] = []
        self.steps = steps(name)
        self.counts: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self.recent: dict[int, list[dict]] = {}  # by answer: what the board would have said shortly before
        for step in self.steps:
            if b'"list"' in step.payload:
                self.to(step.frame - TEAR_FRAMES)
                probes = self.probe_to(step.frame)
            self.to(step.frame)
            before = len(self.control), len(self.data)
            if step.kind == "open":
                self.board.connect_control(step.client)
            elif step.kind == "close":
                self.board.disconnect_control(step.client)
            elif step.kind == "control":
                self.board.control_received(step.client, step.payload)
            else:
                self.board.data_received(step.client, step.payload)
            self.take(self.board.advance(0))
            self.counts.append((before, (len(self.control), len(self.data))))
            if b'"list"' in step.payload:
                self.recent.setdefault(len(self.control) - 1, [*probes, json.loads(self.control[-1])])

    def to(self, frame: int) -> None:
        if self.program.clocked_by_buffers:
            return
        while self.board.frame < frame:
            left = frame - self.board.frame
            self.take(self.board.advance(min(left, self.chunk or left)))

    def probe_to(self, frame: int) -> list[dict]:
        """Ask for the list at each frame on the way; a question leaves no trace in the board."""
        probes = []
        while not self.program.clocked_by_buffers and self.board.frame < frame:
            self.to(self.board.frame + 1)
            self.board.control_received("probe", '{"watcher":[{"cmd":"list"}]}')
            *others, answer = self.board.advance(0)
            self.take(others)
            probes.append(json.loads(answer.payload))
        return probes

    def take(self, messages) -> None:
        for message in messages:
            if message.endpoint == "control":
                self.control.append(message.payload.decode("ascii"))
            else:
                self.data.append(message.payload)
