"""What is installed from a wheel has all that belongs to it: a checkout hides what is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_wheel_has_the_profiles_of_the_controllers(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("belabridge", "config"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", source, "--no-deps", "--no-build-isolation", "-w", tmp_path],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    profiles = {path.name for path in (source / "config" / "controllers").glob("*.yaml")}
    assert profiles
    assert inside >= {f"belabridge/controllers/{name}" for name in profiles}
    modules = {str(path.relative_to(source)) for path in (source / "belabridge").rglob("*.py")}
    assert inside >= modules
