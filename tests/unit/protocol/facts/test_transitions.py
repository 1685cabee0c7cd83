"""Every pair of state and event: the tables of protocol/facts are what evolve obeys, and nothing else."""

from typing import Any

import msgspec
import pytest

from protocol.facts import bill, bill_events, cart, order, payment, printout, shift, table, ticket
from protocol.facts.cart import Cart, CartItem, CartLock
from protocol.facts.fact import Fact, ImpossibleFact
from protocol.facts.fold import KINDS, AnyFact, State, evolve, rows
from protocol.facts.order import Order, OrderLine, OrderPlaced
from protocol.facts.printout import Printout
from protocol.facts.receipt import Receipt
from protocol.facts.table import Member, TableSession
from protocol.facts.ticket import (
    HeldTicketFired,
    Ticket,
    TicketAdvanced,
    TicketFired,
    TicketHeld,
    TicketLineBumped,
    TicketRedirected,
)
from protocol.facts.venue import PosConfig
from protocol.taxes import TaxGroup

LINE = OrderLine(1, 17, "Burger", 1, 950, 1, "chinu", "grill")
PLACED = OrderPlaced("ORD-7-1", 1, "s1", "T1", "chinu", "0" * 64, (LINE,), 950, "EUR")
FIRED = TicketFired("K-1", "grill", "ORD-7-1", "s1", "T1", (LINE,))
ASKED = printout.PrintAsked("K-1@grill", "ticket")
ITEM = CartItem(1, 17, "Burger", 1, "chinu", 950, 1)

RECEIPT = Receipt(1, "sale", "EUR", "T1", (), (TaxGroup(0, 950, 0, 950),), 1)

TABLE_EVENTS: dict[str, Any] = {
    "MemberJoined": table.MemberJoined("anshu", "Anshu", "f" * 64),
    "PassValidated": table.PassValidated("chinu"),
    "TableMoved": table.TableMoved("TABLE2", "T2"),
    "TableSplit": table.TableSplit("s2", ("chinu",)),
    "TableMerged": table.TableMerged("s2"),
    "TableClosed": table.TableClosed("left"),
}
CART_EVENTS: dict[str, Any] = {
    "ItemChanged": cart.ItemChanged(1, 2, 2, 950),
    "ItemRemoved": cart.ItemRemoved(1, 2),
    "CartLocked": cart.CartLocked("ORD-7-1", "chinu", 1),
    "CartUnlocked": cart.CartUnlocked("ORD-7-1", "failed"),
    "ItemsOrdered": cart.ItemsOrdered("ORD-7-1"),
}
PRINT_EVENTS: dict[str, Any] = {
    "PrintBegun": printout.PrintBegun("Grill printer"),
    "PrintFinished": printout.PrintFinished("Grill printer"),
    "PrintDropped": printout.PrintDropped("served"),
}
CALLED = order.PosAsked(1, PosConfig("webhook", "http://till"))
ORDER_EVENTS: dict[str, Any] = {
    "PosAsked": CALLED,
    "PosDeclined": order.PosDeclined(1, "pos_down", "The till does not answer."),
    "OrderConfirmed": order.OrderConfirmed("K-1", 1, ("grill",)),
    "OrderFailed": order.OrderFailed("pos_down", "The till does not answer.", True),
    "OrderRetried": order.OrderRetried("chinu"),
    "OrderAbandoned": order.OrderAbandoned("gave up"),
}


