"""The port to whoever moves card money, in the cloud's words.

Rule of the file: shapes only. A refused card, a lost answer and a provider that is down are *states*, not
exceptions: UNKNOWN is a request of which nobody knows whether it was carried out, and what follows is `ask`
(or the same request under the same key, which the provider carries out once), never a new one.

Counterpart: `stripe_gateway.py`. States are those of `protocol/facts/payment.py`.
"""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

import msgspec

from cloud.store.money.provider_books import Movement, PaidOut

State = Literal["PENDING", "COMPLETED", "FAILED", "UNKNOWN"]


class Line(msgspec.Struct, frozen=True):
    """What the payment page lists: `qty` times `price_minor`."""

    name: str
    price_minor: int
    qty: int = 1


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Money that somebody is to pay. `payment_id` is ours and the idempotency key toward the provider.

    `purpose` names who is told of the outcome and `subject` what it is about (an order, a bill, a wallet).
    With `lines` the guest pays on the provider's own page and comes back to `success_url` (in which
    `{CHECKOUT_SESSION_ID}` is filled in) or `cancel_url`; the lines have to come to `amount_minor`. Without
    lines there is a client secret, with which an app confirms the payment itself (seed 003 §6). A page closes
    by itself at `expires_s` (Unix seconds; Stripe takes 30 minutes to 24 hours from now).
    """

    payment_id: str
    organisation_id: str
    purpose: str
    subject: str
    amount_minor: int
    currency: str
    description: str = ""
    venue_id: str | None = None
    lines: tuple[Line, ...] = ()
    success_url: str = ""
    cancel_url: str = ""
    email: str | None = None
    expires_s: int | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a payment is. `reference` is the provider's name for it, `session` that of its page.

    `code` and `reason` say why a card was refused; while the state is PENDING another card may be tried.
    `client_secret` and `url` are for whoever pays, and are never stored. Amounts in minor units.
    """

    state: State
    reference: str | None = None
    session: str | None = None
    client_secret: str | None = None
    url: str | None = None
    received_minor: int | None = None
    currency: str | None = None
    code: str = ""
    reason: str = ""


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """How far a refund is; `refund_id` is ours, None for one that was made at the provider itself."""

    state: State
    reference: str | None = None
    refund_id: str | None = None
    payment_reference: str | None = None
    amount_minor: int = 0
    currency: str = ""
    reason: str = ""


class BadSignature(Exception):
    """An event that the provider did not sign, or signed too long ago."""


class ProviderSilent(Exception):
    """The provider's books could not be read now."""


class CardGateway(Protocol):
    """A provider. Only `verified`, `movements` and `payouts` raise."""

    async def begin(self, wanted: Wanted) -> Progress:
        """Open the payment; nobody is charged by this. The same again is the same payment."""

    async def ask(self, reference: str | None, session: str | None) -> Progress:
        """How far it is, by either of its names; with `url` or `client_secret` while it can be paid."""

    async def cancel(self, reference: str | None, session: str | None) -> Progress:
        """Nobody shall pay it any more; COMPLETED if somebody was quicker."""

    async def refund(self, reference: str, refund_id: str, amount_minor: int, reason: str) -> Returned:
        """Give some of it back once; `refund_id` is the idempotency key."""

    async def ask_refund(self, reference: str, refund_id: str) -> Returned | None:
        """The refund of that id of a payment; None when the provider has never heard of it."""

    def verified(self, body: bytes, signature: str) -> bytes:
        """The body of an event that is the provider's. Raises `BadSignature`."""

    def movements(self, payout_id: str | None, since_s: int) -> AsyncIterator[Movement]:
        """The provider's books since a moment, or those of one payout. Raises `ProviderSilent`."""

    def payouts(self, since_s: int) -> AsyncIterator[PaidOut]:
        """Payouts since a moment. Raises `ProviderSilent`."""
