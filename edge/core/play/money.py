"""What play time does to payments, bills and the drawer, whichever command it came by.

Time that is paid ahead is charged to a bill of its own, under the play session's id, and paid in the same
transaction, so it has a receipt like any meal. Postpaid time is charged when it ends: to that bill, or to the
table's, so that food and play are one bill. A card's payment is INITIATED with the order and completed by
whoever says that the money came: the counter, or the adapter of a terminal. Money that buys nothing (the
session has ended meanwhile) is counted, and goes back (`late_money.py`).

Counterparts: `play/payment.py` makes entitlements, `payment.py` moves payments along their table.
"""

from collections.abc import Sequence

from edge.core.afar.commands import ReturnPayment
from edge.core.bookings import deposits
from edge.core.clock import Now
from edge.core.money import bill as bills
from edge.core.money import grants, receipts, shift
from edge.core.money.commands import AdvancePayment, RefundPayment, StoreCard
from edge.core.money.payment import aggregate_of as payment_aggregate
from edge.core.play import late_money
from edge.core.play.session import aggregate_of as play_aggregate
from edge.core.play.session import bought
from edge.core.play.station import freed
from edge.core.view import Proposal, VenueView
from protocol.facts.bill import Bill
from protocol.facts.bill_events import (
    PLAY_SESSION,
    BillEvent,
    BillLine,
    BillOpened,
    LinesCharged,
    PaymentBegun,
    PaymentSettled,
)
from protocol.facts.payment import (
    UNDER_WAY,
    Payment,
    PaymentCompleted,
    PaymentFailed,
    PaymentInitiated,
    PaymentPartlyRefunded,
    PaymentUnknown,
)
from protocol.facts.play import PlaySession
from protocol.facts.play_code import CodeIssued
from protocol.facts.play_events import (
    Entitlement,
    PlayAbandoned,
    PlayBegun,
    PlayExpired,
    PlayOrdered,
    PlayStopped,
    RefundOwed,
    TimeAdded,
    TimeOffered,
)
from protocol.facts.shift import Counted, DepositCounted, ShiftOpened, TakingsCounted

_PAID_AHEAD = ("CASH", "CARD", "BALANCE")
NOT_PAID = "nobody paid in time"


def settled(view: VenueView, proposals: Sequence[Proposal], now: Now) -> list[Proposal]:
    """Payments, charges and takings that belong to what was decided about play."""
    money: list[Proposal] = []
    orders = {aggregate: event for aggregate, event in proposals if isinstance(event, PlayOrdered)}
    for aggregate, event in proposals:
        session_id = aggregate.partition(":")[2]
        match event:
            case PlayOrdered(entitlement=offer) | TimeOffered(entitlement=offer) if _by_card(offer):
                money.append((payment_aggregate(offer.id), _initiated(view, offer, session_id)))
            case PlayBegun(entitlement_id=entitlement_id):
                ordered = orders.get(aggregate)
                paid = ordered.entitlement if ordered else _offer(view, session_id, entitlement_id)
                money += _sold(view, session_id, _station_of(view, session_id, ordered), paid, now)
            case TimeAdded(entitlement=added):
                money += _sold(view, session_id, _station_of(view, session_id, None), added, now)
            case RefundOwed(entitlement_id=entitlement_id):
                money += _came_too_late(view, entitlement_id, now)
            case PlayAbandoned():
                money += _given_up(view, session_id)
            case PlayExpired(due_minor=due) | PlayStopped(due_minor=due) if due:
                money += _owed(view, session_id, due, now)
            case CodeIssued(code=code, amount_minor=amount, method=method) if amount:
                money += _taken(view, f"code-{code}", method, amount)
    return money


