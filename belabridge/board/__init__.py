"""One board on the network."""
