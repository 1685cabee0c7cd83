"""Card money of another amount than was asked for: somebody accepts it as it is, or gives all of it back.

Rule of the file: the payment's row is held, and only one that waits for such a word is touched, so of two
people who decide at once one is told `payment_final`. Accepted, the payment counts as it was asked for, and
what came more or less stands under `differences` in the books. Given back, it has FAILED, and the refund is
on disk in the same transaction: whoever dies in between, the loop that asks sees to it (`asking.py`).
"""

import msgspec

from cloud.payments.cards import Cards
from cloud.payments.refunding import Refunding, RefundWanted
from cloud.store.money import card_payments, card_refunds
from cloud.store.money.card_payments import CardPayment
from cloud.store.money.card_refunds import CardRefund
from protocol.errors import Refused, refuse


class WrongMoney:
    """Decisions upon `cards`."""

    def __init__(self, cards: Cards, refunding: Refunding) -> None:
        self._cards = cards
        self._refunding = refunding

    async def accept(self, organisation_id: str, payment_id: str) -> CardPayment:
        """It counts. Raises `Refused`: `unknown_payment`, `payment_final`, `wrong_currency`."""
        async with self._cards.pool.acquire() as connection, connection.transaction():
            known = await card_payments.lock(connection, organisation_id, payment_id)
            if known is not None and known.status == "COMPLETED" and known.received_minor is not None:
                return known
            waiting = _waiting(known)
            if waiting.received_currency != waiting.currency:
                raise Refused(refuse("wrong_currency", "Money of another currency can only be given back."))
            accepted = msgspec.structs.replace(waiting, status="COMPLETED", trouble="", code="", failure="")
            await card_payments.write(connection, accepted)
            await self._cards.purposes.tell(connection, accepted)
            return accepted

    async def give_back(self, wanted: RefundWanted) -> CardRefund:
        """All that came. Raises `Refused`: `unknown_payment`, `payment_final`."""
        async with self._cards.pool.acquire() as connection, connection.transaction():
            known = await card_payments.lock(connection, wanted.organisation_id, wanted.payment_id)
            refund = await card_refunds.find(connection, wanted.organisation_id, wanted.refund_id)
            if refund is None or known is None:
                waiting = _waiting(known)
                refund = _record(waiting, wanted)
                await card_refunds.add(connection, refund)
                failed = msgspec.structs.replace(
                    waiting, status="FAILED", trouble="", failure=f"given back: {waiting.trouble}"
                )
                await card_payments.write(connection, failed)
                await self._cards.purposes.tell(connection, failed)
        return await self._refunding.look(refund)


def _waiting(known: CardPayment | None) -> CardPayment:
    if known is None:
        raise Refused(refuse("unknown_payment"))
    if known.status != "UNKNOWN" or not known.trouble or not known.received_minor:
        raise Refused(refuse("payment_final", detail={"status": known.status}))
    return known


def _record(payment: CardPayment, wanted: RefundWanted) -> CardRefund:
    return CardRefund(
        organisation_id=payment.organisation_id,
        refund_id=wanted.refund_id,
        payment_id=payment.payment_id,
        venue_id=payment.venue_id,
        amount_minor=payment.received_minor or 0,
        reason=wanted.reason,
        by=wanted.by,
        role=wanted.role,
        status="INITIATED",
    )
