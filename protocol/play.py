"""Play time over HTTP and on staff screens: requests, answers, news (contract.md, 'Staff and stations').

Names are the contract's, letter by letter. `amount` is in major units as the seed has it and is read exactly;
`…_minor` fields beside it are integers. Counterpart: `station.py`, what a PC's agent is told.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from protocol.facts.play import NS, PlaySession
from protocol.facts.play_code import PlayCode
from protocol.facts.play_config import Kind
from protocol.facts.play_events import Method
from protocol.money import to_major
from protocol.station import StationSession
from protocol.table import Mid

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
#: Minutes of play; a day at the most.
Minutes = Annotated[float, msgspec.Meta(gt=0, le=1440)]
#: Major units, as seed 003 has it; a number that is written down exactly, never calculated with.
Amount = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
SessionStatus = Literal["ACTIVE", "EXPIRED", "STOPPED", "PAUSED", "AWAITING", "ABANDONED"]
StationStatus = Literal["ONLINE", "OFFLINE", "IN_USE", "MAINTENANCE"]
PaymentStatus = Literal["PENDING", "COMPLETED", "REFUND_OWED"]


class StartRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/sessions/start`. Without `amount` the tariff's price is taken; `code` is a guest code.

    POSTPAID time goes on the bill of the table session `session_pid`, if one is named. `on_credit` says that
    the venue stands in for what a balance lacks, as far as it does so while the cloud cannot be reached,
    `despite_booking`, that it begins although the station is booked before its end (409 `station_booked`).
    """

    station_id: Name
    duration: Minutes | None = None
    user_id: Name | None = None
    payment_method: Method = "CASH"
    amount: Amount | None = None
    code: Name | None = None
    session_pid: Name | None = None
    mid: Mid | None = None
    on_credit: bool = False
    despite_booking: bool = False


class ExtendRequest(msgspec.Struct, frozen=True):
    """`PUT /api/v1/sessions/{id}/extend`. With a `mid`, a repeat adds nothing; flags as in a start."""

    additional_minutes: Minutes
    payment_method: Method | None = None
    amount: Amount | None = None
    mid: Mid | None = None
    on_credit: bool = False
    despite_booking: bool = False


class MoveRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/sessions/{id}/move`."""

    station_id: Name
    despite_booking: bool = False


class PauseRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/sessions/{id}/pause`."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class MaintenanceRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/stations/{id}/maintenance`."""

    on: bool


class CreditRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/accounts/{id}/credit`: money handed over at the counter."""

    amount: Amount
    mid: Mid | None = None


class CodeRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/play_codes`: sell time to whoever brings the code, once per `mid`."""

    duration: Minutes
    amount: Amount
    payment_method: Literal["CASH", "CARD"] = "CASH"
    mid: Mid | None = None


class SessionReply(msgspec.Struct, frozen=True):
    """A play session. Times are RFC 3339 in UTC; `remaining_seconds` counts, they are for people.

    `due_minor` is what is still to be paid; for postpaid play that runs, what it would be at this moment.
    `payment_id` names a card payment that the beginning, or more time, waits for.
    """

    id: str
    station_id: str
    status: SessionStatus
    remaining_seconds: int
    played_seconds: int
    scheduled_end_at: str | None
    extended_minutes: int
    version: int
    user_id: str | None
    payment_method: Method
    amount: float
    amount_minor: int
    due_minor: int
    currency: str
    started_at: str | None
    actual_end_at: str | None
    end_reason: str | None
    payment_id: str | None = None


class SessionsReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/sessions`: those that run, then those that ended last."""

    sessions: tuple[SessionReply, ...]


class Offer(msgspec.Struct, frozen=True):
    """Time as it can be bought now; `name` is a package's, empty for plain time."""

    name: str
    minutes: int
    price_minor: int


class PricesReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/stations/{id}/prices`: what time costs there if it begins now.

    Without a tariff there are no offers: the price has to be agreed.
    """

    station_id: str
    currency: str
    per_hour_minor: int | None
    offers: tuple[Offer, ...]


class NextBooking(msgspec.Struct, frozen=True):
    """The booking that comes next at a station, or is due now; `date` and `at` are the venue's own."""

    id: str
    name: str
    date: str
    at: str
    starts_at: str
    starts_ms: int
    ends_ms: int


class StationReply(msgspec.Struct, frozen=True):
    """A station, who plays there, and how its things are; `power_w` is what its plug measured last.

    `booked` is the booking that comes next, or is due now.
    """

    id: str
    name: str
    kind: Kind
    zone: str
    status: StationStatus
    session: SessionReply | None
    power_w: float | None
    devices: dict[str, str]
    agent: dict[str, Any]
    booked: NextBooking | None = None


class StationsReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/stations`, in the owner's order."""

    stations: tuple[StationReply, ...]


class PaymentReply(msgspec.Struct, frozen=True):
    """What became of a payment, and of the session it was for."""

    id: str
    status: PaymentStatus
    amount_minor: int
    session: SessionReply


