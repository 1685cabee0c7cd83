"""What follows from the other end of the link, in the imperative: commands of the owner, and what hangs on
them.

`TakeCommand` is how an instruction of the cloud enters the box; the others are what it asks for where no
command of the venue says the same, and what the staff decides about it. Counterparts: `owner_commands.py`,
`too_late.py`, `grants.py` and `drills.py` decide these; `protocol/instruction.py` is what comes over the
link.
"""

import msgspec

from protocol.facts.drill import Ending, Finding
from protocol.facts.refund_request import Decision
from protocol.instruction import Ask


class TakeCommand(msgspec.Struct, frozen=True):
    """An instruction is here, with `left_ms` of its time left at the instant `arrived_ns` of `boot`.

    It lay in the cloud for `waited_ms`. `ask` is None where this release cannot read it.
    """

    command_id: str
    seq: int
    kind: str
    by: str
    ask: Ask | None
    left_ms: int
    waited_ms: int
    boot: str
    arrived_ns: int
    mid: str | None = None


class HoldCommand(msgspec.Struct, frozen=True):
    """Let somebody of the staff decide, because of `reason`."""

    command_id: str
    reason: str
    mid: str | None = None


class ReleaseCommand(msgspec.Struct, frozen=True):
    """Somebody of the staff says yes to what was held, or no."""

    command_id: str
    approve: bool
    by: str
    mid: str | None = None


class FinishCommand(msgspec.Struct, frozen=True):
    """What became of a command that is carried out outside the journal. `code` is empty if it was done."""

    command_id: str
    message: str
    code: str = ""
    result: dict[str, str] = {}
    mid: str | None = None


class DoubtCommand(msgspec.Struct, frozen=True):
    """Nobody knows how far it got, for `message`."""

    command_id: str
    message: str
    mid: str | None = None


class AcceptExtend(msgspec.Struct, frozen=True):
    """More time for a session, paid for in the cloud; the money is owed back if the session is over."""

    session_id: str
    extend_id: str
    seconds: int
    amount_minor: int
    by: str
    mid: str | None = None


class CancelOrder(msgspec.Struct, frozen=True):
    """An order is not wanted any more; `request_id` is fresh and used only if it is too late for that."""

    order_id: str
    request_id: str
    reason: str
    by: str
    mid: str | None = None


class SettleRefund(msgspec.Struct, frozen=True):
    """Somebody decided about a refund request; `shift_pid` is fresh, for money that leaves the drawer."""

    request_id: str
    decision: Decision
    note: str
    by: str
    shift_pid: str = ""
    mid: str | None = None


class ReturnPayment(msgspec.Struct, frozen=True):
    """The owner gives a payment back, or `amount_minor` of it; `refund_id` makes it one."""

    payment_pid: str
    refund_id: str
    amount_minor: int | None
    reason: str
    by: str
    shift_pid: str
    mid: str | None = None


class LeaveNote(msgspec.Struct, frozen=True):
    """Words for the staff."""

    note_id: str
    text: str
    by: str
    mid: str | None = None


class ReadNote(msgspec.Struct, frozen=True):
    """Somebody of the staff has read a note."""

    note_id: str
    by: str
    mid: str | None = None


class AcceptGrant(msgspec.Struct, frozen=True):
    """The cloud has set money of a wallet aside for this venue."""

    user_id: str
    grant_id: str
    amount_minor: int
    by: str
    mid: str | None = None


class GiveBackGrant(msgspec.Struct, frozen=True):
    """The cloud would like some of it back, as much as is there."""

    user_id: str
    return_id: str
    amount_minor: int
    by: str
    mid: str | None = None


class WriteOffCredit(msgspec.Struct, frozen=True):
    """What a guest still owes the venue for `entry` is not asked for any more."""

    entry: str
    note: str
    by: str
    mid: str | None = None


class BeginDrill(msgspec.Struct, frozen=True):
    """Cut the link on purpose."""

    drill_id: str
    minutes: int
    by: str
    mid: str | None = None


class EndDrill(msgspec.Struct, frozen=True):
    """The link may come back; this is what was seen meanwhile."""

    drill_id: str
    ending: Ending
    lasted_s: int
    unsynced: int
    findings: tuple[Finding, ...]
    by: str = "box"
    mid: str | None = None


class DrainDrill(msgspec.Struct, frozen=True):
    """The cloud has everything again after so many seconds."""

    drill_id: str
    seconds: float
    mid: str | None = None


RemoteCommand = (
    TakeCommand
    | HoldCommand
    | ReleaseCommand
    | FinishCommand
    | DoubtCommand
    | AcceptExtend
    | CancelOrder
    | SettleRefund
    | ReturnPayment
    | LeaveNote
    | ReadNote
    | AcceptGrant
    | GiveBackGrant
    | WriteOffCredit
    | BeginDrill
    | EndDrill
    | DrainDrill
)
