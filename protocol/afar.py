"""What comes from afar and wants somebody of the staff: held orders, refund requests, notes, outage drills.

Shapes of `/api/v1/approvals` and `/api/v1/drills` and of what the staff's screens are told about them.
Counterparts: `edge/web/staff/approval_desk.py`, `edge/web/staff/drill_desk.py`.
"""

from typing import Annotated, Literal

import msgspec

from protocol.facts.drill import Ending, Finding
from protocol.instruction import MOST_DRILL_MINUTES

Words = Annotated[str, msgspec.Meta(max_length=280)]


#: What a guest who is not at the table yet gave as the pass word.
GivenWord = Literal["right", "wrong", "none"]


class HeldLine(msgspec.Struct, frozen=True):
    """One line of an order that waits, at the price of the menu now; None if it is not on it any more."""

    name: str
    qty: int
    price_minor: int | None
    note: str
    takeaway: bool


class HeldOrder(msgspec.Struct, frozen=True):
    """An order that waits for a yes. `waited_s` is how long it was on its way when it came, at `taken_ms`.

    `word` is there for a guest who sits down by this order; whoever says yes vouches for them.
    """

    command_id: str
    table: str | None
    guest: str | None
    lines: tuple[HeldLine, ...]
    total_minor: int
    reason: str
    waited_s: int
    taken_ms: int
    word: GivenWord | None = None


class RefundWanted(msgspec.Struct, frozen=True):
    """A refund that nobody has decided about. `about` is the order, play session or payment.

    Of a payment the owner has decided: somebody hands out what came by `method` at `place`.
    """

    request_id: str
    about: str
    amount_minor: int
    reason: str
    requested_by: str | None
    requested_ms: int
    method: str | None
    place: str | None


class OwnersNote(msgspec.Struct, frozen=True):
    """Words of the owner that nobody has read."""

    note_id: str
    text: str
    left_by: str | None
    left_ms: int


class ApprovalsReply(msgspec.Struct, frozen=True):
    """Everything from afar that wants somebody, oldest first."""

    orders: tuple[HeldOrder, ...]
    refunds: tuple[RefundWanted, ...]
    notes: tuple[OwnersNote, ...]
    currency: str


class ApproveRequest(msgspec.Struct, frozen=True):
    """Send it to the kitchen, or say no."""

    approve: bool


class DecideRequest(msgspec.Struct, frozen=True):
    """Whether the money is given back, and what was done about it."""

    granted: bool
    note: Words = ""


class Settled(msgspec.Struct, frozen=True):
    """It is so now, or was already."""

    ok: bool


class DrillRequest(msgspec.Struct, frozen=True):
    """Cut the link to the cloud for so many minutes."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=MOST_DRILL_MINUTES)]


class DrillReply(msgspec.Struct, frozen=True):
    """One outage on purpose. `ends_ms` is when it will be over, while it runs."""

    drill_id: str
    minutes: int
    status: str
    begun_by: str | None
    begun_ms: int
    ends_ms: int | None
    ended_ms: int | None
    ending: Ending | None
    lasted_s: int | None
    unsynced: int | None
    findings: tuple[Finding, ...]
    drained_ms: int | None


class DrillsReply(msgspec.Struct, frozen=True):
    """Drills, newest first."""

    drills: tuple[DrillReply, ...]


class UpgradeWaits(msgspec.Struct, frozen=True):
    """A later release of the box is here; `why` says what it waits for until it is being put in place."""

    version: str
    installing: bool
    why: str


class Afar(msgspec.Struct, frozen=True):
    """What every staff screen shows: how much waits, until when the link is cut on purpose, and what stored
    cards come to that the terminal has not sent. `most_unsent_minor` is 0 where no cards may be stored.
    """

    waiting: int
    drill_ends_ms: int | None
    unsent_cards: int
    unsent_minor: int
    most_unsent_minor: int
    currency: str
    upgrade: UpgradeWaits | None = None


class AfarNews(msgspec.Struct, frozen=True, tag="afar"):
    """Something came from afar, or somebody dealt with it; lists are asked for anew."""

    afar: Afar
