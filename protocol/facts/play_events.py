"""What can happen to a play session, and the entitlements it is made of.

Time is never set, only added: each entitlement has an id, which is also the id of the payment behind it, and
counts once (sync.md, 'play session'). What is left is their sum minus what was consumed.

Counterpart: `play.py` folds these.
"""

from typing import Literal

import msgspec

from protocol.station import OffPolicy

#: How time is paid for: now (CASH, CARD, BALANCE), afterwards by what was played, or before, for a code.
Method = Literal["CASH", "CARD", "BALANCE", "POSTPAID", "CODE"]


class Deposit(msgspec.Struct, frozen=True):
    """What a guest left here when they booked, and what it is still worth."""

    booking_id: str
    payment_pid: str
    amount_minor: int


class Entitlement(msgspec.Struct, frozen=True, omit_defaults=True):
    """`seconds` of play for `amount_minor`, by `tariff` or, without a name, as agreed at the counter.

    A `deposit` has paid for some of it before; `amount_minor` is the rest.
    """

    id: str
    seconds: int
    amount_minor: int
    method: Method
    tariff: str = ""
    code: str | None = None
    deposit: Deposit | None = None

    @property
    def worth_minor(self) -> int:
        """What was paid for it in all."""
        return self.amount_minor + (self.deposit.amount_minor if self.deposit else 0)


class OffTime(msgspec.Struct, frozen=True):
    """Time without power that is to be charged and cannot be measured before the clock is trusted again.

    `since_ms` is the wall time of the last sign of life, `boot` and `mono_ns` when the box was back.
    """

    since_ms: int
    boot: str
    mono_ns: int


class PlayOrdered(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Somebody wants to play on a station, which is kept for them; `entitlement` is what they pay for.

    What is postpaid is charged to the bill of `table_session`, or to one of its own. `booking_id` is the
    booking that the guest came for.
    """

    session_id: str
    station_id: str
    currency: str
    off_policy: OffPolicy
    grace_s: int
    entitlement: Entitlement
    user_id: str | None = None
    table_session: str | None = None
    booking_id: str | None = None


class PlayBegun(msgspec.Struct, frozen=True, tag=True):
    """It is paid for, or need not be yet; time runs."""

    entitlement_id: str


class PlayAbandoned(msgspec.Struct, frozen=True, tag=True):
    """It was never paid for."""

    reason: str


class TimeOffered(msgspec.Struct, frozen=True, tag=True):
    """More time as soon as its payment is there."""

    entitlement: Entitlement


class TimeAdded(msgspec.Struct, frozen=True, tag=True):
    """More time; the entitlement's id is the `extend_id`."""

    entitlement: Entitlement


class TimeReckoned(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """After a boot, what was consumed before it in all; `off` is still to be charged of the time between."""

    consumed_ns: int
    off: OffTime | None = None


class PlayPaused(msgspec.Struct, frozen=True, tag=True):
    """Time stands still."""

    reason: str


class PlayResumed(msgspec.Struct, frozen=True, tag=True):
    """Time runs on."""


class PlayMoved(msgspec.Struct, frozen=True, tag=True):
    """The session goes on at another station."""

    station_id: str


class StaffCalled(msgspec.Struct, frozen=True, tag=True):
    """The guest of that name asks the staff for more time, until time is added or the session ends."""

    name: str


class PlayExpired(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The time is used up. `due_minor` is what remains to be paid of postpaid time."""

    reason: str
    due_minor: int = 0


class PlayStopped(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Somebody ended it early."""

    reason: str
    due_minor: int = 0


class RefundOwed(msgspec.Struct, frozen=True, tag=True):
    """A payment came for time that can no longer be given; it has to be given back, once."""

    entitlement_id: str
    amount_minor: int


PlayEvent = (
    PlayOrdered
    | PlayBegun
    | PlayAbandoned
    | TimeOffered
    | TimeAdded
    | TimeReckoned
    | PlayPaused
    | PlayResumed
    | PlayMoved
    | StaffCalled
    | PlayExpired
    | PlayStopped
    | RefundOwed
)
