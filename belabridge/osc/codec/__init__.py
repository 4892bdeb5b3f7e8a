"""OSC 1.0 as bytes: read, written, matched; pure, without a socket or a clock."""
