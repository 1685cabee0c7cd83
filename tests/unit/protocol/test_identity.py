"""Ids that are unique, ordered in time, readable and say nothing secret."""

import uuid

import pytest

from protocol.identity import (
    CODE_LETTERS,
    order_id,
    pass_word_digest,
    readable_code,
    ticket_name,
    token_digest,
    uuid7,
)


@pytest.mark.parametrize("entropy", [b"\x00" * 10, b"\xff" * 10, bytes(range(10))])
@pytest.mark.parametrize("wall_ms", [0, 1_700_000_000_000, 2**48 - 1])
def test_a_uuid_of_version_7(wall_ms: int, entropy: bytes) -> None:
    made = uuid.UUID(uuid7(wall_ms, entropy))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == wall_ms


def test_later_is_greater() -> None:
    made = [uuid7(wall_ms, b"\x80" * 10) for wall_ms in range(1_700_000_000_000, 1_700_000_000_050)]
    assert made == sorted(set(made))


def test_a_code_can_be_read_out() -> None:
    code = readable_code(bytes(range(0, 256, 40)))
    assert len(code) == 6
    assert set(code) <= set(CODE_LETTERS)
    assert not set(CODE_LETTERS) & set("AEIOU01LY")


def test_names_of_orders_and_tickets() -> None:
    assert (order_id(7, 123), ticket_name(88)) == ("ORD-7-123", "K-88")


def test_a_word_is_the_same_however_it_is_typed_but_not_in_another_venue() -> None:
    assert pass_word_digest(7, " Coffee") == pass_word_digest(7, "coffee ")
    assert pass_word_digest(7, "coffee") != pass_word_digest(8, "coffee")
    assert "coffee" not in pass_word_digest(7, "coffee")
    assert token_digest("a token") != token_digest("another token")
