"""What a user may wish, as immutable values: the language between ``settings`` and ``mapping``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from belabridge.controls import Control, Relative
    from belabridge.values import VarType

DEFAULT_RATE_HZ = 50.0  # smooth for the eye and the ear, and 1/20 of what a patch can take
SLOWEST_RATE_HZ = 0.001  # one message in 17 minutes; slower is a slip, and its period is no number of frames
SLOWEST_BPM, FASTEST_BPM = (
    10.0,
    500.0,
)  # of MIDI clock: a longer wait for a tick is a pause, a shorter one noise
STEEPEST_POWER = 100.0  # beyond it a curve is a switch at one end, and a mistake


class Take(StrEnum):
    """What an output makes of the samples since its last message."""

    VALUE = "value"
    LAST = "last"
    MEAN = "mean"
    RMS = "rms"
    PEAK = "peak"
    MIN = "min"
    MAX = "max"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Scale:
    """A range into a range.

    Attributes:
        start: (first, second): what ``first`` is becomes the first of ``end``. Either may be the larger.
        end: the range that comes out.
        curve: ``lin``, ``exp`` (equal steps become equal ratios; both ends of ``end`` > 0 or both < 0),
            ``log`` (its inverse, on ``start``), or a power > 0 of the position between the ends.
    """

    start: tuple[float, float] = (0.0, 1.0)
    end: tuple[float, float] = (0.0, 1.0)
    curve: Literal["lin", "exp", "log"] | float = "lin"


@dataclass(frozen=True, slots=True)
class OnePole:
    """A one-pole low-pass: after ``time_s`` a step has covered 1 - 1/e of its way."""

    time_s: float


@dataclass(frozen=True, slots=True)
class OneEuro:
    """The 1€ filter (Casiez, Roussel, Vogel 2012): little jitter at rest, little lag in motion."""

    min_cutoff_hz: float = 1.0
    beta: float = 0.0
    d_cutoff_hz: float = 1.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What happens to a value on its way, in this order: expr, scale, invert, clip, smooth, round, deadband.

    Attributes:
        expr: an expression of ``x``, or None.
        scale: or None.
        invert: turn the control around: what the first of ``scale.start`` gave, the second gives now
            (without a scale: 1 - x). The curve keeps its shape: a frequency still moves by octaves.
        clip: (low, high), or None.
        smooth: a filter in time, or None.
        round: to the nearest multiple of this (1.0 = whole numbers) within ``clip``, or None.
        deadband: a change smaller than this, measured where it goes out, is not sent; 0 sends all.
        on_change: send only when the value differs from the last one sent.
    """

    expr: str | None = None
    scale: Scale | None = None
    invert: bool = False
    clip: tuple[float, float] | None = None
    smooth: OnePole | OneEuro | None = None
    round: float | None = None
    deadband: float = 0.0
    on_change: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where OSC goes.

    Attributes:
        name: what ``to:`` calls it; ``host:port`` when it was given none.
        host: a name or a numeric address.
        port: UDP port.
        bundle: collect the messages of one tick into one bundle.
        reply_port: where an answer to a question from this host goes; None = the port that asked.
    """

    name: str
    host: str
    port: int
    bundle: bool = False
    reply_port: int | None = None


@dataclass(frozen=True, slots=True)
class OscOut:
    """Where an output goes.

    Attributes:
        address: an OSC address without patterns; empty = the default address of the variable.
        to: names of destinations; empty = all of them, and all subscribers.
        form: OSC type of a number (``f d i h``), or ``blob`` for ``Take.ALL``: big-endian float32.
    """

    address: str
    to: tuple[str, ...] = ()
    form: Literal["f", "d", "i", "h", "blob"] = "f"


class Takeover(StrEnum):
    """What a control does when it is touched while the variable has another value than it shows."""

    JUMP = "jump"
    PICKUP = "pickup"
    SCALE = "scale"
    RELATIVE = "relative"


class Mode(StrEnum):
    """What a control does to its variable."""

    ABSOLUTE = "absolute"
    TOGGLE = "toggle"


@dataclass(frozen=True, slots=True)
class MidiOut:
    """Where an output goes in MIDI, and for a note how the value becomes one.

    Attributes:
        control: which control is sent.
        to: names of the ports of ``midi.out``; empty = all of them.
        on: a note begins, or a pulse (clock, start, stop, continue) is sent, when the value rises to this.
        off: it ends when the value falls below this; at most ``on``.
        note_var: the variable that says which note, instead of ``control.number``; or None.
        note_is_hz: ``note_var`` is a frequency; the nearest note is played.
        velocity: 0 to 127 of note-ons.
        velocity_var: the variable, 0 to 1, that says the velocity; or None.
        step: how far the value moves for each step that is sent, instead of positions; None = positions.
        relative: how a cc says steps; RPN and NRPN say them by increment and decrement.
    """

    control: Control
    to: tuple[str, ...] = ()
    on: float = 0.5
    off: float = 0.5
    note_var: str | None = None
    note_is_hz: bool = False
    velocity: int = 100
    velocity_var: str | None = None
    step: float | None = None
    relative: Relative | None = None


@dataclass(frozen=True, slots=True)
class MidiIn:
    """A control that sets variables.

    Attributes:
        control: which one.
        relative: how it says steps; None = it says positions.
        step: by how much one step moves the variable, or, with a ``scale``, the position in its ``start``.
        takeover: what happens when the control and the variable differ.
        mode: whether a press flips the variable.
        pitch_var: set to the number of a note that begins; or None.
        pitch_is_hz: it is set to the frequency instead.
        velocity_var: set to the position of the velocity; or None.
        gate_var: set to 1 while a note sounds, and to 0 when the last one has ended; or None.
    """

    control: Control
    relative: Relative | None = None
    step: float | None = None
    takeover: Takeover = Takeover.JUMP
    mode: Mode = Mode.ABSOLUTE
    pitch_var: str | None = None
    pitch_is_hz: bool = False
    velocity_var: str | None = None
    gate_var: str | None = None


@dataclass(frozen=True, slots=True)
class MidiPort:
    """A port of ours, or the wish for one of the system's.

    Attributes:
        name: what the config calls it: the part of a port's name, or its own name when it is virtual.
        pattern: a regular expression on port names; None = ``name`` is a part of the port's name.
        virtual: open a port of this name when none matches, for others to connect to.
        limit_bytes_s: at most so many bytes a second go out; None = no limit.
    """

    name: str
    pattern: str | None = None
    virtual: bool = False
    limit_bytes_s: float | None = None


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """The MIDI ends.

    Attributes:
        ins: ports to listen to; empty = none.
        outs: ports to send to; empty = none.
        feedback_after_s: so long after its last touch a control is told its variable's true value.
        silence_on_board_loss: end what sounds when the board is lost.
        clock_bpm: send clock at this tempo, in beats a minute, until a rule says another; None = no clock
            unless a rule sends it.
    """

    ins: tuple[MidiPort, ...] = ()
    outs: tuple[MidiPort, ...] = ()
    feedback_after_s: float = 0.3  # shorter than it is noticed in a light, longer than between two moves
    silence_on_board_loss: bool = True
    clock_bpm: float | None = None


class FetchWhen(StrEnum):
    """When a log file is brought from the board."""

    ON_STOP = "on_stop"
    FOLLOW = "follow"
    NEVER = "never"


class DeleteWhen(StrEnum):
    """When a log file that is here is removed from the board."""

    AFTER_VERIFY = "after_verify"
    NEVER = "never"


class LogMode(StrEnum):
    """What a control does to logs: turn them over, begin, end, or log while it is pressed."""

    TOGGLE = "toggle"
    START = "start"
    STOP = "stop"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Ssh:
    """How a board lets us at its files.

    Attributes:
        port: of its ssh.
        user: whose files they are.
        password: None = there is none.
        key: file of a private key; None = the user's own.
        projects: the folder of the projects on the board.
    """

    port: int = 22
    user: str = "root"
    password: str | None = field(default=None, repr=False)
    key: str | None = None
    projects: str = "/root/Bela/projects"


@dataclass(frozen=True, slots=True)
class LogFiles:
    """What becomes of the log files that a board writes.

    Attributes:
        to: the folder on this computer.
        name: of a file there, without ``.bin``; ``{project}``, ``{date}`` and ``{var}`` are filled in.
        keep: so many of them stay on this computer, the newest; None = all.
        fetch: when they are brought.
        delete: when they are removed from the board.
        ssh: how the board lets us at them.
    """

    to: str = "takes"
    name: str = "{project}-{date}-{var}"
    keep: int | None = None
    fetch: FetchWhen = FetchWhen.ON_STOP
    delete: DeleteWhen = DeleteWhen.NEVER
    ssh: Ssh = Ssh()


@dataclass(frozen=True, slots=True)
class LogTrigger:
    """What a control does to the logs of some variables.

    Attributes:
        names: of the variables.
        mode: what it does.
        for_s: how long a log is that it begins; None = until it is ended.
    """

    names: tuple[str, ...]
    mode: LogMode = LogMode.TOGGLE
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class OutRule:
    """From the board: one variable, what is taken of it, its way, and where it goes.

    Attributes:
        var: the variable's name on the board.
        take: what of the samples.
        rate_hz: at most this many messages a second; None = as they come (only for ``Take.ALL``).
        shape: the value's way.
        osc: where it goes; None = to ``midi``, or to the default address when that is None too.
        midi: where it goes in MIDI: a position 0 to 1 for a control; or None.
        feedback: it tells a motor fader or a ring what its variable is: never while a hand is on it, and the
            true value after the last touch.
        echo: also send a value back to the end that it came from.
        place: (line, column) in the config, for messages; (0, 0) when there is none.
    """

    var: str
    take: Take = Take.VALUE
    rate_hz: float | None = DEFAULT_RATE_HZ
    shape: Shape = Shape()
    osc: OscOut | None = None
    midi: MidiOut | None = None
    feedback: bool = False
    echo: bool = False
    place: tuple[int, int] = field(default=(0, 0), compare=False)  # a moved line is no change

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables of the board that it needs, ``var`` first."""
        if self.midi is None:
            return (self.var,)
        parts = (self.midi.note_var, self.midi.velocity_var)
        return (self.var, *(name for name in parts if name is not None))


