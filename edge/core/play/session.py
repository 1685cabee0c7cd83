"""Decisions about play sessions while they run: more time, pauses, moves, and every way to an end.

Only the box ends a session. Two extensions in the same instant both count, once each, because time is added
and never set. One that comes after the end is refused; a card payment that does is owed back and revives
nothing (sync.md, 'play session'). Counterpart: `play/start.py` decides about the beginning.
"""

from edge.core.bookings import calendar
from edge.core.clock import Now
from edge.core.money.credit import Terms
from edge.core.play import payment as play_payment
from edge.core.play import reckoning, tariff
from edge.core.play.commands import (
    AbandonPlay,
    CallStaff,
    ConfirmPlayPayment,
    ExpirePlay,
    ExtendPlay,
    MovePlay,
    PausePlay,
    ReckonPlay,
    ResumePlay,
    StopPlay,
    TickClock,
)
from edge.core.play.station import freed, taken
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import play_clock
from protocol.facts.play import NS, PlaySession
from protocol.facts.play_clock import ClockTicked
from protocol.facts.play_events import (
    Entitlement,
    PlayAbandoned,
    PlayBegun,
    PlayExpired,
    PlayMoved,
    PlayPaused,
    PlayResumed,
    PlayStopped,
    RefundOwed,
    StaffCalled,
    TimeAdded,
    TimeOffered,
)

TIME_USED_UP = "time_used_up"
NOT_PAID = "not_paid"


def aggregate_of(session_id: str) -> str:
    """`play:{session_id}`."""
    return f"play:{session_id}"


def present(view: VenueView, session_id: str, now: Now) -> tuple[PlaySession, list[Proposal]] | Refusal:
    """The session up to now, and what has to be written before anything else is said about it."""
    session = view.play(session_id)
    if session is None:
        return refuse("unknown_play_session")
    reckoned = reckoning.reckoning(view, session, now)
    if reckoned is None:
        return session, []
    return reckoning.counted(session, reckoned, now), [(aggregate_of(session_id), reckoned)]


def extend(view: VenueView, command: ExtendPlay, now: Now) -> list[Proposal] | Refusal:
    """More time for a session that runs (seed 003 §2); what came once by another way counts once."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if command.entitlement_id in session.granted or command.entitlement_id in session.offered:
        return []
    if session.status != "ACTIVE":
        return refuse("session_not_active", "Cannot extend inactive session")
    method = command.method or play_payment.same_again(session)
    first = session.ordered
    sale = play_payment.Sale(
        session.station_id,
        command.seconds,
        method,
        command.amount_minor,
        first.user_id,
        agreed=first.entitlement,
        terms=Terms(command.cloud_away, command.on_credit),
    )
    paid = play_payment.pay(view, sale, command.entitlement_id, now)
    if isinstance(paid, Refusal):
        return paid
    in_the_way = _in_the_way(view, session, session.station_id, command.seconds, now)
    if in_the_way is not None and not command.despite_booking:
        return in_the_way
    event = TimeOffered(paid.entitlement) if method == "CARD" else TimeAdded(paid.entitlement)
    return [*before, (aggregate_of(session.session_id), event), *paid.proposals]


def _in_the_way(
    view: VenueView, session: PlaySession, station_id: str, more_s: int, now: Now
) -> Refusal | None:
    """Why a session cannot go on there for what it has left and `more_s`; who came for a booking has it."""
    left_s = session.left_ns(now.boot, now.mono_ns) / NS
    return calendar.booked(view, station_id, left_s + more_s, now, session.ordered.booking_id)


def confirm(view: VenueView, command: ConfirmPlayPayment, now: Now) -> list[Proposal] | Refusal:
    """A card payment is there: what it was for begins, or is owed back if it can no longer be."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if command.entitlement_id in session.granted or command.entitlement_id in session.refunds:
        return []
    offer = session.offered.get(command.entitlement_id)
    if offer is None:
        return refuse("unknown_payment")
    payment = view.payment(offer.id)
    if payment is not None and payment.provider:
        return refuse("payment_online")
    return [*before, (aggregate_of(session.session_id), bought(session, offer))]


def bought(session: PlaySession, offer: Entitlement) -> PlayBegun | TimeAdded | RefundOwed:
    """What a payment that has come leads to."""
    if session.status == "AWAITING":
        return PlayBegun(offer.id)
    return TimeAdded(offer) if session.live else RefundOwed(offer.id, offer.amount_minor)


