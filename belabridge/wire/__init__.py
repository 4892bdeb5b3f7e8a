"""The Watcher protocol: bytes to values and back; no I/O, no clock."""
