"""OSC: the codec and the endpoints."""
