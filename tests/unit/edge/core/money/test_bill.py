"""What is charged, what is taken off again, by whose word, and how it is shared."""

import msgspec
import pytest

from edge.core.commands import AdoptMenu, ConfigureVenue
from edge.core.money.bill import MOST_SHARES
from edge.core.money.commands import SplitBill, VoidLine
from protocol.facts.bill_events import (
    BillOpened,
    BillSplit,
    DiscountGiven,
    LineComped,
    LinesCharged,
    LineVoided,
    ReceiptIssued,
    Share,
    ShareLine,
)
from protocol.facts.shift import AdjustmentCounted, ShiftOpened
from protocol.facts.stock import StockReturned
from protocol.shares import shares_of
from tests.sample_venue import CAKE, CHIPS, SOUP, WINE, add, config, menu, place, say_word
from tests.unit.edge.core.tables_that_pay import (
    ANN,
    BURGERS,
    FRIES,
    SOUPS,
    TOTAL_MINOR,
    Table,
    comp,
    discount,
    pay,
    takeaway,
    void,
)


def test_a_confirmed_order_is_charged_in_its_own_transaction() -> None:
    table = Table()
    opened, charged = [fact.event for fact in table.facts if fact.aggregate == "bill:s1"]
    assert opened == BillOpened("s1", "T1", "EUR")
    assert isinstance(charged, LinesCharged)
    assert [(line.id, line.qty, line.price_minor, line.member) for line in charged.lines] == [
        (BURGERS, 2, 950, "chinu"),
        (SOUPS, 1, 580, "chinu"),
        (FRIES, 1, 325, "anshu"),
    ]
    assert {(line.source, line.ref) for line in charged.lines} == {("order_line", "ORD-7-1")}
    assert (table.paid.status, table.paid.total_minor, table.paid.due_minor) == (
        "open",
        TOTAL_MINOR,
        TOTAL_MINOR,
    )


def test_another_order_goes_on_the_same_bill() -> None:
    table = Table()
    table.do(add("anshu", WINE))
    table.do(place("anshu"))
    assert table.paid.total_minor == TOTAL_MINOR + 640
    assert len(table.paid.lines) == 4


def test_tax_is_in_the_price_or_on_top_as_the_venue_has_it() -> None:
    inside = Table().paid.assessment()
    assert [(group.rate_bp, group.gross_minor) for group in inside.groups] == [(0, 2225), (700, 580)]
    assert inside.tax_minor == 38
    table = Table(ConfigureVenue(msgspec.structs.replace(config(), tax_inclusive=False)))
    table.do(add("chinu", SOUP))
    table.do(place())
    assert table.paid.total_minor == TOTAL_MINOR + 580 + 41


def test_a_line_keeps_the_rule_under_which_it_was_charged() -> None:
    table = Table()
    before = table.paid.total_minor
    table.do(ConfigureVenue(msgspec.structs.replace(config(), tax_inclusive=False)))
    table.do(takeaway())
    assert table.paid.total_minor == before


def test_what_is_taken_away_may_have_another_tax_rate() -> None:
    table = Table()
    items = tuple(
        msgspec.structs.replace(item, tax_rate_bp=1900, takeaway_tax_rate_bp=700) for item in menu(2).items
    )
    table.do(AdoptMenu(msgspec.structs.replace(menu(2), items=items)))
    table.do(add("anshu", CHIPS))
    table.do(place("anshu"))

    def rates() -> list[int]:
        return [group.rate_bp for group in table.paid.assessment().groups]

    assert rates() == [0, 700, 1900]
    table.do(takeaway(True, "order_line:4"))
    assert rates() == [0, 700]
    assert table.do(takeaway(True, "order_line:4")) == []
    table.do(takeaway(False))
    assert rates() == [0, 700, 1900]
    assert table.code(takeaway(True, "order_line:99")) == "unknown_line"


def test_a_void_needs_a_manager_and_says_who_why_and_how_much() -> None:
    table = Table()
    assert table.code(void(approved_by="ann")) == "forbidden"
    assert table.code(void(approved_by="nobody")) == "forbidden"
    command = void()
    voided, opened, counted = table.do(command)
    assert voided == LineVoided(command.adjustment, BURGERS, 1, 950, "burnt", "mia")
    assert isinstance(opened, ShiftOpened)
    assert counted == AdjustmentCounted(command.adjustment, "void", 950)
    assert table.facts[-3].by == ANN
    assert table.paid.total_minor == TOTAL_MINOR - 950
    assert table.code(void(qty=2)) == "invalid"
    table.do(void())
    assert table.code(void()) == "invalid"
    assert table.code(void("order_line:99")) == "unknown_line"
    assert table.code(VoidLine("s9", BURGERS, 1, "a", "r", "mia", ANN, "x")) == "unknown_bill"


def test_a_void_gives_counted_stock_back_when_asked_to() -> None:
    table = Table(add("chinu", CAKE, 2), place())
    assert not [event for event in table.do(void("order_line:4")) if isinstance(event, StockReturned)]
    (returned,) = [
        each for each in table.do(void("order_line:4", restock=True)) if isinstance(each, StockReturned)
    ]
    assert returned == StockReturned(CAKE, 1, "ORD-7-2")
    assert not [each for each in table.do(void(restock=True)) if isinstance(each, StockReturned)]


def test_a_comp_is_told_apart_from_a_void() -> None:
    table = Table()
    (event, *_) = table.do(comp(SOUPS))
    assert isinstance(event, LineComped)
    assert event.amount_minor == 580
    assert (table.paid.lines[SOUPS].comped, table.paid.lines[SOUPS].voided) == (1, 0)
    assert table.paid.assessment().tax_minor == 0


