"""The beginning of a play session: is the station free, and is it paid for? (seed 003 §1 and §6)

The station is taken in the transaction that makes the session, so two people can never start on one. With
a card it is kept for a while until the payment is confirmed.
"""

from edge.core.bookings import calendar
from edge.core.clock import Now
from edge.core.money.credit import Terms
from edge.core.play import payment as play_payment
from edge.core.play.commands import StartPlay
from edge.core.play.payment import Paid, Sale
from edge.core.play.session import aggregate_of
from edge.core.play.station import taken
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.play_events import PlayBegun, PlayOrdered

#: How long a station is kept for somebody whose card payment has not come.
KEPT_S = 600


def start(view: VenueView, command: StartPlay, now: Now) -> list[Proposal] | Refusal:
    """Take the station, then begin at once or wait for the card."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    seat = taken(view, command.station_id, command.session_id)
    if isinstance(seat, Refusal):
        return seat
    away = _nobody_there(view, command.table_session)
    if away is not None:
        return away
    paid = _paid(view, command, now)
    if isinstance(paid, Refusal):
        return paid
    seconds = paid.entitlement.seconds
    in_the_way = calendar.booked(view, command.station_id, seconds, now, command.booking_id)
    if in_the_way is not None and not command.despite_booking:
        return in_the_way
    ordered = PlayOrdered(
        session_id=command.session_id,
        station_id=command.station_id,
        currency=venue.config.currency,
        off_policy=venue.config.play.off_policy,
        grace_s=venue.config.play.grace_s,
        entitlement=paid.entitlement,
        user_id=command.user_id,
        table_session=command.table_session,
        booking_id=command.booking_id,
    )
    of_play = aggregate_of(command.session_id)
    proposals: list[Proposal] = [seat, (of_play, ordered)]
    if command.method != "CARD" or (command.deposit is not None and not paid.entitlement.amount_minor):
        proposals.append((of_play, PlayBegun(paid.entitlement.id)))
    return [*proposals, *paid.proposals]


def _nobody_there(view: VenueView, table_session: str | None) -> Refusal | None:
    """Why a table cannot take play time on its bill."""
    if table_session is None:
        return None
    table = view.table(table_session)
    if table is None:
        return refuse("unknown_session")
    return None if table.status == "open" else refuse("table_free")


def _paid(view: VenueView, command: StartPlay, now: Now) -> Paid | Refusal:
    sale = Sale(
        command.station_id,
        command.seconds,
        command.method,
        command.amount_minor,
        command.user_id,
        command.code,
        terms=Terms(command.cloud_away, command.on_credit),
        deposit=command.deposit,
    )
    if command.method == "CODE":
        return play_payment.redeem(view, sale, command.entitlement_id, command.session_id)
    return play_payment.pay(view, sale, command.entitlement_id, now)
