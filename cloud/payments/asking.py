"""The loop that asks: payments and refunds of which nobody knows the end are looked up until somebody does.

Rule of the file: asking changes nothing at the provider. Every process runs one; a row's turn is taken by one
of them (`take_due`), less and less often. A webhook that never came is thereby only late.
"""

import asyncio
from contextlib import suppress

import structlog

from cloud.payments.cards import Cards
from cloud.payments.refunding import Refunding
from cloud.store.money import card_payments, card_refunds
from cloud.store.pool import GONE
from protocol.errors import Refused

_AT_ONCE = 20

log = structlog.get_logger()


class Asking:
    """Looks every `every_s`."""

    def __init__(self, cards: Cards, refunding: Refunding, every_s: float) -> None:
        self._cards = cards
        self._refunding = refunding
        self._every_s = every_s

    async def run(self) -> None:
        """Until cancelled; outlives every outage of Postgres and of the provider."""
        while self._cards.available:
            with suppress(*GONE):
                while await self.turn():
                    pass
            await asyncio.sleep(self._every_s)

    async def turn(self) -> bool:
        """Ask about what is due; whether there may be more."""
        async with self._cards.pool.acquire() as connection, connection.transaction():
            payments = await card_payments.take_due(connection, _AT_ONCE)
            refunds = await card_refunds.take_due(connection, _AT_ONCE)
        for payment in payments:
            with suppress(Refused):
                found = await self._cards.look(payment.organisation_id, payment.payment_id)
                log.info("card_payment_asked", payment=found.payment_id, status=found.status)
        for refund in refunds:
            with suppress(Refused):
                await self._refunding.look(refund)
        return len(payments) == _AT_ONCE or len(refunds) == _AT_ONCE
