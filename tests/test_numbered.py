"""Names with a number before their suffix."""

from __future__ import annotations

from itertools import islice

import pytest

from belabridge.numbered import numbered


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("mic.bin", ["mic.bin", "mic-2.bin", "mic-3.bin"]),
        ("mic", ["mic", "mic-2", "mic-3"]),
        (".mic", [".mic", ".mic-2", ".mic-3"]),
        ("a.tar.gz", ["a.tar.gz", "a.tar-2.gz", "a.tar-3.gz"]),
    ],
)
def test_names(name, names):
    assert list(islice(numbered(name, "-", 2), 3)) == names
