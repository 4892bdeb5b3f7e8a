"""A message in words, for a person who looks at a port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from belabridge.controls import note_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from mido import Message

_SYSEX_BYTES = 16  # as many as fit a line
# MIDI 1.0, "Controller Numbers": those that a musician meets
CONTROLLERS = {
    0: "bank",
    1: "modulation",
    2: "breath",
    4: "foot",
    5: "portamento time",
    6: "data",
    7: "volume",
    8: "balance",
    10: "pan",
    11: "expression",
    32: "bank, fine",
    38: "data, fine",
    64: "sustain",
    65: "portamento",
    66: "sostenuto",
    67: "soft pedal",
    71: "resonance",
    72: "release",
    73: "attack",
    74: "brightness",
    91: "reverb",
    93: "chorus",
    96: "increment",
    97: "decrement",
    98: "NRPN, fine",
    99: "NRPN",
    100: "RPN, fine",
    101: "RPN",
    120: "all sound off",
    121: "reset all",
    122: "local",
    123: "all notes off",
}


def in_words(message: Message) -> str:
    """One line: the channel where there is one, what it is, and what it says; numbers as in a config."""
    said = _SAY[message.type](message) if message.type in _SAY else message.type.replace("_", " ")
    return f"channel {message.channel + 1:<2}  {said}" if hasattr(message, "channel") else said


def _controller(m: Message) -> str:
    name = f" ({CONTROLLERS[m.control]})" if m.control in CONTROLLERS else ""
    return f"cc {m.control}{name}  {m.value}"


def _note_on(m: Message) -> str:
    if m.velocity == 0:
        return f"note {_note(m)} off"
    return f"note {_note(m)} on  velocity {m.velocity}"


def _note(m: Message) -> str:
    return f"{m.note} ({note_name(m.note)})"


def _sysex(m: Message) -> str:
    shown = " ".join(f"{byte:02X}" for byte in m.data[:_SYSEX_BYTES])
    more = f" … ({len(m.data)} bytes)" if len(m.data) > _SYSEX_BYTES else ""
    return f"sysex  F0 {shown}{more} F7"


_SAY: dict[str, Callable[[Message], str]] = {
    "control_change": _controller,
    "note_on": _note_on,
    "note_off": lambda m: f"note {_note(m)} off",
    "polytouch": lambda m: f"poly_pressure {_note(m)}  {m.value}",
    "aftertouch": lambda m: f"pressure  {m.value}",
    "pitchwheel": lambda m: f"bend  {m.pitch + 8192}",
    "program_change": lambda m: f"program  {m.program}",
    "songpos": lambda m: f"song position  {m.pos}",
    "song_select": lambda m: f"song  {m.song}",
    "quarter_frame": lambda m: f"time code  {m.frame_type} {m.frame_value}",
    "sysex": _sysex,
}
