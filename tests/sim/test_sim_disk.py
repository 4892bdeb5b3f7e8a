"""The simulated board's disk."""

from __future__ import annotations

from belabridge.sim.disk import Disk


def test_files_grow_and_those_of_an_earlier_run_are_neither_taken_nor_touched(tmp_path):
    folder = tmp_path / "synth"
    disk = Disk(folder)
    files = disk.taken()
    assert files == {}
    files["mic.bin"] = bytearray(b"head")
    disk.write(files)
    files["mic.bin"] += b"block"
    disk.write(files)
    disk.write(files)
    assert (folder / "mic.bin").read_bytes() == b"headblock"

    again = Disk(folder)
    taken = again.taken()
    assert list(taken) == ["mic.bin"]
    again.write(taken)
    assert (folder / "mic.bin").read_bytes() == b"headblock"
