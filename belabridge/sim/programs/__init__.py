"""Programs for the simulated board."""