def delivered(
    view: VenueView,
    command: AdvancePayment | RefundPayment | StoreCard | ReturnPayment,
    proposals: Sequence[Proposal],
    now: Now,
) -> list[Proposal]:
    """What follows for play when a payment was moved along by itself: time, a free station, a balance."""
    payment = view.payment(command.payment_pid)
    session_id = payment.initiated.session_pid if payment else None
    session = view.play(session_id) if session_id else None
    if payment is None or session is None:
        return []
    for _aggregate, event in proposals:
        if isinstance(event, PaymentPartlyRefunded) and payment.initiated.method == "BALANCE":
            # What a bill was paid with knows its owner, and went back with the refund itself.
            owner = session.ordered.user_id if payment.initiated.user_id is None else None
            return grants.returned(view, owner, event.refund_pid, event.amount_minor) if owner else []
        offer = session.offered.get(command.payment_pid)
        if isinstance(event, PaymentCompleted) and offer is not None:
            till = shift.Till(payment.initiated.till, event.shift_pid)
            return _delivered(view, session, payment, offer, till, now)
        if isinstance(event, PaymentFailed) and session.status == "AWAITING":
            abandoned: Proposal = (play_aggregate(session.session_id), PlayAbandoned(NOT_PAID))
            return [abandoned, freed(view, session.station_id)]
    return []


def _delivered(
    view: VenueView, session: PlaySession, payment: Payment, offer: Entitlement, till: shift.Till, now: Now
) -> list[Proposal]:
    """The shift is open: it has just counted the payment."""
    event = bought(session, offer)
    delivery: list[Proposal] = [(play_aggregate(session.session_id), event)]
    if isinstance(event, RefundOwed):
        return [*delivery, *late_money.gone_back(view, payment, till, now)]
    name = _station_of(view, session.session_id, None)
    charged = _charged(view, session.session_id, name, offer, till, now, counted=())
    return [*delivery, *(each for each in charged if not isinstance(each[1], ShiftOpened))]


def _by_card(offer: Entitlement) -> bool:
    """Whether a card has to come: not where a deposit has paid for all of it."""
    return offer.method == "CARD" and bool(offer.amount_minor or offer.deposit is None)


def _offer(view: VenueView, session_id: str, entitlement_id: str) -> Entitlement | None:
    session = view.play(session_id)
    return session.offered.get(entitlement_id) if session else None


def _station_of(view: VenueView, session_id: str, ordered: PlayOrdered | None) -> str:
    """What the station is called, for people who read a bill."""
    session, venue = view.play(session_id), view.venue()
    station_id = ordered.station_id if ordered else session.station_id if session else ""
    station = venue.config.play.station(station_id) if venue else None
    return station.name if station else station_id


def _initiated(view: VenueView, offer: Entitlement, session_id: str | None) -> PaymentInitiated:
    return PaymentInitiated(
        offer.id, offer.method, _currency(view), offer.amount_minor, session_pid=session_id
    )


def _currency(view: VenueView) -> str:
    venue = view.venue()
    return venue.config.currency if venue else "EUR"


def _sold(view: VenueView, session_id: str, name: str, offer: Entitlement | None, now: Now) -> list[Proposal]:
    """Charge time, pay it, count it."""
    if offer is None or not offer.worth_minor or (offer.method not in _PAID_AHEAD and not offer.deposit):
        return []
    if not offer.amount_minor:  # a deposit has paid for all of it, or it is charged when it ends
        return _charged(view, session_id, name, offer, shift.Till(shift.MAIN, offer.id), now, counted=())
    aggregate, till = payment_aggregate(offer.id), shift.Till(shift.MAIN, offer.id)
    known = view.payment(offer.id)
    begun: list[Proposal] = [] if known else [(aggregate, _initiated(view, offer, session_id))]
    takings = TakingsCounted(offer.id, offer.method, offer.amount_minor)
    return [
        *begun,
        *_charged(view, session_id, name, offer, till, now, counted=(takings,)),
        (aggregate, PaymentCompleted(shift.pid_at(view, till))),
    ]


