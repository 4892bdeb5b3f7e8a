"""An open in port: what is heard at it, which of its keys are down, which out ports are the same device's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from belabridge.controls import Kind
from belabridge.midi.codec.ledger import ALL_NOTES_OFF, ALL_SOUND_OFF
from belabridge.midi.names import device

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from belabridge.midi.codec.heard import Heard
    from belabridge.midi.codec.reader import Reader
    from belabridge.midi.out_ports import OutPort
    from belabridge.midi.ports import OpenPort

# The mode messages from "all notes off" on end notes too; "reset all controllers" (121) and "local control"
# (122) do not (MIDI 1.0, "Mode Messages").
_ENDING = frozenset({ALL_SOUND_OFF, *range(ALL_NOTES_OFF, 128)})


@dataclass(slots=True)
class InPort:
    """One that is open.

    Attributes:
        port: what the system calls it.
        reader: what follows it.
        device: its number in all that comes from it; no two have had the same.
        held: channel (1 to 16) and number of keys that are down.
        beside: the out ports of the same device.
        motors: those of them that have feedback.
    """

    port: OpenPort
    reader: Reader
    device: int = 0
    held: set[tuple[int, int]] = field(default_factory=set)
    beside: Sequence[OutPort] = ()
    motors: Sequence[OutPort] = ()

    def hear(self, message: bytes, at: float, now: float) -> list[Heard]:
        """What a message completes; see ``Reader.hear``. "All notes off" lifts the keys of its channel."""
        heard = self.reader.hear(message, at, now)
        for one in tuple(heard):
            if one.kind is Kind.NOTE:
                (self.held.add if one.on else self.held.discard)((one.channel, one.number))
            elif one.kind is Kind.CC and one.number in _ENDING and self.held:
                heard += self._lift([key for key in self.held if key[0] == one.channel])
        return heard

    def lifted(self) -> list[Heard]:
        """The port is gone: its keys are lifted."""
        return self._lift(self.held)

    def _lift(self, keys: Iterable[tuple[int, int]]) -> list[Heard]:
        keys = sorted(keys)
        self.held.difference_update(keys)
        return [heard for key in keys for heard in self.reader.lift(*key)]


def of_one_device(one: OpenPort, other: OpenPort) -> bool:
    """Whether a way in and a way out belong to the same device; our own ports to none."""
    if one.virtual or other.virtual:
        return False
    called = {device(name) for name in (one.name, *one.also)}
    return not called.isdisjoint([device(name) for name in (other.name, *other.also)])


def beside(one: OpenPort, ins: Iterable[OpenPort], outs: Iterable[OutPort]) -> list[OutPort]:
    """The out ports of the device that ``one`` of the in ports belongs to.

    Where the names of the ports do not tell, a name that the config gives to both directions does.
    """
    outs = list(outs)
    own = [out for out in outs if out.open is not None and of_one_device(one, out.open)]
    if own:
        return own
    ins = list(ins)
    return [
        out
        for out in outs
        if out.wish == one.wish
        and (out.open is None or not any(of_one_device(port, out.open) for port in ins))
    ]