@dataclass(frozen=True, slots=True)
class InRule:
    """To the board: an OSC address or a MIDI control sets a variable, or fills a buffer of the program.

    Attributes:
        osc: the address it listens to; None when ``midi`` is given.
        midi: the control it listens to, or None.
        log: what it does to logs, instead of setting anything; or None.
        var: the variable that is set, or None when ``buffer`` is given.
        buffer: the id or the name of the program's buffer that the arguments fill, or None.
        buffer_type: the C type of that buffer; None = as the board says.
        shape: the value's way (each value of a buffer has it too, without smooth and deadband).
        rate_hz: at most this many sets a second, the last one always arriving; None = no limit.
        place: (line, column) in the config.
    """

    osc: str | None = None
    var: str | None = None
    buffer: int | str | None = None
    buffer_type: VarType | None = None
    shape: Shape = Shape()
    rate_hz: float | None = None
    midi: MidiIn | None = None
    place: tuple[int, int] = field(default=(0, 0), compare=False)  # a moved line is no change
    log: LogTrigger | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables of the board that it sets, in the order in which a note sets them."""
        midi = self.midi
        parts = () if midi is None else (midi.pitch_var, midi.velocity_var, midi.gate_var)
        return tuple(name for name in (self.var, *parts) if name is not None)