def test_a_discount_is_laid_on_every_line_and_its_tax() -> None:
    table = Table()
    (event, *_) = table.do(discount(percent_bp=1000))
    assert isinstance(event, DiscountGiven)
    assert sum(part for _, part in event.parts) == 281
    assert table.paid.total_minor == TOTAL_MINOR - 281
    table.do(discount(amount_minor=500))
    assert table.paid.total_minor == TOTAL_MINOR - 781
    whole = Table()
    whole.do(discount(percent_bp=10_000))
    assert (whole.paid.total_minor, whole.paid.status) == (0, "settled")


def test_a_void_after_a_discount_takes_its_part_of_it_along() -> None:
    table = Table()
    table.do(discount(percent_bp=1000))
    of_burgers = table.paid.lines[BURGERS].discount_minor
    (event, *_) = table.do(void())
    assert isinstance(event, LineVoided)
    assert event.amount_minor == 950 - of_burgers // 2
    table.do(void())
    assert table.paid.lines[BURGERS].amount_minor == 0


@pytest.mark.parametrize(
    ("percent_bp", "amount_minor"),
    [(0, None), (None, 0), (None, None), (11_000, None), (None, TOTAL_MINOR + 1), (100, 100), (None, -5)],
)
def test_what_is_no_discount(percent_bp: int | None, amount_minor: int | None) -> None:
    assert Table().code(discount(percent_bp, amount_minor)) == "invalid"


def test_a_bill_that_comes_to_be_paid_by_a_void_gets_its_receipt() -> None:
    table = Table()
    table.do(pay(TOTAL_MINOR - 325))
    assert table.paid.status == "open"
    events = table.do(void(FRIES))
    (issued,) = [event for event in events if isinstance(event, ReceiptIssued)]
    assert issued.receipt.total_minor == TOTAL_MINOR - 325
    assert [line.line for line in issued.receipt.lines] == [BURGERS, SOUPS]
    assert table.paid.status == "settled"


def split(by: str, *shares: Share) -> SplitBill:
    """Ann shares the bill."""
    return SplitBill("s1", by, shares, ANN)


def test_shares_by_item_guest_and_amount_sum_to_the_bill() -> None:
    table = Table()
    by_item = split(
        "item",
        Share(1, "Chinu", (ShareLine(BURGERS, 1), ShareLine(SOUPS, 1))),
        Share(2, "Anshu", (ShareLine(BURGERS, 1),)),
    )
    assert table.do(by_item) == [BillSplit("item", by_item.shares)]
    assert table.do(by_item) == []
    assert [(each.id, each.total_minor) for each in shares_of(table.paid)] == [(1, 1530), (2, 950), (0, 325)]
    table.do(split("guest", Share(1, "Chinu", member="chinu"), Share(2, "Anshu", member="anshu")))
    assert [(each.label, each.total_minor) for each in shares_of(table.paid)] == [
        ("Chinu", 2480),
        ("Anshu", 325),
    ]
    table.do(split("amount", Share(1, "one", amount_minor=1000), Share(2, "two", amount_minor=1000)))
    assert [each.total_minor for each in shares_of(table.paid)] == [1000, 1000, 805]
    table.do(split("item"))
    assert shares_of(table.paid) == ()
    assert table.do(split("item")) == []


def test_what_is_ordered_later_falls_to_whoever_ordered_it_or_to_the_rest() -> None:
    table = Table()
    table.do(split("guest", Share(1, "Chinu", member="chinu")))
    table.do(add("chinu", WINE))
    table.do(place())
    assert [each.total_minor for each in shares_of(table.paid)] == [2480 + 640, 325]
    table.do(void(BURGERS, 2))
    assert [each.total_minor for each in shares_of(table.paid)] == [580 + 640, 325]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (split("amount", Share(1, "", amount_minor=TOTAL_MINOR + 1)), "invalid"),
        (split("amount", Share(1, "", amount_minor=0)), "invalid"),
        (split("amount", Share(1, "")), "invalid"),
        (split("amount", Share(2, "", amount_minor=5)), "invalid"),
        (split("guest", Share(1, "")), "invalid"),
        (split("guest", Share(1, "", member="chinu"), Share(2, "", member="chinu")), "invalid"),
        (split("item", Share(1, "", (ShareLine(BURGERS, 3),))), "invalid"),
        (split("item", Share(1, "", (ShareLine(BURGERS, 0),))), "invalid"),
        (split("item", Share(1, "", (ShareLine("order_line:9", 1),))), "unknown_line"),
        (
            split("item", Share(1, "", (ShareLine(FRIES, 1),)), Share(2, "", (ShareLine(FRIES, 1),))),
            "invalid",
        ),
        (SplitBill("s9", "item", (), ANN), "unknown_bill"),
        (split("guest", *(Share(n, "", member=f"m{n}") for n in range(1, MOST_SHARES + 2))), "invalid"),
    ],
)
def test_shares_that_cannot_be(command: SplitBill, code: str) -> None:
    assert Table().code(command) == code


def test_shares_stay_once_one_of_them_was_paid() -> None:
    table = Table()
    table.do(split("guest", Share(1, "Anshu", member="anshu")))
    table.do(pay(share=1))
    assert table.code(split("item")) == "split_in_use"


def test_the_word_of_a_guest_is_not_needed_twice() -> None:
    """A bill has nothing to do with the pass word; staff may pay it whenever it is there."""
    table = Table()
    assert table.do(say_word()) == []
    assert table.do(pay())
