"""Programs that a measurement starts beside belabridge, to compare with."""
