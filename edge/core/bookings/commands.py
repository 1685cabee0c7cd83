"""Everything that can be asked about bookings, in the imperative.

Spans are instants in milliseconds of Unix time; what a guest reads off the wall is made into one before
(`calendar.py`). `shift_pid` is fresh and names a shift that has to be opened for the money. Counterpart:
`edge/core/commands.py`, whose union these belong to.
"""

import msgspec

from protocol.facts.play_events import Method


class MakeBooking(msgspec.Struct, frozen=True):
    """Keep a station for `name`, or with `zone` any station of it, for `seconds` from `starts_ms`.

    The deposit is paid by `method` as `payment_pid`, later without a method, and not at all if it is waived.
    """

    booking_id: str
    name: str
    starts_ms: int
    seconds: int
    by: str
    payment_pid: str
    shift_pid: str
    station_id: str | None = None
    zone: str = ""
    phone: str = ""
    note: str = ""
    party: int = 1
    user_id: str | None = None
    method: str | None = None
    waived: bool = False
    mid: str | None = None


class PayDeposit(msgspec.Struct, frozen=True):
    """The guest pays the deposit of a booking that is held."""

    booking_id: str
    payment_pid: str
    method: str
    by: str
    shift_pid: str
    user_id: str | None = None
    mid: str | None = None


class MoveBooking(msgspec.Struct, frozen=True):
    """Another station, another hour, or both, for as long as before; what is not named stays."""

    booking_id: str
    by: str
    station_id: str | None = None
    starts_ms: int | None = None
    mid: str | None = None


class CheckInBooking(msgspec.Struct, frozen=True):
    """The guest is here and plays: at `station_id` instead, for `seconds` instead, where one is named.

    Ids, amounts and `cloud_away`, `on_credit` as with `StartPlay`; `despite_booking` concerns the next one.
    """

    booking_id: str
    session_id: str
    entitlement_id: str
    method: Method
    by: str
    station_id: str | None = None
    seconds: int | None = None
    amount_minor: int | None = None
    user_id: str | None = None
    table_session: str | None = None
    mid: str | None = None
    cloud_away: bool = False
    on_credit: bool = False
    despite_booking: bool = False


class CancelBooking(msgspec.Struct, frozen=True):
    """It is not wanted any more; `refund_pid` is the id of what goes back of the deposit."""

    booking_id: str
    reason: str
    by: str
    refund_pid: str
    shift_pid: str
    mid: str | None = None


class MissBooking(msgspec.Struct, frozen=True):
    """Nobody came, says the box's timer or somebody who looked (`by`)."""

    booking_id: str
    shift_pid: str
    by: str | None = None
    mid: str | None = None


class LapseBooking(msgspec.Struct, frozen=True):
    """The box's timer says that the deposit never came."""

    booking_id: str
    mid: str | None = None


BookingCommand = (
    MakeBooking | PayDeposit | MoveBooking | CheckInBooking | CancelBooking | MissBooking | LapseBooking
)
