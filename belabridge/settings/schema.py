"""The JSON schema of a config, for editors that complete and check while one writes."""

from __future__ import annotations

import json
from typing import Any

from belabridge.settings.model import ConfigPart


def schema() -> dict[str, Any]:
    """Give the schema (JSON Schema 2020-12) of a whole config.

    It accepts all that ``parse`` accepts; what a schema cannot say (curves that cross 0, names of
    destinations) only ``parse`` finds.
    """
    made: dict[str, Any] = _tidy(ConfigPart.model_json_schema(by_alias=True))
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "belabridge config"
    # as if they were not there: the only keys that may stand without a value
    for name in ("board", "osc", "midi", "log", "logs"):
        section = made["properties"][name]
        made["properties"][name] = {
            "description": section.get("description", ""),
            "anyOf": [{k: v for k, v in section.items() if k != "description"}, {"type": "null"}],
        }
    return made


def _tidy(value: Any) -> Any:
    """Leave out titles and defaults, which only repeat the keys, and null, which no key may have."""
    if isinstance(value, list):
        return [_tidy(item) for item in value if item != {"type": "null"}]
    if not isinstance(value, dict):
        return value
    properties = value.get("properties")
    tidy = {
        key: _tidy(below) for key, below in value.items() if key not in ("title", "default", "properties")
    }
    if isinstance(properties, dict):
        tidy["properties"] = {key: _tidy(below) for key, below in properties.items()}
    if isinstance(choices := tidy.get("anyOf"), list) and len(choices) == 1 and isinstance(choices[0], dict):
        tidy = {**choices[0], **{key: below for key, below in tidy.items() if key != "anyOf"}}
    return tidy


def schema_text() -> str:
    """Give the schema as the text of a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
