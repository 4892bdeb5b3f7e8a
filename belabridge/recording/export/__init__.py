"""Recordings in the formats of other programs; each is written piece by piece, whatever its size."""