BEGUN = bill_events.PaymentBegun("p1", "CARD", 100)
#: Each with what has to stand on the bill for it to be possible.
BILL_EVENTS: list[Any] = [
    bill_events.LinesCharged(
        (bill_events.BillLine("order_line:2", "order_line", "ORD-7-2", "Soup", 1, 580),)
    ),
    bill_events.LineVoided("a1", "order_line:1", 1, 950, "burnt", "mia"),
    bill_events.LineComped("a2", "order_line:1", 1, 950, "regulars", "mia"),
    bill_events.DiscountGiven("a3", (("order_line:1", 50),), "waited", "mia"),
    bill_events.ServiceChanged(True, ("order_line:1",)),
    bill_events.BillSplit("guest", (bill_events.Share(1, "Chinu", member="chinu"),)),
    BEGUN,
    bill_events.ReceiptIssued(RECEIPT),
    bill_events.LinesMoved(("order_line:1",), "s2"),
    bill_events.BillMerged("s2"),
]
REFUNDED = ("r1", 100, 0, 0, "paid twice", "mia", "m1")
PARTLY = ("r1", 40, 0, 0, "paid twice", "mia", "m1")
PAYMENT_EVENTS: list[tuple[str, Any]] = [
    ("PaymentPending", payment.PaymentPending("tx-1")),
    ("PaymentCompleted", payment.PaymentCompleted("m1")),
    ("PaymentFailed", payment.PaymentFailed("declined")),
    ("PaymentUnknown", payment.PaymentUnknown("no answer")),
    ("PaymentPartlyRefunded", payment.PaymentPartlyRefunded(*PARTLY)),
    ("PaymentRefunded", payment.PaymentRefunded(*REFUNDED)),
]
SHIFT_EVENTS: dict[str, Any] = {
    "CashMoved": shift.CashMoved("c1", 500, "change"),
    "TakingsCounted": shift.TakingsCounted("p1", "CASH", 100),
    "ReturnCounted": shift.ReturnCounted("r1", "CASH", 100),
    "ReceiptsCounted": shift.ReceiptsCounted((shift.ReceiptCount(1, RECEIPT.taxes),)),
    "AdjustmentCounted": shift.AdjustmentCounted("a1", "void", 950),
    "DepositCounted": shift.DepositCounted("p1", "taken", 500),
    "PrepaidCounted": shift.PrepaidCounted("p1", "paid_in", 500),
    "ShiftClosed": shift.ShiftClosed(1, 0, 0, shift.Totals(0)),
}


def payment_in(status: str) -> payment.Payment:
    """A payment in a state."""
    return payment.Payment(1, payment.PaymentInitiated("p1", "CASH", "EUR", 100), status, 1)


def shift_in(status: str) -> shift.Shift:
    """A shift in a state."""
    return shift.Shift(1, shift.ShiftOpened("m1", "main", "EUR", 0), status, shift.Totals(0), 1)


def a_bill(*following: Any) -> bill.Bill:
    """A bill with a burger on it, after some events."""
    line = bill_events.BillLine("order_line:1", "order_line", "ORD-7-1", "Burger", 1, 950)
    state = bill.Bill(1, "s1", "T1", "EUR", "open", 1, lines={line.id: line}, net_minor=950, total_minor=950)
    for event in following:
        state = bill.following(state, event)
    return state


def fact(aggregate: str, version: int, event: Any) -> AnyFact:
    """A fact at some instant."""
    return Fact(version, aggregate, version, event, "boot-1", 5, 1_700_000_000_000)


def session(status: str) -> TableSession:
    """A table session in a state."""
    members = {"chinu": Member("chinu", "Chinu", True, "0" * 64)}
    return TableSession(1, "s1", "TABLE1", "T1", status, members, False, 1)


def placed(status: str) -> Order:
    """An order in a state."""
    return Order(1, PLACED, status, 1)


def slip(state: str) -> Printout:
    """A printout in a state."""
    return Printout(1, ASKED, state, 1, 1)


def holding(state: str) -> Cart:
    """A cart with one line in a state."""
    lock = CartLock("ORD-7-1", "chinu", "boot-1", 1) if state == "locked" else None
    line = CartItem(1, 17, "Burger", 1, "chinu", 950, 1, state=state)
    return Cart(1, "s1", {1: line}, lock)


@pytest.mark.parametrize("state", table.TRANSITIONS)
@pytest.mark.parametrize("event", TABLE_EVENTS)
def test_table_sessions(state: str, event: str) -> None:
    _moves(session(state), "table:s1", TABLE_EVENTS[event], table.TRANSITIONS[state].get(event))


@pytest.mark.parametrize("state", order.TRANSITIONS)
@pytest.mark.parametrize("event", ORDER_EVENTS)
def test_orders(state: str, event: str) -> None:
    before = placed(state)
    if event == "PosDeclined":
        before = msgspec.structs.replace(before, asked=1, doubt=CALLED)
    _moves(before, "order:ORD-7-1", ORDER_EVENTS[event], order.TRANSITIONS[state].get(event))


def test_a_call_is_in_doubt_until_it_is_answered() -> None:
    state: State = placed("processing")
    doubts = []
    for version, name in enumerate(("PosAsked", "PosDeclined"), start=2):
        state = evolve(state, fact("order:ORD-7-1", version, ORDER_EVENTS[name]))
        assert isinstance(state, Order)
        doubts.append(state.doubt)
    again = order.PosAsked(2, CALLED.pos)
    asked = evolve(state, fact("order:ORD-7-1", 4, again))
    assert isinstance(asked, Order)
    assert (*doubts, asked.doubt, asked.asked, asked.tries) == (CALLED, None, again, 2, 2)
    for name in ("OrderConfirmed", "OrderFailed"):
        ended = evolve(asked, fact("order:ORD-7-1", 5, ORDER_EVENTS[name]))
        assert isinstance(ended, Order)
        assert ended.doubt is None


