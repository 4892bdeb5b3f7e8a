"""belabridge: a Bela board's variables as OSC, and back."""

__version__ = "0.1.0"
