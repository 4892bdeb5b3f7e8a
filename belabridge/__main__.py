"""``python -m belabridge``."""

from belabridge.cli import main

main()
