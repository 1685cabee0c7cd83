"""Paying by card online: what a box asks of the cloud, and what phones and tills ask of the box.

A box asks by HTTP, signed with the key it was claimed with: `Holdfast-Signature` is base64 of the Ed25519
signature over `SIGNED` and the body. Every call names a payment and may be made again, so a recorded one does
no harm. How a payment ends also comes down the stream (`instruction.SettleCard`), whoever was away meanwhile.

Counterparts: `edge/adapters/cloud_cards.py`, `cloud/ingest/card_calls.py`.
"""

from typing import Annotated, Literal

import msgspec

from protocol.bill import Minor, ShareId
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