def stop(view: VenueView, command: StopPlay, now: Now) -> list[Proposal] | Refusal:
    """Staff ends it (seed 003 §4)."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if session.status == "AWAITING":
        return _ending(view, session, [], PlayAbandoned(command.reason))
    if not session.live:
        return refuse("session_ended", "Session already ended")
    return _ending(view, session, before, PlayStopped(command.reason, due_minor(view, session, now)))


def expire(view: VenueView, command: ExpirePlay, now: Now) -> list[Proposal] | Refusal:
    """The end, if it has really come; a timer that was overtaken by an extension changes nothing."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if session.status != "ACTIVE" or session.left_ns(now.boot, now.mono_ns) > 0:
        return before
    return _ending(view, session, before, PlayExpired(TIME_USED_UP, due_minor(view, session, now)))


def abandon(view: VenueView, command: AbandonPlay, _now: Now) -> list[Proposal] | Refusal:
    """Nobody paid: the station is free again."""
    session = view.play(command.session_id)
    if session is None or session.status != "AWAITING":
        return []
    return _ending(view, session, [], PlayAbandoned(NOT_PAID))


def _ending(
    view: VenueView,
    session: PlaySession,
    before: list[Proposal],
    event: PlayStopped | PlayExpired | PlayAbandoned,
) -> list[Proposal]:
    end: Proposal = (aggregate_of(session.session_id), event)
    return [*before, end, freed(view, session.station_id)]


def due_minor(view: VenueView, session: PlaySession, now: Now) -> int:
    """What is to be paid of time that was played on account; a wrong clock makes no happy hours."""
    venue = view.venue()
    if session.ordered.entitlement.method != "POSTPAID" or venue is None:
        return 0
    station = venue.config.play.station(session.station_id)
    found = venue.config.play.tariff(station.zone if station else "")
    seconds = -(-session.consumed_by(now.boot, now.mono_ns) // NS)
    begun = tariff.begun_at(session, now, venue.config.timezone)
    played_minor = tariff.played_minor(found, seconds, begun) if found and seconds else 0
    return max(0, played_minor - session.deposit_minor)


def pause(view: VenueView, command: PausePlay, now: Now) -> list[Proposal] | Refusal:
    """Time stands still from now on; pausing twice changes nothing."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if session.status == "PAUSED":
        return []
    if session.status != "ACTIVE":
        return refuse("session_ended" if not session.live else "session_not_active")
    return [*before, (aggregate_of(session.session_id), PlayPaused(command.reason))]


def resume(view: VenueView, command: ResumePlay, now: Now) -> list[Proposal] | Refusal:
    """Time runs on; resuming twice changes nothing."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if session.status == "ACTIVE":
        return before
    if session.status != "PAUSED":
        return refuse("session_ended" if not session.live else "session_not_active")
    return [*before, (aggregate_of(session.session_id), PlayResumed())]


def move(view: VenueView, command: MovePlay, now: Now) -> list[Proposal] | Refusal:
    """The same time at another station, which has to be free."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if session.status not in ("ACTIVE", "PAUSED"):
        return refuse("session_ended" if not session.live else "session_not_active")
    if session.station_id == command.station_id:
        return []
    seat = taken(view, command.station_id, session.session_id)
    if isinstance(seat, Refusal):
        return seat
    in_the_way = _in_the_way(view, session, command.station_id, 0, now)
    if in_the_way is not None and not command.despite_booking:
        return in_the_way
    moved: Proposal = (aggregate_of(session.session_id), PlayMoved(command.station_id))
    return [*before, moved, freed(view, session.station_id), seat]


def call(view: VenueView, command: CallStaff, now: Now) -> list[Proposal] | Refusal:
    """A guest wants the staff; who asks while somebody waits already changes nothing."""
    found = present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return found
    session, before = found
    if session.status not in ("ACTIVE", "PAUSED"):
        return refuse("session_not_active")
    if session.called_by:
        return []
    return [*before, (aggregate_of(session.session_id), StaffCalled(command.name))]


def reckon(view: VenueView, command: ReckonPlay, now: Now) -> list[Proposal] | Refusal:
    """Bring a session over a boot, or charge what a boot left open."""
    found = present(view, command.session_id, now)
    return found if isinstance(found, Refusal) else found[1]


def tick(_view: VenueView, _command: TickClock, _now: Now) -> list[Proposal] | Refusal:
    """The box lives."""
    return [(play_clock.AGGREGATE, ClockTicked())]
