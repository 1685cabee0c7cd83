"""What time costs at a station and how it is paid: the seam between play and money (seed 003 §6).

Cash counts when it is taken, a balance when its ledger has said so in the same transaction, a card when its
payment is confirmed later, a postpaid session at its end, a guest code when it is redeemed. The payment's id
is the entitlement's, so money and time can never come apart.
"""

import msgspec

from edge.core.clock import Now
from edge.core.money import grants
from edge.core.money.credit import NO_CREDIT, Terms
from edge.core.play import tariff
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import play_code
from protocol.facts.play import PlaySession
from protocol.facts.play_events import Deposit, Entitlement, Method
from protocol.money import to_major

#: Longest time on account: twelve hours.
POSTPAID_SECONDS = 12 * 3600


class Sale(msgspec.Struct, frozen=True):
    """Time at a station, and how the caller wants to pay for it.

    `agreed` is what the beginning was sold for, which prices more of the same where no tariff does; `terms`
    are those on which the venue stands in for what a balance lacks. A `deposit` pays first.
    """

    station_id: str
    seconds: int | None
    method: Method
    amount_minor: int | None
    user_id: str | None = None
    code: str | None = None
    agreed: Entitlement | None = None
    terms: Terms = NO_CREDIT
    deposit: Deposit | None = None


class Paid(msgspec.Struct, frozen=True):
    """What was bought, and what the payment writes beside it."""

    entitlement: Entitlement
    proposals: list[Proposal] = []


def same_again(session: PlaySession) -> Method:
    """How an extension is paid when nobody says: as the beginning was, where that needs no one to act."""
    method = session.ordered.entitlement.method
    return method if method in ("BALANCE", "POSTPAID") else "CASH"


def pay(view: VenueView, sale: Sale, entitlement_id: str, now: Now) -> Paid | Refusal:
    """The entitlement, or why there is none."""
    if sale.method == "CODE":
        return refuse("invalid", "A code starts a session; it cannot extend one.")
    if sale.method == "POSTPAID":
        seconds = sale.seconds or POSTPAID_SECONDS
        tariff_name = _tariff_name(view, sale)
        on_account = Entitlement(entitlement_id, seconds, 0, "POSTPAID", tariff_name, deposit=sale.deposit)
        return Paid(on_account)
    if not sale.seconds:
        return refuse("invalid", "Say how many minutes.")
    amount_minor = _amount_minor(view, sale, sale.seconds, now)
    if isinstance(amount_minor, Refusal):
        return amount_minor
    amount_minor = max(0, amount_minor - (sale.deposit.amount_minor if sale.deposit else 0))
    entitlement = Entitlement(
        entitlement_id,
        sale.seconds,
        amount_minor,
        sale.method,
        _tariff_name(view, sale),
        deposit=sale.deposit,
    )
    if sale.method != "BALANCE" or not amount_minor:
        return Paid(entitlement)
    venue = view.venue()
    currency = venue.config.currency if venue else ""
    spent = grants.spend(view, sale.user_id, entitlement_id, amount_minor, currency, "play", sale.terms)
    return spent if isinstance(spent, Refusal) else Paid(entitlement, spent)


def redeem(view: VenueView, sale: Sale, entitlement_id: str, session_id: str) -> Paid | Refusal:
    """Time for a guest code, which is worth nothing afterwards."""
    code = view.play_code(sale.code or "")
    if code is None:
        return refuse("unknown_code")
    if code.status != "issued":
        return refuse("code_used")
    name = code.issued.code
    entitlement = Entitlement(entitlement_id, code.issued.seconds, 0, "CODE", code=name)
    used: Proposal = (play_code.aggregate_of(name), play_code.CodeRedeemed(session_id))
    return Paid(entitlement, [used])


def _tariff_name(view: VenueView, sale: Sale) -> str:
    venue = view.venue()
    station = venue.config.play.station(sale.station_id) if venue else None
    found = venue.config.play.tariff(station.zone) if venue and station else None
    return found.name if found else ""


def _amount_minor(view: VenueView, sale: Sale, seconds: int, now: Now) -> int | Refusal:
    """What is paid: the tariff's price, or more if that was agreed; without a tariff, what was agreed."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    play, currency = venue.config.play, venue.config.currency
    station = play.station(sale.station_id)
    found = play.tariff(station.zone if station else "")
    if found is None:
        return sale.amount_minor or _as_agreed(sale.agreed, seconds) or refuse("payment_required")
    due_minor = tariff.price_minor(found, seconds, tariff.local_time(now, venue.config.timezone))
    if sale.amount_minor is None:
        return due_minor
    if sale.amount_minor < due_minor:
        detail = {"due": to_major(due_minor, currency), "due_minor": due_minor}
        return refuse("payment_required", detail=detail)
    return sale.amount_minor


def _as_agreed(first: Entitlement | None, seconds: int) -> int | None:
    """In proportion to what was paid for the beginning, rounded up; None where that was nothing."""
    if first is None or not first.worth_minor:
        return None
    return -(-first.worth_minor * seconds // first.seconds)
