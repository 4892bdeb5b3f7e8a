"""Names of ports in any encoding, also as the ALSA library reads them; no sequencer is needed for that."""

import pytest
from alsa_midi import PortInfo
from alsa_midi._ffi import alsa, ffi
from hypothesis import given
from hypothesis import strategies as st

from belabridge.midi.alsa_text import read_any_encoding
from belabridge.midi.text import text


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (b"nanoKONTROL2", "nanoKONTROL2"),
        ("Clavier étude 🎹".encode(), "Clavier étude 🎹"),
        (b"Clavier \xe9tude", "Clavier étude"),
        ("é".encode()[:1], "Ã"),  # cut off in a character
        (b"", ""),
    ],
)
def test_a_name_is_read_in_its_encoding(name, read):
    assert text(name) == read


@given(st.binary(max_size=40))
def test_any_name_can_be_read_and_said_again(name):
    text(name).encode()


@pytest.mark.parametrize("name", [b"Clavier \xe9tude", "Clavier étude".encode()])
def test_the_alsa_library_reads_it_too(name):
    read_any_encoding()
    pointer = ffi.new("snd_seq_port_info_t **")
    assert alsa.snd_seq_port_info_malloc(pointer) == 0
    info = ffi.gc(pointer[0], alsa.snd_seq_port_info_free)
    alsa.snd_seq_port_info_set_name(info, name)
    assert PortInfo._from_alsa(info).name == "Clavier étude"
