"""A booking: a station that is kept for somebody for a span of time, and the deposit that may go with it.

    (none) --BookingMade--> HELD --BookingConfirmed--> CONFIRMED --BookingMissed--> NO_SHOW
                             | |                         |  |  ^
                             | `----BookingCheckedIn-----|--|--|-> CHECKED_IN
                             |                           |  `--+-----'   `--BookingReopened--> CONFIRMED
                             `--BookingCancelled---------`--> CANCELLED

`HELD` waits for its deposit, `CONFIRMED` for its guest; both *stand*, and of two that stand at one station no
spans overlap. `BookingMoved` gives one that stands another slot. `BookingReopened` is for a card that never
came: the guest does not play after all. Where the slot was given to somebody else meanwhile,
`BookingCancelled` ends it instead. What becomes of the deposit is told beside it:

    due --> paid --> used | forfeited | owed --> returned        due --> owed: a card that came too late

A deposit is money that the guest has left here, not a sale: it becomes one when it is used or forfeited.
Spans are instants of Unix time in milliseconds; what people read off a wall is worked out from the venue's
time zone. Counterparts: `edge/core/bookings/` decides, `shift.py` counts deposits.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape
from protocol.facts.play_clock import Instant

TRANSITIONS: dict[str, dict[str, str]] = {
    "HELD": {
        "DepositBegun": "HELD",
        "BookingMoved": "HELD",
        "BookingConfirmed": "CONFIRMED",
        "BookingCheckedIn": "CHECKED_IN",
        "BookingCancelled": "CANCELLED",
        "BookingMissed": "NO_SHOW",
    },
    "CONFIRMED": {
        "DepositReturned": "CONFIRMED",
        "BookingMoved": "CONFIRMED",
        "BookingCheckedIn": "CHECKED_IN",
        "BookingCancelled": "CANCELLED",
        "BookingMissed": "NO_SHOW",
    },
    "CHECKED_IN": {
        "DepositUsed": "CHECKED_IN",
        "DepositReturned": "CHECKED_IN",
        "BookingReopened": "CONFIRMED",
        "BookingCancelled": "CANCELLED",
    },
    "CANCELLED": {"DepositOwed": "CANCELLED", "DepositReturned": "CANCELLED"},
    "NO_SHOW": {"DepositOwed": "NO_SHOW", "DepositReturned": "NO_SHOW"},
}
#: States in which a booking keeps its station.
STANDING = ("HELD", "CONFIRMED")
#: What is the deposit's state -> which may come next.
DEPOSITS: dict[str, tuple[str, ...]] = {
    "": (),
    "due": ("paid", "owed"),
    "paid": ("used", "forfeited", "owed", "returned"),
    "owed": ("returned",),
    "used": (),
    "forfeited": (),
    "returned": (),
}


class BookingMade(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """`name` has a station from `starts_ms` until `ends_ms`; of the `zone` that was asked for, if one was.

    Rules are those of the moment: cancelling is free until `free_until_ms`; a booking without its deposit
    lapses after `hold_s`, one whose guest has not come `grace_s` after the start.
    """

    booking_id: str
    station_id: str
    name: str
    starts_ms: int
    ends_ms: int
    currency: str
    free_until_ms: int
    grace_s: int
    hold_s: int
    deposit_minor: int = 0
    zone: str = ""
    phone: str = ""
    note: str = ""
    party: int = 1
    user_id: str | None = None


class DepositBegun(msgspec.Struct, frozen=True, tag=True):
    """Somebody pays the deposit in this way; another payment may follow one that failed."""

    payment_pid: str
    method: str


class BookingConfirmed(msgspec.Struct, frozen=True, tag=True):
    """The deposit is there, or none was asked for."""


class BookingMoved(msgspec.Struct, frozen=True, tag=True):
    """The guest comes to `station_id` from `starts_ms` until `ends_ms`; everything else stays.

    It may be where it was: then somebody asked for that, and the request is remembered.
    """

    station_id: str
    starts_ms: int
    ends_ms: int
    free_until_ms: int


class BookingCheckedIn(msgspec.Struct, frozen=True, tag=True):
    """The guest has come and plays as `session_id`, perhaps at another station."""

    session_id: str
    station_id: str


class BookingReopened(msgspec.Struct, frozen=True, tag=True):
    """The play session never began; the booking stands again."""


class BookingCancelled(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """It is not wanted any more; `forfeited` says that the deposit stays with the venue."""

    reason: str
    forfeited: bool = False


class BookingMissed(msgspec.Struct, frozen=True, tag=True):
    """Nobody came in time; a deposit stays with the venue."""


class DepositUsed(msgspec.Struct, frozen=True, tag=True):
    """It has paid for a part of the play session."""


class DepositOwed(msgspec.Struct, frozen=True, tag=True):
    """The money came when the booking was over already; it has to be given back."""


class DepositReturned(msgspec.Struct, frozen=True, tag=True):
    """All of it was given back."""


BookingEvent = (
    BookingMade
    | DepositBegun
    | BookingConfirmed
    | BookingMoved
    | BookingCheckedIn
    | BookingReopened
    | BookingCancelled
    | BookingMissed
    | DepositUsed
    | DepositOwed
    | DepositReturned
)


class Booking(msgspec.Struct, frozen=True):
    """The state that the events fold into. `deposit` is a key of `DEPOSITS`, empty where none is asked.

    `made` is what was agreed on, with the slot to which it was moved last.
    """

    version: int
    made: BookingMade
    status: str
    deposit: str
    made_at: Instant
    made_by: str | None = None
    station_id: str = ""
    deposit_pid: str | None = None
    deposit_method: str = ""
    session_id: str | None = None
    reason: str = ""
    settled_ms: int | None = None

    @property
    def booking_id(self) -> str:
        """Its id."""
        return self.made.booking_id

    @property
    def stands(self) -> bool:
        """Whether it keeps its station."""
        return self.status in STANDING

    def overlaps(self, starts_ms: int, ends_ms: int) -> bool:
        """Whether its span has an instant in common with that one; touching ends do not count."""
        return self.made.starts_ms < ends_ms and starts_ms < self.made.ends_ms


def aggregate_of(booking_id: str) -> str:
    """`booking:{booking_id}`."""
    return f"booking:{booking_id}"


def made(booking: Booking | None, event: BookingMade, fact: Fact[BookingEvent]) -> Booking:
    """A booking that waits for its deposit."""
    if booking is not None or event.ends_ms <= event.starts_ms:
        raise ImpossibleFact(f"BookingMade on {fact.aggregate}")
    at = Instant(fact.boot, fact.mono_ns, fact.wall_ms, fact.clock_trusted)
    deposit = "due" if event.deposit_minor else ""
    return Booking(fact.version, event, "HELD", deposit, at, fact.by, event.station_id)


def advanced(booking: Booking | None, event: BookingEvent, fact: Fact[BookingEvent]) -> Booking:
    """The booking after any other event."""
    name = type(event).__name__
    if booking is None or name not in TRANSITIONS[booking.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    status = TRANSITIONS[booking.status][name]
    settled_ms = None if status in STANDING else booking.settled_ms or fact.wall_ms
    after = _CHANGES[type(event)](booking, event)
    if after.deposit != booking.deposit and after.deposit not in DEPOSITS[booking.deposit]:
        raise ImpossibleFact(f"a deposit that is {booking.deposit} cannot be {after.deposit}")
    return msgspec.structs.replace(after, version=fact.version, status=status, settled_ms=settled_ms)


def _begun(booking: Booking, event: DepositBegun) -> Booking:
    return msgspec.structs.replace(booking, deposit_pid=event.payment_pid, deposit_method=event.method)


def _confirmed(booking: Booking, _event: BookingConfirmed) -> Booking:
    return msgspec.structs.replace(booking, deposit="paid" if booking.deposit == "due" else "")


def _moved(booking: Booking, event: BookingMoved) -> Booking:
    if event.ends_ms <= event.starts_ms:
        raise ImpossibleFact(f"BookingMoved on {aggregate_of(booking.booking_id)}")
    agreed = msgspec.structs.replace(
        booking.made,
        station_id=event.station_id,
        starts_ms=event.starts_ms,
        ends_ms=event.ends_ms,
        free_until_ms=event.free_until_ms,
    )
    return msgspec.structs.replace(booking, made=agreed, station_id=event.station_id)


def _checked_in(booking: Booking, event: BookingCheckedIn) -> Booking:
    return msgspec.structs.replace(booking, session_id=event.session_id, station_id=event.station_id)


def _reopened(booking: Booking, _event: BookingReopened) -> Booking:
    return msgspec.structs.replace(booking, session_id=None, station_id=booking.made.station_id)


def _cancelled(booking: Booking, event: BookingCancelled) -> Booking:
    gone = "forfeited" if event.forfeited else "owed"
    deposit = gone if booking.deposit == "paid" else booking.deposit
    home = booking.made.station_id
    return msgspec.structs.replace(
        booking, reason=event.reason, deposit=deposit, session_id=None, station_id=home
    )


def _missed(booking: Booking, _event: BookingMissed) -> Booking:
    deposit = "forfeited" if booking.deposit == "paid" else booking.deposit
    return msgspec.structs.replace(booking, deposit=deposit)


def _deposit_is(deposit: str) -> Callable[[Booking, Any], Booking]:
    return lambda booking, _event: msgspec.structs.replace(booking, deposit=deposit)


_CHANGES: dict[type, Callable[[Booking, Any], Booking]] = {
    DepositBegun: _begun,
    BookingConfirmed: _confirmed,
    BookingMoved: _moved,
    BookingCheckedIn: _checked_in,
    BookingReopened: _reopened,
    BookingCancelled: _cancelled,
    BookingMissed: _missed,
    DepositUsed: _deposit_is("used"),
    DepositOwed: _deposit_is("owed"),
    DepositReturned: _deposit_is("returned"),
}

EVOLVE = {BookingMade: made, **dict.fromkeys(_CHANGES, advanced)}

SHAPES = (
    shape(
        "bookings",
        "booking_id",
        "booking_id station_id status =zone =name =phone =note =party:int starts_ms:int ends_ms:int "
        "=currency =deposit_minor:int deposit deposit_pid deposit_method free_until_ms:int =user_id "
        "session_id reason =made_ms:int =made_by settled_ms:int version:int",
    ),
)


def rows(booking: Booking, _fact: Fact[BookingEvent]) -> list[Row]:
    """The booking's row."""
    first = booking.made
    where = first.booking_id, booking.station_id, booking.status, first.zone
    who = first.name, first.phone, first.note, first.party, first.starts_ms, first.ends_ms
    paid = booking.deposit, booking.deposit_pid, booking.deposit_method, first.free_until_ms, first.user_id
    went = booking.session_id, booking.reason, booking.made_at.wall_ms, booking.made_by, booking.settled_ms
    money = first.currency, first.deposit_minor
    return [("bookings", (*where, *who, *money, *paid, *went, booking.version))]
