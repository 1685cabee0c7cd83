"""Stripe's way of writing nested parameters in a form: `metadata[order]=7`, `line_items[0][quantity]=2`."""

import re
from collections.abc import Iterable
from typing import Any

_PART = re.compile(r"\[([^\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Parameters as a tree; what is counted from 0 becomes a list."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        head, *rest = [name.partition("[")[0], *_PART.findall(name)]
        at, key = tree, head
        for part in rest:
            at, key = at.setdefault(key, {}), part
        if key == "":
            key = str(len(at))
        at[key] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inside = {name: _listed(each) for name, each in value.items()}
    if inside and all(name.isdecimal() for name in inside):
        return [inside[name] for name in sorted(inside, key=int)]
    return inside
