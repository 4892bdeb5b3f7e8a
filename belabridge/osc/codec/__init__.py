"""OSC bytes to values and back; pure."""
