"""What payments are for, and what follows from each outcome.

Rule of the file: a purpose is a row here, not a branch where events come in. What follows runs in the very
transaction that writes the payment's new state down, so it happens once or, with it, not at all.
"""

from collections.abc import Awaitable, Callable

import asyncpg

from cloud.store.money.card_payments import CardPayment

Settled = Callable[[asyncpg.Connection, CardPayment], Awaitable[None]]


class Purposes:
    """Who is told that a payment is COMPLETED, FAILED or REFUNDED, by its purpose."""

    def __init__(self) -> None:
        self._told: dict[str, Settled] = {}
        self._noted: dict[str, Settled] = {}

    def on(self, purpose: str, settled: Settled, *, noted: Settled | None = None) -> None:
        """From now on `settled` hears of payments for `purpose`; once for each end they reach.

        `noted` hears what else happens to them: money of another amount (`trouble`), a part that went back.
        """
        if purpose in self._told:
            raise ValueError(f"{purpose} is taken")
        self._told[purpose] = settled
        if noted is not None:
            self._noted[purpose] = noted

    async def tell(self, connection: asyncpg.Connection, payment: CardPayment) -> None:
        """Let what follows happen, in the caller's transaction."""
        told = self._told.get(payment.purpose)
        if told is not None:
            await told(connection, payment)

    async def note(self, connection: asyncpg.Connection, payment: CardPayment) -> None:
        """The payment is not at an end, but not as it was, either; in the caller's transaction."""
        noted = self._noted.get(payment.purpose)
        if noted is not None:
            await noted(connection, payment)
