"""What the tests of ports share: a private JACK server, and programs on it."""

import pytest

from jackd import JackServer, Peer


@pytest.fixture
def jack_server(monkeypatch):
    """A running server that is the default of everything started by the test."""
    server = JackServer()
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    yield server.start()
    server.stop()


@pytest.fixture
def peer(jack_server):
    peer = Peer(jack_server)
    yield peer
    peer.close()
