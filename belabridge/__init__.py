"""belabridge: a Bela board's variables as OSC and MIDI, and back."""

__version__ = "0.1.0"