@pytest.mark.parametrize(
    ("doubt", "event"),
    [
        (None, order.PosAsked(2, CALLED.pos)),
        (None, order.PosAsked(0, CALLED.pos)),
        (CALLED, order.PosAsked(2, CALLED.pos)),
        (None, order.PosDeclined(1, "pos_down", "down")),
        (CALLED, order.PosDeclined(2, "pos_down", "down")),
    ],
)
def test_calls_are_made_and_answered_one_after_the_other(doubt: Any, event: Any) -> None:
    before = msgspec.structs.replace(placed("processing"), asked=1 if doubt else 0, doubt=doubt)
    with pytest.raises(ImpossibleFact):
        evolve(before, fact("order:ORD-7-1", 2, event))


@pytest.mark.parametrize("state", printout.TRANSITIONS)
@pytest.mark.parametrize("event", PRINT_EVENTS)
def test_printouts(state: str, event: str) -> None:
    expected = printout.TRANSITIONS[state].get(event)
    following = fact("print:K-1@grill", 2, PRINT_EVENTS[event])
    if expected is None:
        with pytest.raises(ImpossibleFact):
            evolve(slip(state), following)
        return
    after = evolve(slip(state), following)
    assert isinstance(after, Printout)
    assert (after.state, after.version, after.attempts) == (expected, 2, int(event == "PrintBegun"))


def _moves(before: State, aggregate: str, event: Any, expected: str | None) -> None:
    following = fact(aggregate, 2, event)
    if expected is None:
        with pytest.raises(ImpossibleFact):
            evolve(before, following)
    else:
        after = evolve(before, following)
        assert isinstance(after, TableSession | Order | payment.Payment | shift.Shift)
        assert (after.status, after.version) == (expected, 2)


@pytest.mark.parametrize("before", ticket.TRANSITIONS)
@pytest.mark.parametrize("after", ticket.TRANSITIONS)
def test_tickets(before: str, after: str) -> None:
    state = Ticket(1, FIRED, before, 1, 1, 1)
    following = fact("ticket:K-1@grill", 2, TicketAdvanced(after))
    if after != "fired" and after in ticket.TRANSITIONS[before]:
        moved = evolve(state, following)
        assert isinstance(moved, Ticket)
        assert moved.state == after
    else:
        with pytest.raises(ImpossibleFact):
            evolve(state, following)


@pytest.mark.parametrize("state", cart.TRANSITIONS)
@pytest.mark.parametrize("event", CART_EVENTS)
def test_cart_items(state: str, event: str) -> None:
    expected = cart.TRANSITIONS[state].get(event)
    following = fact("cart:s1", 2, CART_EVENTS[event])
    whole = event in ("CartUnlocked", "ItemsOrdered") or (event == "CartLocked" and state != "locked")
    if expected is None and not whole:
        with pytest.raises(ImpossibleFact):
            evolve(holding(state), following)
        return
    after = evolve(holding(state), following)
    assert isinstance(after, Cart)
    assert after.items[1].state == (expected or state)


@pytest.mark.parametrize(
    "event", [cart.CartUnlocked("ORD-7-2", "failed"), cart.ItemsOrdered("ORD-7-2")], ids=["unlock", "order"]
)
def test_a_lock_is_ended_by_its_own_order(event: Any) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(holding("locked"), fact("cart:s1", 2, event))


def test_every_lock_has_a_token_that_no_earlier_one_had() -> None:
    tokens = []
    state: State = holding("pending")
    for version in (2, 4):
        state = evolve(state, fact("cart:s1", version, CART_EVENTS["CartLocked"]))
        assert isinstance(state, Cart)
        assert state.lock is not None
        tokens.append(state.lock.token)
        state = evolve(state, fact("cart:s1", version + 1, CART_EVENTS["CartUnlocked"]))
    assert tokens == [2, 4]


@pytest.mark.parametrize(
    "event",
    [
        cart.ItemChanged(1, 1, 2, 950),
        cart.ItemChanged(1, 3, 2, 950),
        cart.ItemRemoved(1, 1),
        cart.ItemRemoved(1, 7),
        cart.ItemAdded(ITEM),
        cart.ItemChanged(9, 2, 2, 950),
    ],
)
def test_a_line_takes_one_version_after_the_other(event: Any) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(holding("pending"), fact("cart:s1", 2, event))


