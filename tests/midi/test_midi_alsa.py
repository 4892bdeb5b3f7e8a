"""What the ALSA sequencer announces of our connections: its events are real, and it need not be there."""

import alsa_midi as alsa
import pytest

from belabridge.midi.alsa_library import AlsaLibrary
from belabridge.midi.cables import Cables

OUR_IN, OUR_OUT, DEVICE, OTHER = (128, 1), (129, 0), (20, 0), (24, 0)


@pytest.mark.parametrize(
    ("events", "news", "cut"),
    [
        ([alsa.PortSubscribedEvent(DEVICE, OUR_IN)], [False, False], [False, False]),
        ([alsa.PortUnsubscribedEvent(DEVICE, OUR_IN)], [True, False], [True, False]),
        ([alsa.PortUnsubscribedEvent(OTHER, OUR_IN)], [True, False], [False, False]),
        ([alsa.PortSubscribedEvent(OUR_OUT, OTHER)], [False, True], [False, False]),
        ([alsa.PortUnsubscribedEvent(OUR_OUT, OTHER)], [False, False], [False, False]),
        ([alsa.PortSubscribedEvent(OUR_OUT, OUR_IN)], [False, True], [False, False]),
        (
            [alsa.PortSubscribedEvent(DEVICE, OTHER), alsa.PortExitEvent(OTHER)],
            [False, False],
            [False, False],
        ),
    ],
)
def test_connections_that_are_announced_are_noted(events, news, cut):
    library = AlsaLibrary.__new__(AlsaLibrary)  # without a sequencer
    library._went = set()
    ways = [Cables(DEVICE, is_in=True), Cables(None, is_in=False)]
    library._cables = dict(zip((OUR_IN, OUR_OUT), ways, strict=True))
    for event in events:
        library._take_note(event)
    assert [cables.are_new() for cables in ways] == news
    assert [cables.is_cut for cables in ways] == cut
    assert library._went == {tuple(event.addr) for event in events if isinstance(event, alsa.PortExitEvent)}
