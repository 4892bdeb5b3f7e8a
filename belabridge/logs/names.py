"""What log files are called on this computer, and which of them are old enough to go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from belabridge.errors import LogError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path

SUFFIX: Final = ".bin"
FIELDS: Final = ("project", "date", "var")
DATE: Final = "%Y-%m-%dT%H%M%S"  # sorts by time, and has no colon: some file systems take none
_DATE_FORM: Final = r"\d{4}-\d{2}-\d{2}T\d{6}"
_FIELD: Final = re.compile(r"\{(\w*)\}")
_UNFIT: Final = re.compile(r"[^\w.+-]")


def check_template(template: str) -> None:
    """Check that a template names a file.

    Raises:
        UsageError: it is none.
    """
    for word in _FIELD.findall(template):
        if word not in FIELDS:
            raise UsageError(
                f"{{{word}}} is nothing that can be filled in: use {{project}}, {{date}}, {{var}}"
            )
    rest = _FIELD.sub("x", template)
    if "{" in rest or "}" in rest:
        raise UsageError(f"a brace in {template!r} has no partner: write {{project}}, {{date}} or {{var}}")
    if not rest.strip() or _UNFIT.search(rest.replace(" ", "_")) or rest[0] in ".-":
        raise UsageError(
            f"{template!r} is no name of a file: use letters, digits, - and _; `to` is the folder"
        )


def file_name(template: str, project: str, variable: str, began: datetime) -> str:
    """The name of a log's file: with what a name of the board could do harm by replaced by ``_``."""
    fields = {"project": _fit(project), "var": _fit(variable), "date": began.strftime(DATE)}
    name = _FIELD.sub(lambda found: fields[found[1]], template)
    return name.lstrip(".-~") + SUFFIX


def drop_old(folder: Path, template: str, keep: int, spare: Collection[Path]) -> list[Path]:
    """Remove all but the newest of the files that are named by a template; gives the removed.

    Args:
        folder: where they are.
        template: of their names; files with other names are none of ours.
        keep: so many stay.
        spare: these stay in any case, and count.

    Raises:
        LogError: one cannot be removed.
    """
    form = re.compile(_pattern(template))
    ours = []
    for path in folder.glob("*" + SUFFIX):
        found = form.fullmatch(path.name)
        if found and path.is_file() and not path.is_symlink():
            # not when it was written, which the board's clock says; that may be any time
            ours.append((found.groupdict().get("date", ""), path.stat().st_ctime_ns, path))
    old = [path for _, _, path in sorted(ours, reverse=True)[keep:] if path not in spare]
    for path in old:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise LogError(
                f"{path} is more than is kept, and cannot be removed ({error.strerror}): remove it yourself"
            ) from error
    return old


def _pattern(template: str) -> str:
    forms = {"project": r"[\w.+-]+", "var": r"[\w.+-]+", "date": f"(?P<date>{_DATE_FORM})"}
    parts = []
    for n, part in enumerate(_FIELD.split(template)):  # literal, field, literal, ...
        parts.append(forms[part] if n % 2 else re.escape(part))
        if n % 2:
            forms["date"] = forms["date"] if part != "date" else _DATE_FORM  # a group has a name once
    return "".join(parts) + r"(-\d+)?" + re.escape(SUFFIX)


def _fit(text: str) -> str:
    return _UNFIT.sub("_", text) or "_"
