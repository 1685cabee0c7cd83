"""Everything that can be asked of stations and play sessions, in the imperative.

Ids are made outside the core, by the client (`mid`) or by the surface that took the request. `amount_minor`
None leaves the price to the tariff. Counterpart: `commands.py`, whose union these belong to.
"""

import msgspec

from protocol.facts.play_events import Deposit, Method


class StartPlay(msgspec.Struct, frozen=True):
    """Somebody wants to play on a station. `seconds` None is for guest codes and postpaid play.

    `cloud_away` says that the cloud could not be reached then; `on_credit`, that the staff has agreed to let
    the venue stand in for what the balance lacks. `despite_booking` says that whoever asks knows of the
    booking that is in the way. `booking_id` is the one the guest came for, whose `deposit` pays first.
    """

    session_id: str
    entitlement_id: str
    station_id: str
    seconds: int | None
    method: Method
    amount_minor: int | None
    by: str
    user_id: str | None = None
    code: str | None = None
    table_session: str | None = None
    mid: str | None = None
    cloud_away: bool = False
    on_credit: bool = False
    despite_booking: bool = False
    booking_id: str | None = None
    deposit: Deposit | None = None


class ExtendPlay(msgspec.Struct, frozen=True):
    """More time. `method` None pays as the session was paid, in cash where that is not possible.

    `cloud_away`, `on_credit` and `despite_booking` as with `StartPlay`.
    """

    session_id: str
    entitlement_id: str
    seconds: int
    by: str
    method: Method | None = None
    amount_minor: int | None = None
    mid: str | None = None
    cloud_away: bool = False
    on_credit: bool = False
    despite_booking: bool = False


class ConfirmPlayPayment(msgspec.Struct, frozen=True):
    """The card payment `entitlement_id` of a session is there."""

    session_id: str
    entitlement_id: str
    by: str
    mid: str | None = None


class StopPlay(msgspec.Struct, frozen=True):
    """Staff ends it now."""

    session_id: str
    reason: str
    by: str
    mid: str | None = None


class PausePlay(msgspec.Struct, frozen=True):
    """Time shall stand still."""

    session_id: str
    reason: str
    by: str
    mid: str | None = None


class ResumePlay(msgspec.Struct, frozen=True):
    """Time shall run on."""

    session_id: str
    by: str
    mid: str | None = None


class MovePlay(msgspec.Struct, frozen=True):
    """The session goes on at another station; `despite_booking` as with `StartPlay`."""

    session_id: str
    station_id: str
    by: str
    mid: str | None = None
    despite_booking: bool = False


class CallStaff(msgspec.Struct, frozen=True):
    """A guest of that name, sitting at the session's table, asks for more time."""

    session_id: str
    name: str
    by: str
    mid: str | None = None


class ExpirePlay(msgspec.Struct, frozen=True):
    """The box's timer says that the time is used up."""

    session_id: str
    mid: str | None = None


class AbandonPlay(msgspec.Struct, frozen=True):
    """The box's timer says that nobody paid."""

    session_id: str
    mid: str | None = None


class ReckonPlay(msgspec.Struct, frozen=True):
    """The box has booted, or has learnt the time: count what was consumed before."""

    session_id: str
    mid: str | None = None


class TickClock(msgspec.Struct, frozen=True):
    """Checkpoint the time of all running sessions."""

    mid: str | None = None


class SetMaintenance(msgspec.Struct, frozen=True):
    """Take a station out of service, or give it back."""

    station_id: str
    on: bool
    by: str
    mid: str | None = None


class DescribeStation(msgspec.Struct, frozen=True):
    """A station's agent said what machine it is; `specs` is JSON."""

    station_id: str
    agent: str
    os: str
    specs: str
    mid: str | None = None


class CreditAccount(msgspec.Struct, frozen=True):
    """Money for later; `entry` is its id, and the payment's where it came over the counter.

    `method` is CASH or CARD, `tendered_minor` the cash that was handed over.
    """

    user_id: str
    entry: str
    amount_minor: int
    reason: str
    by: str
    mid: str | None = None
    method: str = "CASH"
    tendered_minor: int | None = None
    till: str = "main"


class IssueCode(msgspec.Struct, frozen=True):
    """Sell a guest code."""

    code: str
    seconds: int
    amount_minor: int
    method: Method
    by: str
    mid: str | None = None


PlayCommand = (
    StartPlay
    | ExtendPlay
    | ConfirmPlayPayment
    | StopPlay
    | PausePlay
    | ResumePlay
    | MovePlay
    | CallStaff
    | ExpirePlay
    | AbandonPlay
    | ReckonPlay
    | TickClock
    | SetMaintenance
    | DescribeStation
    | CreditAccount
    | IssueCode
)
