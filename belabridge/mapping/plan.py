"""A config's rules compiled: what the board sends and what comes in goes in, intents come out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from belabridge.errors import UsageError
from belabridge.mapping.ins import BufferInput, Input, OscInput, VariableInput
from belabridge.mapping.intents import Intent, SendOsc, SetValue
from belabridge.mapping.kept import Kept
from belabridge.mapping.log_ins import LogControl, LogInput
from belabridge.mapping.midi_outs import MidiOutput
from belabridge.mapping.needs import Need, needs
from belabridge.mapping.note_ins import NoteInput, make_midi_input
from belabridge.mapping.outs import Output, make_output
from belabridge.mapping.problems import is_in_time, rule_problem
from belabridge.mapping.rule_status import RuleStatus
from belabridge.mapping.touches import ControlInput, MidiInput, asks_where_it_is, expect_motors
from belabridge.mapping.truth import Truth
from belabridge.mapping.way import COALESCE_S
from belabridge.rules import InRule, OscOut, OutRule, Take

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence

    from belabridge.controls import MidiOrigin, Touch
    from belabridge.values import Block, Variable

RATE_WINDOW_S = 1.0  # a rate is of whole messages: over less time it jumps about


class Plan:
    """Rules at work, with all their memory. It sends nothing itself and has no clock: ``now`` is in seconds.

    A variable's value goes out as the program on the board reads it: from the board's blocks while the
    program owns the variable, and from ``read`` while somebody controls it or the program assigns nothing.
    """

    def __init__(self, out: Sequence[OutRule], in_: Sequence[InRule], old: Plan | None = None) -> None:
        """Compile.

        Args:
            out: from the board, each with its address.
            in_: to the board.
            old: the plan that this one replaces, and that is not used any more: what both have keeps its
                memory.

        Raises:
            UsageError: what ``rule_problem`` says of one of the rules.
        """
        rules: list[OutRule | InRule] = [*out, *in_]
        for rule in rules:
            fault = rule_problem(rule)
            if fault is not None:
                raise UsageError(f"{rule.var or rule.osc}: {fault}")
        self.out = tuple(out)
        self.in_ = tuple(in_)
        self._truths: dict[str, Truth] = {}
        self._by_id: list[Truth | None] = []
        outputs: Kept[Output] = Kept(old.outputs if old is not None else ())
        inputs: Kept[Input] = Kept(old.inputs if old is not None else ())
        self.outputs: list[Output] = [
            self._make_output(i, rule, outputs.take(rule), old) for i, rule in enumerate(out)
        ]
        self.inputs: list[Input] = [
            self._make_input(i, rule, inputs.take(rule), old) for i, rule in enumerate(in_)
        ]
        expect_motors(self.inputs, self.out)
        self._is_new = [output not in outputs.taken for output in self.outputs]
        self._endings: list[Intent] = []
        if old is not None:
            self._close_what_is_gone(old, inputs.taken)
        # a thousand inputs that pass everything on at once must not slow down each tick
        self._patient = [put for put in self.inputs if put.rule.rate_hz is not None or is_in_time(put.rule)]
        deadlines = [output.deadline for output in self.outputs] + [put.deadline for put in self.inputs]
        self._due = -math.inf if self._endings else min(deadlines, default=math.inf)
        self._at_address = {put.osc.address: put for put in self.outputs if put.rule.midi is None}
        self._in_at_address = {put.rule.osc: put for put in self.inputs if put.rule.midi is None}
        self._osc_inputs = {i: put for i, put in enumerate(self.inputs) if isinstance(put, OscInput)}
        self._midi_outputs = [put for put in self.outputs if isinstance(put, MidiOutput)]
        self._midi_inputs = {i: put for i, put in enumerate(self.inputs) if isinstance(put, MidiInput)}
        self._marks: tuple[float, list[int]] | None = None
        self._rates = [0.0] * (len(self.outputs) + len(self.inputs))

    def _truth(self, name: str, old: Plan | None) -> Truth:
        if name not in self._truths:
            self._truths[name] = Truth(name) if old is None else old.truth_for(name)
        return self._truths[name]

    def truth_for(self, name: str) -> Truth:
        """What is known of a variable, for the plan that follows this one: this one is not used any more."""
        truth = self._truths.get(name, Truth(name))
        truth.values, truth.streams = [], []
        return truth

    def _make_output(self, index: int, rule: OutRule, kept: Output | None, old: Plan | None) -> Output:
        output: Output
        if kept is not None:
            output = kept
        elif rule.midi is not None:
            output = MidiOutput(index, rule, rule.midi)
        else:
            osc = rule.osc or OscOut("")
            output = make_output(index, rule, osc if osc.address else replace(osc, address=f"/{rule.var}"))
        output.index = index
        if isinstance(output, MidiOutput):
            output.move(index)
            for name, follower in output.followers:
                self._truth(name, old).values.append(follower)
        truth = self._truth(rule.var, old)
        (truth.values if rule.take is Take.VALUE else truth.streams).append(output)
        return output

    def _make_input(self, index: int, rule: InRule, kept: Input | None, old: Plan | None) -> Input:
        truths = {name: self._truth(name, old) for name in rule.variables}
        if kept is not None:
            kept.index = index
            return kept
        if rule.log is not None:
            return (LogInput if rule.midi is None else LogControl)(index, rule, rule.log)
        if rule.midi is not None:
            return make_midi_input(index, rule, rule.midi, truths)
        if rule.var is not None:
            return VariableInput(index, rule, truths[rule.var])
        return BufferInput(index, rule, rule.buffer or 0)

    def _close_what_is_gone(self, old: Plan, inputs: set[Input]) -> None:
        """Gates that keys of a rule hold open which is not there any more would stay so."""
        sets = {name: index for index, rule in enumerate(self.in_) for name in rule.variables}
        for put in old.inputs:
            if isinstance(put, NoteInput) and put not in inputs:
                self._endings += [
                    SetValue(sets[name], name, 0.0, is_edge=True) for name in put.gates if name in sets
                ]

    # What the board has

    def needs(self, sample_rate: float, variables: Mapping[str, Variable]) -> dict[str, Need]:
        """How each variable has to come from the board; those that it lacks or nobody needs are absent."""
        return needs(self.out, sample_rate, variables)

    def missing(self, variables: Iterable[str]) -> list[str]:
        """The rules' variables that are not among ``variables``: each once, in the order of the rules."""
        there = set(variables)
        return [name for name in self._truths if name not in there]

    def bind(self, variables: Sequence[Variable]) -> None:
        """Take the board's table: after each connect, and when it changes. The rules keep their memory."""
        by_name = {variable.name: variable for variable in variables}
        for truth in self._truths.values():
            truth.bind(by_name.get(truth.name))
        self._by_id = [None] * (1 + max((variable.id for variable in variables), default=-1))
        for variable in variables:
            self._by_id[variable.id] = self._truths.get(variable.name)

    # What comes

    def block(self, block: Block, now: float) -> list[Intent]:
        """Take a block of the board: a monitor's feeds ``Take.VALUE``, a stream's all the others.

        A monitor that tells what the program reads feeds what ``read`` would, without a ``list``.
        """
        intents: list[Intent] = []
        try:
            truth = self._by_id[block.id]
        except IndexError:
            return intents
        if truth is None or not block.values.size:
            return intents
        if truth.controlled or block.reads:
            return self._told(truth, block, now) if block.reads else intents
        truth.hear(block)
        for output in truth.values if block.monitored else truth.streams:
            output.block(block, now, intents)
            if output.deadline < self._due:  # noqa: PLR1730 - twice as fast as min, once a block
                self._due = output.deadline
        return intents

    def _told(self, truth: Truth, block: Block, now: float) -> list[Intent]:
        intents: list[Intent] = []
        value = float(block.values.item(0))
        outputs = truth.told(value, now)
        origin = truth.origin_of(value) if outputs else None
        for output in outputs:
            output.one(value, now, intents, None if output.rule.echo else origin, block.frame)
            self._due = min(self._due, output.deadline)
        return intents

    def read(
        self,
        variables: Iterable[Variable],
        now: float,
        *,
        first: bool = False,
        frame: int = 0,
        only_new: bool = False,
    ) -> list[Intent]:
        """Take what the program reads, from a ``list`` answer.

        It is fed where somebody controls the variable, or where it sent nothing since the last ``read``, and
        only when it differs from what was fed before.

        Args:
            variables: of the answer; those without a rule are passed over.
            now: seconds.
            first: the first answer of a connection: every mapped variable is fed, and goes out whatever its
                deadband or on_change remember.
            frame: the answer's timestamp.
            only_new: with ``first``, where another plan takes over within a connection: what both plans
                have is not fed again.
        """
        self.measure(now)
        intents: list[Intent] = []
        for variable in variables:
            truth = self._truths.get(variable.name)
            outputs = truth.read(variable, now, first=first) if truth is not None else ()
            if truth is None or not outputs:
                continue
            origin = truth.origin_of(variable.value)
            for output in outputs:
                if only_new and not self._is_new[output.index]:
                    continue
                if first:
                    output.forget()
                skip = None if output.rule.echo else origin
                output.one(variable.value, now, intents, skip, frame)
                self._due = min(self._due, output.deadline)
        return intents

    def in_rule(self, index: int, args: Sequence[Any], origin: Hashable, now: float) -> list[Intent]:
        """Take the arguments of a message for the rule ``in_[index]``.

        Args:
            index: of the rule.
            args: as the message had them; without any, it was a question, and nothing is done.
            origin: who sent it; what it sets does not go back there.
            now: seconds.
        """
        intents: list[Intent] = []
        if args:
            put = self._osc_inputs[index]
            put.take(args, origin, now, intents)
            if put.deadline < self._due:  # noqa: PLR1730 - twice as fast as min, once a message
                self._due = put.deadline
        return intents

    def shortcut(self, index: int) -> tuple[str, Callable[[float, Hashable, float], float | None]] | None:
        """For the rule ``in_[index]``: its variable, and ``VariableInput.pass_on``; None when it has none."""
        put = self.inputs[index]
        return (put.var, put.pass_on) if isinstance(put, VariableInput) and put.is_free else None

    def touch(self, index: int, touch: Touch, origin: MidiOrigin, now: float) -> list[Intent]:
        """Take what a MIDI control said for the rule ``in_[index]``.

        Args:
            index: of the rule.
            touch: what it said.
            origin: the control itself, with its port; what it sets does not go back there.
            now: seconds.
        """
        intents: list[Intent] = []
        put = self._midi_inputs[index]
        put.touch(touch, origin, now, intents)
        if put.deadline < self._due:  # noqa: PLR1730 - twice as fast as min, once a message
            self._due = put.deadline
        return intents

    def released(self, port: str, now: float) -> list[Intent]:
        """An in port is gone, by the name that its ``MidiOrigin`` has: its keys are let go."""
        intents: list[Intent] = []
        for put in self.inputs:
            if isinstance(put, NoteInput):
                put.released(port, now, intents)
                self._due = min(self._due, put.deadline)
        return intents

    def again(self) -> list[SendOsc]:
        """Every value that last went out to OSC, once more; samples are not repeated."""
        return [
            SendOsc(index, output.osc, output.value, None, 0, None, None)
            for index, output in enumerate(self.outputs)
            if output.rule.midi is None and output.rule.take is not Take.ALL and output.value is not None
        ]

    def silenced(self) -> None:
        """All notes that went out were ended: a gate that is open begins its note anew when it is read."""
        for output in self._midi_outputs:
            output.silenced()

    def begin_anew(self, indices: Container[int] | None = None) -> list[Intent]:
        """Notes that went out were ended, and gates are still open: their notes begin again.

        Args:
            indices: of the rules in ``out`` whose notes were ended; None = all.
        """
        intents: list[Intent] = []
        for output in self._midi_outputs:
            if indices is None or output.index in indices:
                output.begin_anew(intents)
        return intents

    def mute(self) -> None:
        """All notes that went out were ended, and are to be silent until their gates open anew."""
        for output in self._midi_outputs:
            output.mute()

    def end_takeovers(self) -> None:
        """Every control has to meet its variable again; where it is, is not forgotten."""
        for put in self.inputs:
            if isinstance(put, ControlInput):
                put.end_takeover()

    @property
    def has_hands(self) -> bool:
        """Whether others' changes have to be known soon: for a takeover, steps, a toggle, feedback."""
        return any(rule.feedback for rule in self.out) or any(map(asks_where_it_is, self.in_))

    def refuse(self, name: str) -> None:
        """The last ``SetValue`` of this variable could not be carried out."""
        if name in self._truths:
            self._truths[name].unset()

    # What waits

    def due(self) -> float | None:
        """When ``tick`` wants to be called (it may turn out to be in vain); None while nothing waits."""
        return None if self._due == math.inf else self._due

    def tick(self, now: float) -> list[Intent]:
        """Do everything that is due by ``now`` or within ``COALESCE_S`` after it."""
        intents: list[Intent] = []
        horizon = now + COALESCE_S
        if self._due > horizon:
            return intents
        intents, self._endings = self._endings, intents
        self._due = math.inf
        for output in self.outputs:
            if output.deadline <= horizon:
                output.tick(now, intents)
            self._due = min(self._due, output.deadline)
        for put in self._patient:
            if put.deadline <= horizon:
                put.tick(now, intents)
            self._due = min(self._due, put.deadline)
        return intents

    # Questions

    def value_of(self, address: str) -> float | None:
        """The value at an OSC address: what last went out there, or else what a control there would show."""
        output = self._at_address.get(address)
        if output is not None and output.value is not None:
            return output.value
        put = self._in_at_address.get(address)
        return None if put is None else put.shown()

    def current(self, name: str) -> float | None:
        """What the board's program reads of a variable, as far as a rule for it has learned; or None."""
        truth = self._truths.get(name)
        return None if truth is None else truth.current()

    def status(self) -> tuple[list[RuleStatus], list[RuleStatus]]:
        """How the rules are doing: ``out`` and ``in_``, in their order."""
        out = [
            RuleStatus(o.value, o.sent, rate, o.superseded, o.refused, self._lacks(o.rule))
            for o, rate in zip(self.outputs, self._rates, strict=False)
        ]
        in_ = [
            RuleStatus(p.value, p.received, rate, 0, p.refused, self._lacks(p.rule))
            for p, rate in zip(self.inputs, self._rates[len(out) :], strict=True)
        ]
        return out, in_

    def _lacks(self, rule: OutRule | InRule) -> bool:
        return not all(self._truths[name].present for name in rule.variables)

    def measure(self, now: float) -> None:
        """Count the rates anew, when that was last done a while ago; to be called about once a second."""
        counts = [output.sent for output in self.outputs] + [put.received for put in self.inputs]
        if self._marks is None:
            self._marks = now, counts
            return
        since, before = self._marks
        if now - since >= RATE_WINDOW_S:
            self._rates = [(new - old) / (now - since) for new, old in zip(counts, before, strict=True)]
            self._marks = now, counts
