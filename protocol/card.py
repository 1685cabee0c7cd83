"""Cards: paid online by way of the cloud, or stored by the venue's terminal while that cannot be asked.

A box asks by HTTP, signed with the key it was claimed with: `Holdfast-Signature` is base64 of the Ed25519
signature over `SIGNED` and the body. Every call names a payment and may be made again, so a recorded one does
no harm. How a payment ends also comes down the stream (`instruction.SettleCard`), whoever was away meanwhile.

What a terminal stored (`/api/v1/stored_cards`) the staff says the end of; those amounts hold the tip.

Counterparts: `edge/adapters/cloud/cards.py`, `cloud/ingest/card_calls.py`; `facts/stored_card.py` says what
stored cards mean, `edge/web/money/stored_desk.py` answers.
"""

from typing import Annotated, Literal

import msgspec

from protocol.bill import Approval, Minor, ShareId
from protocol.table import Mid, Pid

SIGNED = b"holdfast card call\n"
SIGNATURE = "Holdfast-Signature"
#: Who moves the money, as it stands in facts.
PROVIDER = "stripe"

_Words = Annotated[str, msgspec.Meta(max_length=200)]
_Url = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^https?://")]
State = Literal["PENDING", "COMPLETED", "FAILED", "UNKNOWN"]


class CardCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call. `subject` is the bill, `words` what the guest reads on the payment page, `return_url` where
    they come back to.
    """

    venue_id: str
    node_id: str
    ask: Literal["begin", "look", "cancel"]
    payment_pid: Pid
    subject: Annotated[str, msgspec.Meta(max_length=64)]
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    words: _Words = ""
    return_url: _Url


class CardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is. `code` and `reason` say why a card was refused last; `url` is where it can be paid."""

    state: State
    reference: str | None = None
    code: str = ""
    reason: str = ""
    url: str | None = None


class PayOnlineRequest(msgspec.Struct, frozen=True):
    """`POST /bill/pay`: a guest pays by card on their own phone. Without `amount_minor`, all that is due."""

    session_pid: Pid
    mid: Mid
    amount_minor: Minor | None = None
    tip_minor: Minor = 0
    share: ShareId | None = None


class OnlinePayment(msgspec.Struct, frozen=True, kw_only=True):
    """A card payment that goes by way of the provider; `url` is its page while it can be paid there.

    `reason` says why the last card was refused, for a person; another may be tried. `code_image` is the
    page's address as a picture for a guest's camera, for staff only.
    """

    payment_pid: str
    status: Literal["INITIATED", "PENDING", "COMPLETED", "FAILED", "UNKNOWN", "REFUNDED"]
    amount_minor: int
    tip_minor: int
    currency: str
    url: str | None = None
    code: str = ""
    reason: str = ""
    code_image: str | None = None


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
