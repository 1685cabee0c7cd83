"""The cart's hash: the same for Python and TypeScript, and for whoever reads contract.md."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.facts.cart import CartItem, cart_hash

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "cart_hash.json").read_text("utf-8")
)


def line(item_id: int, qty: int, version: int) -> CartItem:
    """A line of which only three fields count."""
    return CartItem(item_id, 17, "Burger", qty, "chinu", 950, 1, version)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: str(each["name"]))
def test_shared_vectors(vector: dict[str, Any]) -> None:
    items = [line(each["id"], each["qty"], each["version"]) for each in vector["lines"]]
    assert cart_hash(items) == vector["cart_hash"]


numbers = st.integers(0, 2**53 - 1)


@given(st.lists(st.tuples(numbers, st.integers(1, 99), numbers), unique_by=lambda each: each[0]))
def test_it_is_the_sha_256_of_the_canonical_json(lines: list[tuple[int, int, int]]) -> None:
    listed = [{"version": version, "qty": qty, "id": item_id} for item_id, qty, version in sorted(lines)]
    canonical = json.dumps(listed, sort_keys=True, separators=(",", ":"))
    assert cart_hash([line(*each) for each in lines]) == hashlib.sha256(canonical.encode()).hexdigest()
