"""JSON Schema of our structs, for both documents.

Rule of the file: msgspec says what it will accept; only what we do differently is put right here: a `Decimal`
may also arrive as a JSON number, and no text may hold a NUL (`protocol/codec.py`).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

_NO_NUL = r"^[^\x00]*$"
TEMPLATE = "#/components/schemas/{name}"


def components(types: Iterable[Any]) -> tuple[list[Any], dict[str, Any]]:
    """One schema for each of `types`, in order, and the named schemas that they refer to."""
    schemas, named = msgspec.json.schema_components(list(types), ref_template=TEMPLATE)
    return [_as_accepted(each) for each in schemas], _as_accepted(named)


def _as_accepted(schema: Any) -> Any:
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            return {"type": ["number", "string"], "format": "decimal"}
        if schema.get("type") == "string":
            return {"pattern": _NO_NUL, **schema}
        return {key: _as_accepted(value) for key, value in schema.items()}
    if isinstance(schema, (list, tuple)):
        return [_as_accepted(each) for each in schema]
    return schema
