"""Takes and logs as files on this computer: written while they come, mapped when they are read, exported."""
