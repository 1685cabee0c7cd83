"""Which release a box is offered, and when a ring has seen enough of one."""

import pytest

from cloud.operations.releases import choose, is_too_many
from cloud.store.link.releases import Release


def release(version: str, machine: str = "any") -> Release:
    return Release(version, machine, f"manifest of {version} for {machine}", "", "", 0)


@pytest.mark.parametrize(
    ("ring", "installed", "rolled_back", "halts"),
    [
        ("first", 0, 1, True),
        ("first", 5, 0, False),
        ("some", 0, 1, False),
        ("some", 3, 2, True),
        ("some", 60, 2, False),
        ("all", 1, 2, False),
        ("all", 100, 3, True),
        ("all", 1000, 3, False),
    ],
)
def test_a_ring_halts_by_itself(ring: str, installed: int, rolled_back: int, halts: bool) -> None:
    assert is_too_many(ring, installed, rolled_back) is halts


def test_the_newest_is_offered_for_the_box_s_own_processor_first() -> None:
    there_is = [release("0.3.0", "aarch64"), release("0.10.0", "aarch64"), release("0.10.0")]
    offer = choose(there_is, "0.2.0")
    assert offer is not None
    assert (offer.version, offer.manifest) == ("0.10.0", "manifest of 0.10.0 for aarch64")


@pytest.mark.parametrize("running", ["0.10.0", "0.11.0", ""])
def test_nothing_older_is_ever_offered_nor_anything_to_a_tree_that_is_no_release(running: str) -> None:
    assert choose([release("0.10.0"), release("0.9.0")], running) is None
