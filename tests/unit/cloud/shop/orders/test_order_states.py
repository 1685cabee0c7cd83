"""The two tables of an order: what may follow what, and what a payment is to an order that it comes to."""

from itertools import product
from pathlib import Path

import pytest

from cloud.shop.orders.states import (
    BY_HAND,
    HELD,
    ORDER,
    PAYABLE,
    PAYMENT,
    Asked,
    after,
    by_hand,
    choices,
    diagram,
    verdict,
)

PAGE = Path(__file__).parents[5] / "docs/shop.md"
ASKED = Asked(1940, "EUR")


@pytest.mark.parametrize("table", [ORDER, PAYMENT])
def test_events_lead_to_states_that_there_are(table: dict[str, dict[str, str]]) -> None:
    assert {state for events in table.values() for state in events.values()} <= set(table)


def test_nobody_at_the_venue_declares_money_to_have_come() -> None:
    assert "pay" not in BY_HAND
    assert by_hand("draft", "paid") is None
    assert by_hand("abandoned", "paid") is None


@pytest.mark.parametrize(("status", "wanted"), list(product(ORDER, repeat=2)))
def test_a_step_by_hand_is_a_step_of_the_table(status: str, wanted: str) -> None:
    event = by_hand(status, wanted)
    assert (event is not None) == (wanted in choices(status))
    assert event is None or after(ORDER, status, event) == wanted


def test_what_was_shipped_is_never_cancelled() -> None:
    assert choices("shipped") == ("delivered",)
    assert choices("delivered") == ()


def test_a_payment_of_the_right_amount_counts_also_when_it_is_late() -> None:
    for status, payment in product(("draft", "abandoned"), ("open", "expired", "processing", "failed")):
        assert verdict(status, payment, ASKED, ASKED) == "accepted"


@pytest.mark.parametrize("came", [Asked(1939, "EUR"), Asked(19400, "EUR"), Asked(1940, "USD")])
def test_another_amount_or_currency_waits_for_a_person(came: Asked) -> None:
    assert verdict("draft", "open", ASKED, came) == "mismatch"


def test_money_for_what_is_paid_or_cancelled_goes_back() -> None:
    for payment in HELD | {"refunded"}:
        assert verdict("paid", payment, ASKED, ASKED) == "second"
    assert verdict("cancelled", "expired", ASKED, ASKED) == "too_late"
    assert verdict("cancelled", "refunded", ASKED, ASKED) == "second"


def test_no_page_is_opened_for_what_is_paid() -> None:
    assert frozenset({"unpaid", "failed", "expired"}) == PAYABLE
    assert PAYABLE.isdisjoint(HELD)


@pytest.mark.parametrize("table", [ORDER, PAYMENT], ids=["order", "payment"])
def test_the_page_shows_the_diagram_of_the_table(table: dict[str, dict[str, str]]) -> None:
    """`python -m cloud.shop.orders.states` prints what belongs there."""
    assert diagram(table) in PAGE.read_text("utf-8")
