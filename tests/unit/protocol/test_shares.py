"""Shares sum to the bill, whatever was voided, discounted or ordered since the split."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from protocol.facts.bill import Bill, following
from protocol.facts.bill_events import (
    BillLine,
    BillSplit,
    DiscountGiven,
    LinesCharged,
    LineVoided,
    PaymentBegun,
    PaymentSettled,
    Share,
    ShareLine,
)
from protocol.shares import REST, gross_of_lines, share_of, shares_of

MEMBERS = ("chinu", "anshu", "bela")

lines: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.builds(
        dict,
        qty=st.integers(1, 9),
        price_minor=st.integers(0, 5000),
        tax_rate_bp=st.sampled_from([0, 700, 1900]),
        tax_inclusive=st.booleans(),
        member=st.sampled_from(MEMBERS),
    ),
    min_size=1,
    max_size=8,
)


def charged(wanted: list[dict[str, Any]]) -> Bill:
    """A bill with these lines."""
    made = (
        BillLine(f"order_line:{n}", "order_line", "ORD-7-1", "Dish", **each) for n, each in enumerate(wanted)
    )
    return following(Bill(1, "s1", "T1", "EUR", "open", 1), LinesCharged(tuple(made)))


def by_item(bill: Bill, data: Any) -> tuple[Share, ...]:
    """Two shares that name pieces of lines, never more than there are."""
    pieces: list[list[ShareLine]] = [[], []]
    for line in bill.lines.values():
        first = data.draw(st.integers(0, line.qty))
        second = data.draw(st.integers(0, line.qty - first))
        for own, qty in zip(pieces, (first, second), strict=True):
            if qty:
                own.append(ShareLine(line.id, qty))
    return tuple(Share(n, f"share {n}", tuple(own)) for n, own in enumerate(pieces, 1))


@given(lines, st.data())
def test_shares_sum_to_the_bill_through_every_change(wanted: list[dict[str, Any]], data: Any) -> None:
    bill = charged(wanted)
    kind = data.draw(st.sampled_from(["item", "guest", "amount"]))
    if kind == "item":
        shares = by_item(bill, data)
    elif kind == "guest":
        shares = tuple(Share(n, each, member=each) for n, each in enumerate(MEMBERS[:2], 1))
    else:
        shares = tuple(Share(n, "", amount_minor=data.draw(st.integers(1, 9000))) for n in (1, 2, 3))
    bill = following(bill, BillSplit(kind, shares))
    assert sum(share.total_minor for share in shares_of(bill)) == bill.total_minor
    for line in list(bill.lines.values()):
        if line.amount_minor:
            off = data.draw(st.integers(0, line.amount_minor))
            bill = following(bill, DiscountGiven("a", ((line.id, off),), "r", "mia"))
        qty = data.draw(st.integers(0, line.qty))
        if qty:
            bill = following(bill, LineVoided("a", line.id, qty, 0, "r", "mia"))
    found = shares_of(bill)
    assert sum(share.total_minor for share in found) == bill.total_minor
    assert all(share.total_minor >= 0 and 0 <= share.due_minor <= bill.due_minor for share in found)
    assert all(
        sum(part.amount_minor for part in share.lines) == share.total_minor for share in found if share.lines
    )
    assert sum(gross_of_lines(bill).values()) == bill.total_minor


def test_a_share_is_due_until_it_is_paid() -> None:
    bill = charged([{"qty": 1, "price_minor": 1000, "member": "chinu"}, {"qty": 1, "price_minor": 500}])
    bill = following(bill, BillSplit("guest", (Share(1, "Chinu", member="chinu"),)))
    for event in (PaymentBegun("p1", "CASH", 400, share=1), PaymentSettled("p1")):
        bill = following(bill, event)
    first, rest = shares_of(bill)
    assert (first.paid_minor, first.due_minor) == (400, 600)
    assert (rest.id, rest.label, rest.due_minor) == (REST, "", 500)
    assert share_of(bill, 1) == first
    assert share_of(bill, 7) is None
    assert shares_of(charged([{"qty": 1, "price_minor": 5}])) == ()
