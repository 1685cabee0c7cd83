"""The port through which the box reaches whoever moves card money, in the box's words.

Rule of the file: shapes and the protocol only. The answer to every call is how far the payment is now; what
it becomes in the journal is `AdvancePayment`. A call whose answer is lost leaves the payment UNKNOWN, and
`ask` is what follows, never another `begin`. `payment_pid` is the idempotency key toward the other side.

Counterpart: the card adapters in `edge/adapters`.
"""

from typing import Literal, Protocol

import msgspec

from protocol.facts.payment import Payment


class CardProgress(msgspec.Struct, frozen=True):
    """How far a payment is. `reference` is the other side's name for it, `reason` why it failed.

    `client_secret` lets a guest's browser confirm it (seed 003 §6); it is told once and never stored.
    """

    state: Literal["PENDING", "COMPLETED", "FAILED", "UNKNOWN"]
    reference: str | None = None
    reason: str = ""
    client_secret: str | None = None


class CardPort(Protocol):
    """A gateway or a terminal. No call raises for a refused card: that is a state."""

    async def begin(self, payment: Payment) -> CardProgress:
        """Ask for the money once. A repeat with the same payment is the same request."""

    async def ask(self, payment: Payment) -> CardProgress:
        """How far it is, for a payment that is PENDING or UNKNOWN."""

    async def give_back(self, payment: Payment, refund_pid: str, amount_minor: int) -> CardProgress:
        """Return some of it; `refund_pid` makes a repeat the same request."""
