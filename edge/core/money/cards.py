"""The port through which the box reaches whoever moves card money online, in the box's words.

Rule of the file: shapes and the protocol only. The answer to every call is how far the payment is now; what
it becomes in the journal is `AdvancePayment`. A call whose answer is lost says UNKNOWN and changes nothing:
`payment_pid` is the idempotency key toward the other side, so calling again is asking. Refunds need no call;
the cloud gives money back when it hears the fact.

Counterpart: `edge/adapters/cloud/cards.py`.
"""

from typing import Protocol

from protocol.card import CardAnswer
from protocol.facts.payment import Payment


class NotSent(Exception):
    """The other side has certainly not heard of it; the text says why, for a person."""


class NeverHeard(NotSent):
    """The other side answers, and knows no such payment: it was never opened there, or that is forgotten."""


class CardPort(Protocol):
    """The cloud's card desk. No call raises for a refused card or a lost answer: those are states."""

    async def begin(self, payment: Payment, words: str, return_url: str) -> CardAnswer:
        """Open it, or open it again, with the page where it can be paid. Raises `NotSent`."""

    async def look(self, payment: Payment, return_url: str) -> CardAnswer:
        """How far it is, asked of the provider itself. Raises `NotSent`, or of it `NeverHeard`."""

    async def cancel(self, payment: Payment, return_url: str) -> CardAnswer:
        """Nobody shall pay it any more; COMPLETED if somebody was quicker. Raises as `look`."""
