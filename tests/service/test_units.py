"""The systemd units, read by systemd itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / "systemd"
UNITS = {"system": FOLDER / "belabridge.service", "user": FOLDER / "user" / "belabridge.service"}
PROGRAM = re.compile(r"^(Exec\w+=)\S+/belabridge", re.MULTILINE)


def verify(text: str, folder: Path, manager: str) -> str:
    """What systemd-analyze has to say; it exits 0 even on unknown keys, so its words count."""
    unit = folder / "belabridge.service"
    # It wants the program to be there, which it is only where belabridge is installed for good.
    unit.write_text(PROGRAM.sub(r"\1/bin/true", text))
    environ = os.environ | {"XDG_RUNTIME_DIR": str(folder), "SYSTEMD_LOG_LEVEL": "notice"}
    done = subprocess.run(
        ["systemd-analyze", f"--{manager}", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environ,
        check=False,
    )
    return done.stderr + ("" if done.returncode == 0 else f"exit {done.returncode}")


needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs the Debian package systemd"
)


@needs_systemd
@pytest.mark.parametrize("manager", UNITS)
def test_systemd_has_nothing_to_say(manager, short):
    assert verify(UNITS[manager].read_text(), short, manager) == ""


@needs_systemd
@pytest.mark.parametrize("manager", UNITS)
@pytest.mark.parametrize(
    ("before", "after"),
    [("WatchdogSec=", "WatchDogSec="), ("Restart=on-failure", "Restart=on-fail"), ("Type=notify", "Type=x")],
)
def test_and_it_would_say_so(manager, short, before, after):
    text = UNITS[manager].read_text()
    assert before in text
    assert verify(text.replace(before, after), short, manager)


@pytest.mark.parametrize("manager", UNITS)
def test_what_the_program_relies_on(manager):
    lines = UNITS[manager].read_text().splitlines()
    for line in (
        "Type=notify",
        "Restart=on-failure",
        "RestartPreventExitStatus=78 2",  # a wrong config must not restart for ever
        "WatchdogSec=20",
        "StartLimitBurst=5",
        "NoNewPrivileges=yes",
    ):
        assert line in lines
    assert any(re.match(r"ExecReload=\S+/belabridge reload --pid \$MAINPID$", line) for line in lines)
    if manager == "system":
        assert "DynamicUser=yes" in lines
        assert "RuntimeDirectoryMode=0700" in lines


@needs_systemd
def test_the_system_unit_is_as_tight_as_we_say(short):
    unit = short / "belabridge.service"
    unit.write_text(PROGRAM.sub(r"\1/bin/true", UNITS["system"].read_text()))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:]  # exposure 2.0 of 10 at most
