"""MIDI bytes to what a control says, and back; pure, without a port or a clock."""
