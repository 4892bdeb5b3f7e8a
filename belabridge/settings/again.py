"""A section without its faulty values, to be read again: one fault hides no other in its rule."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from belabridge.settings.model import is_strange
from belabridge.settings.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from belabridge.settings.refusal import Trail

# Without one of these a rule is as good as before: what is found then was there all along. Of others, such as
# ``var`` or ``relative``, the rest of the rule would be blamed for the hole.
_SPARED = frozenset({"scale", "rate", "smooth", "deadband", "round", "expr", "echo", "clip", "step"})


def without(plain: Any, errors: Iterable[Mapping[str, Any]]) -> Any | None:
    """Give a copy of a section without the values that were refused, as far as a rule can spare them.

    Args:
        plain: the section, without places.
        errors: what pydantic says of it.

    Returns:
        None when nothing could be taken out.
    """
    copy, taken = deepcopy(plain), False
    for error in errors:
        trail = tuple(step for step in error["loc"] if step != "")
        if error["type"] == "extra_forbidden":
            if not is_strange(str(trail[-1])):
                continue  # misspelled or misplaced: the rule would seem to lack it
        elif isinstance(refused := error.get("ctx", {}).get("error"), Refused):
            trail = (*trail, *refused.wrongs[0].path)
            if not _SPARED.intersection(trail):
                continue
            if "smooth" in trail:  # it is one filter or the other: not one without its value
                trail = trail[: trail.index("smooth") + 1]
        else:
            continue
        taken = _take_out(copy, trail) or taken
    return copy if taken else None


def _take_out(plain: Any, trail: Trail) -> bool:
    """Take out the last key on the trail that the file has; lists keep their items."""
    holder, key = None, None
    for step in trail:
        if isinstance(plain, dict) and step in plain:
            holder, key = plain, step
            plain = plain[step]
        elif isinstance(plain, list) and isinstance(step, int) and step < len(plain):
            plain = plain[step]
        else:
            break
    if holder is None:
        return False
    del holder[key]
    return True
