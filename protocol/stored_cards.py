"""Cards that a terminal stored while the venue was cut off, as the staff sees them (`/api/v1/stored_cards`).

All amounts are integers in minor units and hold the tip. Counterparts: `facts/stored_card.py` says what they
mean, `edge/web/money/stored_desk.py` answers.
"""

from typing import Annotated

import msgspec

from protocol.bill import Approval
from protocol.table import Mid

_Words = Annotated[str, msgspec.Meta(max_length=200)]


class StoreRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/payments/{payment_pid}/stored`; beyond a limit with `reason` and a manager's PIN."""

    mid: Mid
    reference: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    reason: _Words = ""
    approval: Approval | None = None


class StoredSettleRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/stored_cards/{payment_pid}`: the terminal has sent it, or it was declined."""

    sent: bool
    reason: _Words = ""


class StoredCardRow(msgspec.Struct, frozen=True):
    """A payment of which only the terminal knows. `over` names limits that a manager went beyond."""

    payment_pid: str
    session_pid: str | None
    place: str
    amount_minor: int
    over: tuple[str, ...]
    reason: str
    approved_by: str
    stored_by: str | None
    stored_ms: int


class StoredCardsReply(msgspec.Struct, frozen=True):
    """What is unsent, the oldest first, and whether one more may be stored now.

    `allowed` says that the owner has said yes, `cut_off_s` for how long the cloud has been away (null while
    it is there).
    """

    allowed: bool
    cut_off_s: int | None
    unsent: int
    unsent_minor: int
    most_minor: int
    most_unsent_minor: int
    most_hours: int
    currency: str
    cards: tuple[StoredCardRow, ...]


class StoredSettled(msgspec.Struct, frozen=True):
    """What is still unsent. `session_pid` names the bill that is owed again after a decline."""

    unsent: int
    unsent_minor: int
    session_pid: str | None
