"""A board's log files over SFTP: listed, fetched, followed, verified, removed.

``shell.LogShell`` is the door. Nothing here is imported before logs are wanted: the ssh library takes 100 ms.
"""
