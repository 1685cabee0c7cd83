"""Deposits of bookings: money that guests leave here before they have got anything for it.

Taking one is a payment without a bill, counted in the drawer and in the shift as `taken`. It becomes a sale,
with line, tax and receipt, when it is used (`edge/core/play/money.py`) or kept; given back it leaves as it
came, by the ledger of refunds: what went by way of the provider returns to the card by itself, what went
through a terminal is given back there by whoever cancels.
"""

from edge.core.bookings import calendar
from edge.core.bookings.commands import MakeBooking, PayDeposit
from edge.core.clock import Now
from edge.core.local_time import local
from edge.core.money import bill as bills
from edge.core.money import grants, payment, receipts, shift
from edge.core.play import tariff
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import booking as facts
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
from protocol.facts.booking import Booking, BookingMade, aggregate_of
from protocol.facts.payment import (
    UNDER_WAY,
    Payment,
    PaymentCompleted,
    PaymentInitiated,
    PaymentPartlyRefunded,
    PaymentRefunded,
    PaymentUnknown,
)
from protocol.facts.play_events import Deposit, PlayAbandoned, PlayBegun, PlayOrdered
from protocol.facts.shift import Counted, DepositCounted, TakingsCounted

HOUSE_RULE = "house rule"
NOT_PAID = "nobody paid in time"
GIVEN_AWAY = "its slot was given away meanwhile"


def asked_minor(view: VenueView, station_id: str, starts_ms: int, seconds: int) -> int:
    """What the house rules ask for: never more than the time costs that is booked."""
    venue = view.venue()
    if venue is None:
        return 0
    play = venue.config.play
    station = play.station(station_id)
    found = play.tariff(station.zone if station else "")
    if found is None:
        return play.bookings.deposit_minor
    begins = local(starts_ms, venue.config.timezone)
    return min(play.bookings.deposit_minor, tariff.price_minor(found, seconds, begins))


def paid(
    view: VenueView, command: MakeBooking | PayDeposit, made: BookingMade, method: str
) -> list[Proposal] | Refusal:
    """The deposit: there at once in cash or from a balance; a card's is there when somebody says so."""
    pid, amount_minor = command.payment_pid, made.deposit_minor
    spent: list[Proposal] = []
    if method == "BALANCE":
        drawn = grants.spend(view, command.user_id, pid, amount_minor, made.currency, "booking")
        if isinstance(drawn, Refusal):
            return drawn
        spent = drawn
    elif method not in ("CASH", "CARD"):
        return refuse("method_unavailable")
    owner = command.user_id if method == "BALANCE" else None
    first = PaymentInitiated(
        pid, method, made.currency, amount_minor, session_pid=made.booking_id, user_id=owner
    )
    of_booking, of_payment = aggregate_of(made.booking_id), payment.aggregate_of(pid)
    begun: list[Proposal] = [(of_booking, facts.DepositBegun(pid, method)), (of_payment, first)]
    if method == "CARD":
        return begun
    till = shift.Till(shift.MAIN, command.shift_pid)
    counted: list[Counted] = [
        TakingsCounted(pid, method, amount_minor),
        DepositCounted(pid, "taken", amount_minor),
    ]
    return [
        *begun,
        *spent,
        *shift.counting(view, till, made.currency, counted),
        (of_payment, PaymentCompleted(shift.pid_at(view, till))),
        (of_booking, facts.BookingConfirmed()),
    ]


def under_way(view: VenueView, booking: Booking) -> Payment | None:
    """A card of which nobody knows yet whether its money comes."""
    found = view.payment(booking.deposit_pid or "")
    return found if found is not None and found.status in UNDER_WAY else None


def given_up(view: VenueView, booking: Booking) -> list[Proposal]:
    """A card that never came stays open to come late: it may still be charged."""
    waiting = under_way(view, booking)
    if waiting is None or waiting.status not in ("INITIATED", "PENDING"):
        return []
    return [(payment.aggregate_of(waiting.initiated.payment_pid), PaymentUnknown(NOT_PAID))]


def worth(view: VenueView, booking: Booking) -> Deposit | None:
    """What a deposit that was paid is still worth; None where there is none."""
    money = view.payment(booking.deposit_pid or "") if booking.deposit == "paid" else None
    if money is None or not money.left_minor:
        return None
    return Deposit(booking.booking_id, money.initiated.payment_pid, money.left_minor)


def sold(view: VenueView, deposit: Deposit, name: str) -> tuple[BillLine, tuple[BillEvent, ...]]:
    """A deposit on a bill: the line that it pays for, and the payment."""
    money, venue = view.payment(deposit.payment_pid), view.venue()
    rate_bp = venue.config.play.tax_rate_bp if venue else 0
    line = BillLine(
        f"{PLAY_SESSION}:{deposit.payment_pid}",
        PLAY_SESSION,
        deposit.booking_id,
        f"{name}, deposit",
        1,
        deposit.amount_minor,
        tax_rate_bp=rate_bp,
    )
    method = money.initiated.method if money else ""
    begun = PaymentBegun(deposit.payment_pid, method, deposit.amount_minor)
    return line, (begun, PaymentSettled(deposit.payment_pid))


