"""A play session: paid time on a station, from the order to an end that is recorded with its reason.

    (none) --PlayOrdered--> AWAITING --PlayBegun--> ACTIVE <--PlayPaused, PlayResumed--> PAUSED
                               |                      |  `--PlayExpired--> EXPIRED         |
                               |                      `-----PlayStopped--> STOPPED <-------'
                               `--PlayAbandoned--> ABANDONED

`AWAITING` waits for a card; on the wire a session begins with `ACTIVE`. Ended states absorb: a payment that
comes afterwards is owed back and revives nothing. What is left is entitlements minus consumption, and
consumption is counted on the clock of the boot in each fact's envelope, which nobody can set: every fact of
a running session is a checkpoint of it.

Counterparts: `play_events.py` says what can happen, `edge/core/play/session.py` decides it.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from protocol.facts import play_events as events
from protocol.facts.fact import Fact, ImpossibleFact, Row, shape
from protocol.facts.play_clock import Instant
from protocol.facts.play_events import Entitlement, OffTime, PlayEvent

TRANSITIONS: dict[str, dict[str, str]] = {
    "AWAITING": {"PlayBegun": "ACTIVE", "PlayAbandoned": "ABANDONED"},
    "ACTIVE": {
        "TimeOffered": "ACTIVE",
        "TimeAdded": "ACTIVE",
        "TimeReckoned": "ACTIVE",
        "PlayMoved": "ACTIVE",
        "StaffCalled": "ACTIVE",
        "PlayPaused": "PAUSED",
        "PlayExpired": "EXPIRED",
        "PlayStopped": "STOPPED",
    },
    "PAUSED": {
        "TimeAdded": "PAUSED",
        "TimeReckoned": "PAUSED",
        "PlayMoved": "PAUSED",
        "StaffCalled": "PAUSED",
        "PlayResumed": "ACTIVE",
        "PlayStopped": "STOPPED",
    },
    "EXPIRED": {"RefundOwed": "EXPIRED"},
    "STOPPED": {"RefundOwed": "STOPPED"},
    "ABANDONED": {"RefundOwed": "ABANDONED"},
}
#: States in which a session holds its station.
LIVE = ("AWAITING", "ACTIVE", "PAUSED")
NS = 1_000_000_000


class PlaySession(msgspec.Struct, frozen=True):
    """The state that the events fold into. `consumed_ns` is as of `running`; None there: time stands.

    `called_by` is the guest who asked the staff for more time, at `called_ms`; empty while nobody waits.
    """

    version: int
    ordered: events.PlayOrdered
    station_id: str
    status: str
    ordered_at: Instant
    granted: dict[str, Entitlement] = {}
    offered: dict[str, Entitlement] = {}
    refunds: dict[str, int] = {}
    consumed_ns: int = 0
    running: Instant | None = None
    off: OffTime | None = None
    begun_ms: int | None = None
    ends_ms: int | None = None
    ended_ms: int | None = None
    reason: str | None = None
    due_minor: int = 0
    called_by: str = ""
    called_ms: int = 0

    @property
    def session_id(self) -> str:
        """Its id."""
        return self.ordered.session_id

    @property
    def live(self) -> bool:
        """Whether it holds its station."""
        return self.status in LIVE

    @property
    def entitled_s(self) -> int:
        """All time that was granted."""
        return sum(each.seconds for each in self.granted.values())

    @property
    def extended_s(self) -> int:
        """Time that was added after the beginning."""
        first = self.granted.get(self.ordered.entitlement.id)
        return self.entitled_s - (first.seconds if first else 0)

    @property
    def paid_minor(self) -> int:
        """What was paid for it."""
        return sum(each.worth_minor for each in self.granted.values())

    @property
    def deposit_minor(self) -> int:
        """What of that was left here with a booking."""
        return sum(each.deposit.amount_minor for each in self.granted.values() if each.deposit)

    def consumed_by(self, boot: str, mono_ns: int) -> int:
        """Nanoseconds consumed at an instant of the boot it runs in; never more than granted."""
        ran_ns = self.consumed_ns
        if self.running is not None and self.running.boot == boot:
            ran_ns += max(0, mono_ns - self.running.mono_ns)
        return min(ran_ns, self.entitled_s * NS)

    def left_ns(self, boot: str, mono_ns: int) -> int:
        """Nanoseconds left at that instant."""
        return self.entitled_s * NS - self.consumed_by(boot, mono_ns)

    @property
    def ends_mono_ns(self) -> int | None:
        """When the time is used up, on the clock of `running`; None while it stands."""
        if self.running is None:
            return None
        return self.running.mono_ns + self.entitled_s * NS - self.consumed_ns


def ordered(
    session: PlaySession | None, event: events.PlayOrdered, fact: Fact[events.PlayOrdered]
) -> PlaySession:
    """A station is kept for somebody."""
    if session is not None:
        raise ImpossibleFact(f"{fact.aggregate} was ordered twice")
    at = _instant(fact)
    offer = {event.entitlement.id: event.entitlement}
    return PlaySession(fact.version, event, event.station_id, "AWAITING", at, offered=offer)


def advanced(session: PlaySession | None, event: Any, fact: Fact[Any]) -> PlaySession:
    """The session after any other event, with its time counted up to it."""
    name = type(event).__name__
    if session is None or name not in TRANSITIONS[session.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    status = TRANSITIONS[session.status][name]
    consumed_ns = session.consumed_by(fact.boot, fact.mono_ns)
    counted = msgspec.structs.replace(
        session,
        version=fact.version,
        status=status,
        consumed_ns=consumed_ns,
        running=_instant(fact) if status == "ACTIVE" else None,
    )
    return _foreseen(_CHANGES[type(event)](counted, event, fact), fact)


def _instant(fact: Fact[Any]) -> Instant:
    return Instant(fact.boot, fact.mono_ns, fact.wall_ms, fact.clock_trusted)


def _foreseen(session: PlaySession, fact: Fact[Any]) -> PlaySession:
    """The wall time of its end, for people; a pause has none."""
    if session.status == "PAUSED":
        return msgspec.structs.replace(session, ends_ms=None)
    if session.status != "ACTIVE":
        return session
    left_ms = session.left_ns(fact.boot, fact.mono_ns) // 1_000_000
    return msgspec.structs.replace(session, ends_ms=fact.wall_ms + left_ms)


def _granted(session: PlaySession, entitlement: Entitlement) -> PlaySession:
    if entitlement.id in session.granted:
        raise ImpossibleFact(f"entitlement {entitlement.id} counts once")
    offered = {key: each for key, each in session.offered.items() if key != entitlement.id}
    granted = {**session.granted, entitlement.id: entitlement}
    return msgspec.structs.replace(session, granted=granted, offered=offered)


def _begun(session: PlaySession, event: events.PlayBegun, fact: Fact[Any]) -> PlaySession:
    entitlement = session.offered.get(event.entitlement_id)
    if entitlement is None:
        raise ImpossibleFact(f"{event.entitlement_id} was never offered to {fact.aggregate}")
    return msgspec.structs.replace(_granted(session, entitlement), begun_ms=fact.wall_ms)


def _offered(session: PlaySession, event: events.TimeOffered, _fact: Fact[Any]) -> PlaySession:
    offered = {**session.offered, event.entitlement.id: event.entitlement}
    return msgspec.structs.replace(session, offered=offered)


def _added(session: PlaySession, event: events.TimeAdded, _fact: Fact[Any]) -> PlaySession:
    return msgspec.structs.replace(_granted(session, event.entitlement), called_by="", called_ms=0)


def _called(session: PlaySession, event: events.StaffCalled, fact: Fact[Any]) -> PlaySession:
    return msgspec.structs.replace(session, called_by=event.name, called_ms=fact.wall_ms)


def _reckoned(session: PlaySession, event: events.TimeReckoned, _fact: Fact[Any]) -> PlaySession:
    consumed_ns = min(event.consumed_ns, session.entitled_s * NS)
    return msgspec.structs.replace(session, consumed_ns=consumed_ns, off=event.off)


def _moved(session: PlaySession, event: events.PlayMoved, _fact: Fact[Any]) -> PlaySession:
    return msgspec.structs.replace(session, station_id=event.station_id)


def _stands(session: PlaySession, _event: Any, _fact: Fact[Any]) -> PlaySession:
    return session


def _ended(
    session: PlaySession, event: events.PlayExpired | events.PlayStopped, fact: Fact[Any]
) -> PlaySession:
    return msgspec.structs.replace(
        session,
        ended_ms=fact.wall_ms,
        reason=event.reason,
        due_minor=event.due_minor,
        off=None,
        called_by="",
        called_ms=0,
    )


def _abandoned(session: PlaySession, event: events.PlayAbandoned, fact: Fact[Any]) -> PlaySession:
    return msgspec.structs.replace(session, ended_ms=fact.wall_ms, reason=event.reason)


def _owed(session: PlaySession, event: events.RefundOwed, fact: Fact[Any]) -> PlaySession:
    if event.entitlement_id in session.refunds or event.entitlement_id not in session.offered:
        raise ImpossibleFact(f"{fact.aggregate} owes nothing for {event.entitlement_id}")
    return msgspec.structs.replace(
        session, refunds={**session.refunds, event.entitlement_id: event.amount_minor}
    )


_CHANGES: dict[type, Callable[[PlaySession, Any, Fact[Any]], PlaySession]] = {
    events.PlayBegun: _begun,
    events.PlayAbandoned: _abandoned,
    events.TimeOffered: _offered,
    events.TimeAdded: _added,
    events.TimeReckoned: _reckoned,
    events.PlayPaused: _stands,
    events.PlayResumed: _stands,
    events.PlayMoved: _moved,
    events.StaffCalled: _called,
    events.PlayExpired: _ended,
    events.PlayStopped: _ended,
    events.RefundOwed: _owed,
}

EVOLVE = {events.PlayOrdered: ordered, **dict.fromkeys(_CHANGES, advanced)}

SHAPES = (
    shape(
        "play_sessions",
        "session_id",
        "session_id station_id status =user_id =currency =off_policy entitled_s:int consumed_ms:int "
        "extended_s:int paid_minor:int due_minor:int =ordered_ms:int begun_ms:int ends_ms:int ended_ms:int "
        "reason version:int",
    ),
    shape(
        "play_entitlements",
        "id",
        "id =session_id =seconds:int =amount_minor:int =method =tariff granted:bool refund_owed:bool",
    ),
)


def rows(session: PlaySession, fact: Fact[PlayEvent]) -> list[Row]:
    """The session's row after every event, and that of the entitlement it is about."""
    first = session.ordered
    who = first.session_id, session.station_id, session.status, first.user_id, first.currency
    time = first.off_policy, session.entitled_s, session.consumed_ns // 1_000_000, session.extended_s
    money = session.paid_minor, session.due_minor
    when = session.ordered_at.wall_ms, session.begun_ms, session.ends_ms, session.ended_ms
    row: Row = ("play_sessions", (*who, *time, *money, *when, session.reason, session.version))
    entitlement = _concerned(session, fact.event)
    return [row] if entitlement is None else [row, _entitlement_row(session, entitlement)]


def _concerned(session: PlaySession, event: PlayEvent) -> Entitlement | None:
    match event:
        case events.PlayOrdered(entitlement=entitlement):
            return entitlement
        case events.TimeOffered(entitlement=entitlement) | events.TimeAdded(entitlement=entitlement):
            return entitlement
        case events.PlayBegun(entitlement_id=entitlement_id):
            return session.granted[entitlement_id]
        case events.RefundOwed(entitlement_id=entitlement_id):
            return session.offered[entitlement_id]
        case _:
            return None


def _entitlement_row(session: PlaySession, each: Entitlement) -> Row:
    stands = each.id in session.granted, each.id in session.refunds
    worth = each.seconds, each.amount_minor, each.method, each.tariff
    return ("play_entitlements", (each.id, session.session_id, *worth, *stands))