@pytest.mark.parametrize(
    "event",
    [
        *TABLE_EVENTS.values(),
        *PRINT_EVENTS.values(),
        *list(CART_EVENTS.values()),
        *ORDER_EVENTS.values(),
        *(event for _, event in PAYMENT_EVENTS),
        *SHIFT_EVENTS.values(),
        *BILL_EVENTS,
    ],
)
def test_nothing_happens_to_what_is_not_there(event: Any) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(None, fact(f"{KINDS[type(event)]}:s1", 1, event))


@pytest.mark.parametrize(
    ("before", "event"),
    [
        (session("open"), table.TableOpened("s1", "TABLE1", "T1")),
        (placed("processing"), PLACED),
        (Ticket(1, FIRED, "fired", 1, 1, 1), FIRED),
        (slip("asked"), ASKED),
        (payment_in("INITIATED"), payment.PaymentInitiated("p1", "CASH", "EUR", 100)),
        (shift_in("open"), shift.ShiftOpened("m1", "main", "EUR", 0)),
        (a_bill(), bill_events.BillOpened("s1", "T1", "EUR")),
    ],
)
def test_nothing_begins_twice(before: State, event: Any) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(before, fact(f"{KINDS[type(event)]}:s1", 2, event))


@pytest.mark.parametrize("version", [0, 1, 3])
def test_versions_are_dense(version: int) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(session("open"), fact("table:s1", version, table.PassValidated("chinu")))


def test_a_failed_order_is_tried_again_under_its_own_id() -> None:
    state: State = placed("processing")
    for version, name in enumerate(("OrderFailed", "OrderRetried", "OrderConfirmed"), start=2):
        state = evolve(state, fact("order:ORD-7-1", version, ORDER_EVENTS[name]))
    assert isinstance(state, Order)
    assert (state.order_id, state.status, state.attempts, state.failure) == ("ORD-7-1", "confirmed", 2, None)


@pytest.mark.parametrize("event", CART_EVENTS)
def test_rows_of_a_cart_are_the_lines_that_moved(event: str) -> None:
    state = {"CartLocked": "pending", "ItemChanged": "pending", "ItemRemoved": "pending"}.get(event, "locked")
    following = fact("cart:s1", 2, CART_EVENTS[event])
    after = evolve(holding(state), following)
    assert [name for name, _ in rows(after, following)] == ["carts", "cart_items"]


@pytest.mark.parametrize("state", ticket.TRANSITIONS)
def test_only_a_held_ticket_is_fired_with_its_course(state: str) -> None:
    waiting = Ticket(1, FIRED, state, 1, 1, 1, (3,))
    called: AnyFact = Fact(9, "ticket:K-1@grill", 2, HeldTicketFired(), "boot-1", 5, 77)
    if state != "held":
        with pytest.raises(ImpossibleFact):
            evolve(waiting, called)
        return
    after = evolve(waiting, called)
    assert after == Ticket(2, FIRED, "fired", 77, 9, 77)


def test_a_ticket_is_held_before_anything_else() -> None:
    held = evolve(None, fact("ticket:K-1@grill", 1, TicketHeld(FIRED)))
    assert isinstance(held, Ticket)
    assert (held.state, held.fired) == ("held", FIRED)
    with pytest.raises(ImpossibleFact):
        evolve(held, fact("ticket:K-1@grill", 2, TicketHeld(FIRED)))
    with pytest.raises(ImpossibleFact):
        evolve(held, fact("ticket:K-1@grill", 2, TicketLineBumped(1, True)))


def test_a_ticket_follows_the_guests_in_any_state() -> None:
    for state in ticket.TRANSITIONS:
        moved = evolve(Ticket(1, FIRED, state, 1, 1, 1), fact("ticket:K-1@grill", 2, TicketRedirected("T2")))
        assert isinstance(moved, Ticket)
        assert (moved.fired.table_name, moved.state) == ("T2", state)
    with pytest.raises(ImpossibleFact):
        evolve(None, fact("ticket:K-1@grill", 1, TicketRedirected("T2")))


@pytest.mark.parametrize(
    "event", [table.TableSplit("s2", ("bela",)), table.TableSplit("s2", ("chinu",), "chinu")]
)
def test_strangers_do_not_part(event: Any) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(session("open"), fact("table:s1", 2, event))