def kept(view: VenueView, booking: Booking, shift_pid: str, now: Now) -> list[Proposal]:
    """The venue's from now on: a sale on a bill of its own, under the booking's id."""
    deposit = worth(view, booking)
    if deposit is None:
        return []
    pid, venue = booking.booking_id, view.venue()
    station = venue.config.play.station(booking.station_id) if venue else None
    name = station.name if station else booking.station_id
    opened = BillOpened(pid, name, booking.made.currency)
    bill = Bill(1, pid, name, booking.made.currency, status="open", opened_ms=now.wall_ms)
    line, money = sold(view, deposit, name)
    counted = DepositCounted(deposit.payment_pid, "kept", deposit.amount_minor)
    till = shift.Till(shift.MAIN, shift_pid)
    events = (LinesCharged((line,)), *money)
    concluded = receipts.conclude(view, bill, events, till, now, counted=[counted])
    return [(bills.aggregate_of(pid), opened), *concluded]


def back(view: VenueView, booking: Booking, refund_pid: str, shift_pid: str, now: Now) -> list[Proposal]:
    """Out of the drawer, onto the balance, or onto the card that it came from."""
    deposit = worth(view, booking)
    money = view.payment(deposit.payment_pid) if deposit else None
    if deposit is None or money is None:
        return []
    given = payment.Back(refund_pid, deposit.amount_minor, 0, "booking cancelled in time", HOUSE_RULE)
    return payment.refunded(view, money, given, shift.Till(money.initiated.till, shift_pid), now)


def followed(view: VenueView, proposals: list[Proposal]) -> list[Proposal]:
    """What follows for bookings when money or play moves by itself: confirmed, used, owed, back, reopened."""
    more: list[Proposal] = []
    for aggregate, event in proposals:
        name = aggregate.partition(":")[2]
        match event:
            case PaymentCompleted(shift_pid=shift_pid):
                more += _came(view, name, shift_pid)
            case PaymentPartlyRefunded() | PaymentRefunded():
                more += _returned(view, name, event)
            case PlayBegun(entitlement_id=entitlement_id):
                more += _used(view, name, entitlement_id, proposals)
            case PlayAbandoned():
                more += _reopened(view, name)
    return more


def _came(view: VenueView, payment_pid: str, shift_pid: str) -> list[Proposal]:
    """A card's money is there: for a booking that waits, or too late."""
    money = view.payment(payment_pid)
    booking = view.booking(money.initiated.session_pid or "") if money else None
    if money is None or booking is None or booking.deposit != "due" or booking.deposit_pid != payment_pid:
        return []
    event = facts.BookingConfirmed() if booking.status == "HELD" else facts.DepositOwed()
    taken = DepositCounted(payment_pid, "taken", money.initiated.amount_minor)
    return [(aggregate_of(booking.booking_id), event), (shift.aggregate_of(shift_pid), taken)]


def _returned(view: VenueView, payment_pid: str, event: PaymentPartlyRefunded) -> list[Proposal]:
    """Some or all of a deposit that nobody has used went back."""
    money = view.payment(payment_pid)
    booking = view.booking(money.initiated.session_pid or "") if money else None
    if booking is None or booking.deposit_pid != payment_pid or booking.deposit not in ("paid", "owed"):
        return []
    back = DepositCounted(payment_pid, "returned", event.amount_minor)
    counted: list[Proposal] = [(shift.aggregate_of(event.shift_pid), back)]
    if not isinstance(event, PaymentRefunded):
        return counted
    return [*counted, (aggregate_of(booking.booking_id), facts.DepositReturned())]


def _used(view: VenueView, session_id: str, entitlement_id: str, proposals: list[Proposal]) -> list[Proposal]:
    """Play has begun that a deposit pays for in part."""
    ordered = next((each for _, each in proposals if isinstance(each, PlayOrdered)), None)
    session = view.play(session_id)
    offer = session.offered.get(entitlement_id) if session else ordered.entitlement if ordered else None
    if offer is None or offer.deposit is None:
        return []
    return [(aggregate_of(offer.deposit.booking_id), facts.DepositUsed())]


def _reopened(view: VenueView, session_id: str) -> list[Proposal]:
    """It stands again, unless its slot was sold while the guest sat elsewhere or had come early."""
    session = view.play(session_id)
    booking = view.booking(session.ordered.booking_id or "") if session else None
    if booking is None or booking.status != "CHECKED_IN" or booking.session_id != session_id:
        return []
    first = booking.made
    sold_to = calendar.overlapping(view, first.station_id, first.starts_ms, first.ends_ms, booking.booking_id)
    event = facts.BookingCancelled(GIVEN_AWAY) if sold_to else facts.BookingReopened()
    return [(aggregate_of(booking.booking_id), event)]
