"""A simulated board, the mirror of wire."""
