"""The Python API: a board's variables as streams, samples and values, with ``async`` and without."""
