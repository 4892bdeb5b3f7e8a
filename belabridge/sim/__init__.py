"""A simulated board, the mirror of ``wire``: what a program on a Bela would answer, byte for byte."""
