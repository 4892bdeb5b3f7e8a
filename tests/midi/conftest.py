"""What the tests of ports share: a private JACK server, and programs on it."""

import pytest

from jackd import JackServer, Peer


def _running(server, monkeypatch):
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    yield server.start()
    server.stop()


@pytest.fixture
def jack_server(monkeypatch):
    """A running server that is the default of everything started by the test."""
    yield from _running(JackServer(), monkeypatch)


@pytest.fixture
def synchronous_jack_server(monkeypatch):
    """The same, for what counts every message: a busy machine loses and repeats none."""
    yield from _running(JackServer(is_synchronous=True), monkeypatch)


@pytest.fixture
def peer(synchronous_jack_server):
    """A program on a server that loses nothing: what a test sends once is heard once."""
    peer = Peer(synchronous_jack_server)
    yield peer
    peer.close()


@pytest.fixture
def free_peer(jack_server):
    """One for tests that stop or kill a client, for which the other server would wait."""
    peer = Peer(jack_server)
    yield peer
    peer.close()
