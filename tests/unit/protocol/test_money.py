"""Minor units to and from the seeds' major units, exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.money import (
    MOST_MINOR,
    BadAmount,
    cash_step_minor,
    exponent,
    from_major,
    to_major,
    written,
)


@pytest.mark.parametrize(
    ("minor", "currency", "major"),
    [(125000, "EUR", 1250.0), (1, "EUR", 0.01), (-50, "USD", -0.5), (1250, "JPY", 1250), (1250, "KWD", 1.25)],
)
def test_on_the_wire(minor: int, currency: str, major: float) -> None:
    assert to_major(minor, currency) == major
    assert from_major(str(major), currency) == minor


@pytest.mark.parametrize(
    "amount", ["0.001", "x", "", "NaN", "sNaN", "Infinity", "1e13", "-1e11", "1e999999999"]
)
def test_what_is_no_amount(amount: str) -> None:
    with pytest.raises(BadAmount):
        from_major(amount, "EUR")


@given(st.integers(-MOST_MINOR, MOST_MINOR), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_there_and_back_again(minor: int, currency: str) -> None:
    assert from_major(Decimal(minor).scaleb(-exponent(currency)), currency) == minor
    assert from_major(Decimal(str(to_major(minor, currency))), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "12.50"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (1250, "JPY", "1250"),
        (1, "KWD", "0.001"),
    ],
)
def test_on_paper(minor: int, currency: str, text: str) -> None:
    assert written(minor, currency) == text
    assert from_major(text, currency) == minor


def test_coins_of_some_currencies_are_larger_than_their_minor_unit() -> None:
    assert [cash_step_minor(currency) for currency in ("EUR", "CHF", "SEK", "HUF")] == [1, 5, 100, 500]