class AccountReply(msgspec.Struct, frozen=True):
    """A balance."""

    user_id: str
    balance: float
    balance_minor: int
    currency: str


class CodeReply(msgspec.Struct, frozen=True):
    """A guest code to write on a card."""

    code: str
    minutes: float
    amount_minor: int
    currency: str


class AgentTokenReply(msgspec.Struct, frozen=True):
    """What `holdfast-agent run --token` needs; the same every time."""

    station_id: str
    token: str


# ── news for staff screens ──────────────────────────────────────────────────────────────────────
class StationStatusNews(msgspec.Struct, frozen=True, tag="station:status"):
    """A station stands otherwise (seed 003 §9)."""

    station_id: str
    status: StationStatus


class StationBookedNews(msgspec.Struct, frozen=True, tag="station:booked"):
    """Another booking comes next at a station, or none."""

    station_id: str
    booked: NextBooking | None


class SessionStartedNews(msgspec.Struct, frozen=True, tag="session:started"):
    """Time runs."""

    session_id: str
    session: SessionReply


class SessionExtendedNews(msgspec.Struct, frozen=True, tag="session:extended"):
    """More time was paid for (seed 003 §2)."""

    session_id: str
    added_seconds: int
    session: SessionReply


class SessionExpiredNews(msgspec.Struct, frozen=True, tag="session:expired"):
    """The time is used up."""

    session_id: str
    session: SessionReply


class SessionStoppedNews(msgspec.Struct, frozen=True, tag="session:stopped"):
    """Staff ended it."""

    session_id: str
    session: SessionReply


class SessionChangedNews(msgspec.Struct, frozen=True, tag="session:changed"):
    """It was paused, resumed or moved, or its time was reckoned anew."""

    session_id: str
    session: SessionReply


class SessionWarningNews(msgspec.Struct, frozen=True, tag="session:warning"):
    """So little is left that somebody should say so, above all to a player at a console."""

    session_id: str
    station_id: str
    remaining_seconds: int


class DeviceNews(msgspec.Struct, frozen=True, tag="station:device"):
    """A plug or gate did something nobody here asked for; `kind` as in `edge/core/devices/desired.py`."""

    station_id: str
    device: str
    kind: str
    on: bool | None


class AlarmNews(msgspec.Struct, frozen=True, tag="alarm"):
    """An alarm went up, or down, or somebody looks after it: `seen_by` is their name."""

    key: str
    code: str
    message: str
    since_ms: int
    up: bool
    detail: dict[str, str] = {}
    seen_by: str = ""
    seen_ms: int | None = None


PlayNews = (
    StationStatusNews
    | StationBookedNews
    | SessionStartedNews
    | SessionExtendedNews
    | SessionExpiredNews
    | SessionStoppedNews
    | SessionChangedNews
    | SessionWarningNews
    | DeviceNews
    | AlarmNews
)


def rfc3339(wall_ms: int | None) -> str | None:
    """An instant for people; a clock out of all calendars shows as the nearest day."""
    if wall_ms is None:
        return None
    bounded = min(max(wall_ms, 0), 253_402_300_799_999)
    moment = datetime.fromtimestamp(bounded // 1000, UTC) + timedelta(milliseconds=bounded % 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def remaining_s(session: PlaySession, boot: str, mono_ns: int) -> int:
    """Whole seconds left, a begun one counted; none of a session that has ended."""
    return -(-session.left_ns(boot, mono_ns) // NS) if session.live else 0


def session_reply(session: PlaySession, boot: str, mono_ns: int) -> SessionReply:
    """The session as it stands at an instant of this boot."""
    first = session.ordered
    status: Any = session.status
    return SessionReply(
        id=session.session_id,
        station_id=session.station_id,
        status=status,
        remaining_seconds=remaining_s(session, boot, mono_ns),
        played_seconds=session.consumed_by(boot, mono_ns) // NS,
        scheduled_end_at=rfc3339(session.ends_ms),
        extended_minutes=session.extended_s // 60,
        version=session.version,
        user_id=first.user_id,
        payment_method=first.entitlement.method,
        amount=to_major(session.paid_minor, first.currency),
        amount_minor=session.paid_minor,
        due_minor=session.due_minor,
        currency=first.currency,
        started_at=rfc3339(session.begun_ms),
        actual_end_at=rfc3339(session.ended_ms),
        end_reason=session.reason,
    )


def station_session(session: PlaySession, boot: str, mono_ns: int) -> StationSession:
    """The session as its own station is told (seed 003 §10)."""
    status: Any = session.status
    return StationSession(
        id=session.session_id,
        station_id=session.station_id,
        status=status,
        remaining_seconds=remaining_s(session, boot, mono_ns),
        scheduled_end_at=rfc3339(session.ends_ms),
        extended_minutes=session.extended_s // 60,
        version=session.version,
    )


def code_reply(code: PlayCode) -> CodeReply:
    """A guest code as it is sold."""
    first = code.issued
    return CodeReply(first.code, first.seconds / 60, first.amount_minor, first.currency)