def _charged(
    view: VenueView,
    session_id: str,
    name: str,
    offer: Entitlement,
    till: shift.Till,
    now: Now,
    *,
    counted: tuple[Counted, ...],
) -> list[Proposal]:
    """The line, and the payment on the same bill; a deposit with its own beside them."""
    pid, bill = bills.paying(view, session_id), view.bill(bills.paying(view, session_id))
    opened: list[Proposal] = []
    if bill is None:
        opened = [(bills.aggregate_of(pid), BillOpened(pid, name, _currency(view)))]
        bill = Bill(1, pid, name, _currency(view), status="open", opened_ms=now.wall_ms)
    lines: list[BillLine] = []
    paid: list[BillEvent] = []
    if offer.amount_minor:
        lines = [_line(view, f"{PLAY_SESSION}:{offer.id}", session_id, name, offer.amount_minor)]
        paid = [PaymentBegun(offer.id, offer.method, offer.amount_minor), PaymentSettled(offer.id)]
    if offer.deposit is not None:
        line, settled_before = deposits.sold(view, offer.deposit, name)
        lines, paid = [*lines, line], [*paid, *settled_before]
        used = DepositCounted(offer.deposit.payment_pid, "used", offer.deposit.amount_minor)
        counted = (*counted, used)
    events = (LinesCharged(tuple(lines)), *paid)
    return [*opened, *receipts.conclude(view, bill, events, till, now, counted=counted)]


def _line(view: VenueView, line_id: str, session_id: str, name: str, price_minor: int) -> BillLine:
    """Prices of time are told with their tax, whatever the menu does."""
    venue = view.venue()
    rate_bp = venue.config.play.tax_rate_bp if venue else 0
    return BillLine(line_id, PLAY_SESSION, session_id, name, 1, price_minor, tax_rate_bp=rate_bp)


def _owed(view: VenueView, session_id: str, due_minor: int, now: Now) -> list[Proposal]:
    """Postpaid time has ended: it is on the table's bill, or waits on its own."""
    session = view.play(session_id)
    name = _station_of(view, session_id, None)
    line = _line(view, f"{PLAY_SESSION}:{session_id}", session_id, name, due_minor)
    table = session.ordered.table_session if session else None
    return bills.charge(view, table or session_id, name, LinesCharged((line,)), now)


def _came_too_late(view: VenueView, payment_pid: str, now: Now) -> list[Proposal]:
    payment = view.payment(payment_pid)
    if payment is None or payment.status not in UNDER_WAY:
        return []
    till = shift.Till(shift.MAIN, payment_pid)
    takings = TakingsCounted(payment_pid, payment.initiated.method, payment.initiated.amount_minor)
    return [
        *shift.counting(view, till, payment.initiated.currency, [takings]),
        (payment_aggregate(payment_pid), PaymentCompleted(shift.pid_at(view, till))),
        *late_money.gone_back(view, payment, till, now),
    ]


def _given_up(view: VenueView, session_id: str) -> list[Proposal]:
    """Payments that never came stay open to come late: a card may still be charged."""
    session = view.play(session_id)
    offered = session.offered if session else {}
    waiting = (view.payment(pid) for pid in offered)
    return [
        (payment_aggregate(each.initiated.payment_pid), PaymentUnknown(NOT_PAID))
        for each in waiting
        if each is not None and each.status in ("INITIATED", "PENDING")
    ]


def _taken(view: VenueView, payment_pid: str, method: str, amount_minor: int) -> list[Proposal]:
    """Money for later play: a payment without a bill."""
    aggregate, till = payment_aggregate(payment_pid), shift.Till(shift.MAIN, payment_pid)
    takings = TakingsCounted(payment_pid, method, amount_minor)
    return [
        (aggregate, PaymentInitiated(payment_pid, method, _currency(view), amount_minor)),
        *shift.counting(view, till, _currency(view), [takings]),
        (aggregate, PaymentCompleted(shift.pid_at(view, till))),
    ]
