"""The program's life: signals, reload, health, systemd."""
