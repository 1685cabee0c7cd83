"""Giving card money back: each refund is a record of its own, on disk before the provider hears of it.

Rule of the file: what is given back and what is about to be is counted under the lock of its payment, so of
two people who give the same money back at once one is refused. A lost answer leaves the refund UNKNOWN; the
provider is asked for it by our id, and only where it has never heard of it the same request goes out again.
"""

import asyncpg
import msgspec

from cloud.payments.cards import Cards
from cloud.payments.gateway import Returned
from cloud.store.money import card_payments, card_refunds
from cloud.store.money.card_payments import CardPayment
from cloud.store.money.card_refunds import CardRefund
from protocol.errors import Refused, refuse
from protocol.facts.payment import UNDER_WAY


class RefundWanted(msgspec.Struct, frozen=True):
    """Somebody gives `amount_minor` (None: all that is left) of a payment back; `refund_id` makes it one."""

    organisation_id: str
    refund_id: str
    payment_id: str
    amount_minor: int | None
    reason: str
    by: str
    role: str


class Refunding:
    """Refunds upon `cards`."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards

    async def give_back(self, wanted: RefundWanted) -> CardRefund:
        """Write down, then ask. Raises `Refused` with `unknown_payment`, `refund_too_high` and others."""
        gateway = self._cards.gateway
        async with self._cards.pool.acquire() as connection, connection.transaction():
            refund = await self.hold(connection, wanted)
            payment = await card_payments.find(connection, wanted.organisation_id, wanted.payment_id)
        if refund.status not in UNDER_WAY or payment is None or payment.reference is None:
            return refund
        said = await gateway.refund(payment.reference, refund.refund_id, refund.amount_minor, refund.reason)
        return await self.settle(refund, said)

    async def hold(self, connection: asyncpg.Connection, wanted: RefundWanted) -> CardRefund:
        """The refund's row, made if it is new. Raises `Refused`."""
        payment = await card_payments.lock(connection, wanted.organisation_id, wanted.payment_id)
        if payment is None:
            raise Refused(refuse("unknown_payment"))
        known = await card_refunds.find(connection, wanted.organisation_id, wanted.refund_id)
        if known is not None:
            if known.payment_id != wanted.payment_id or wanted.amount_minor not in (None, known.amount_minor):
                raise Refused(refuse("mid_reused"))
            return known
        held = await card_refunds.held_minor(connection, wanted.organisation_id, wanted.payment_id)
        left = payment.came_minor - held if payment.status == "COMPLETED" else 0
        amount_minor = left if wanted.amount_minor is None else wanted.amount_minor
        if not 0 < amount_minor <= left:
            raise Refused(refuse("refund_too_high", detail={"left_minor": left}))
        refund = _record(payment, wanted, amount_minor)
        await card_refunds.add(connection, refund)
        return refund

    async def look(self, refund: CardRefund) -> CardRefund:
        """Ask about one that nobody knows the end of."""
        payment = await self._cards.find(refund.organisation_id, refund.payment_id)
        if refund.status not in UNDER_WAY or payment.reference is None:
            return refund
        gateway = self._cards.gateway
        said = await gateway.ask_refund(payment.reference, refund.refund_id)
        if said is None:
            said = await gateway.refund(
                payment.reference, refund.refund_id, refund.amount_minor, refund.reason
            )
        return await self.settle(refund, said)

    async def settle(self, refund: CardRefund, said: Returned) -> CardRefund:
        """Write down how far a refund is."""
        async with self._cards.pool.acquire() as connection, connection.transaction():
            payment = await card_payments.lock(connection, refund.organisation_id, refund.payment_id)
            known = await card_refunds.find(connection, refund.organisation_id, refund.refund_id)
            if payment is None or known is None:
                raise Refused(refuse("unknown_payment"))
            return await self._settle_within(connection, payment, known, said)

    async def heard(self, connection: asyncpg.Connection, said: Returned) -> CardPayment | None:
        """A refund that the provider tells of, perhaps made over there; the payment, None if not ours.

        Raises `TooSoon` while the payment itself is not known to be paid.
        """
        if said.payment_reference is None or said.reference is None:
            return None
        payment = await card_payments.lock_by_reference(connection, said.payment_reference)
        if payment is None:
            return None
        if payment.status in UNDER_WAY and not payment.trouble:
            raise TooSoon(payment)
        known = None
        if said.refund_id is not None:
            known = await card_refunds.find(connection, payment.organisation_id, said.refund_id)
        known = known or await card_refunds.find_by_reference(connection, said.reference)
        if known is None:
            known = _foreign(payment, said)
            await card_refunds.add(connection, known)
        await self._settle_within(connection, payment, known, said)
        return payment

    async def _settle_within(
        self, connection: asyncpg.Connection, payment: CardPayment, known: CardRefund, said: Returned
    ) -> CardRefund:
        refund = refund_advanced(known, said)
        if refund == known:
            return known
        await card_refunds.write(connection, refund)
        after = _payment_after(payment, known, refund)
        if after != payment:
            await card_payments.write(connection, after)
        if after.status != payment.status:
            await self._cards.purposes.tell(connection, after)
        elif after != payment:
            await self._cards.purposes.note(connection, after)
        return refund


class TooSoon(Exception):
    """A refund was told of before its payment: that has to be asked about first."""

    def __init__(self, payment: CardPayment) -> None:
        super().__init__(payment.payment_id)
        self.payment = payment


#: A bank may send back what a refund had brought it, so a completed one can still fail.
_REFUND_MOVES = {
    "INITIATED": ("PENDING", "COMPLETED", "FAILED", "UNKNOWN"),
    "PENDING": ("COMPLETED", "FAILED"),
    "UNKNOWN": ("PENDING", "COMPLETED", "FAILED"),
    "COMPLETED": ("FAILED",),
    "FAILED": (),
}


def refund_advanced(known: CardRefund, said: Returned) -> CardRefund:
    """The refund after what was said; itself where that leads nowhere. Pure."""
    if said.state not in _REFUND_MOVES[known.status]:
        return known
    return msgspec.structs.replace(
        known, status=said.state, reference=known.reference or said.reference, failure=said.reason
    )


def _payment_after(payment: CardPayment, before: CardRefund, after: CardRefund) -> CardPayment:
    """What a refund's step does to its payment. Money that came back after all is for a person to look at.

    A payment that FAILED because its amount was wrong never counted: nothing is taken off it.
    """
    if payment.status == "FAILED":
        return payment
    if after.status == "COMPLETED":
        refunded = payment.refunded_minor + after.amount_minor
        status = "REFUNDED" if refunded >= payment.came_minor else payment.status
        return msgspec.structs.replace(payment, refunded_minor=refunded, status=status)
    if before.status == "COMPLETED":
        return msgspec.structs.replace(
            payment,
            refunded_minor=payment.refunded_minor - after.amount_minor,
            trouble=f"the bank sent a refund of {after.amount_minor} back",
        )
    return payment


def _record(payment: CardPayment, wanted: RefundWanted, amount_minor: int) -> CardRefund:
    return CardRefund(
        organisation_id=payment.organisation_id,
        refund_id=wanted.refund_id,
        payment_id=payment.payment_id,
        venue_id=payment.venue_id,
        amount_minor=amount_minor,
        reason=wanted.reason,
        by=wanted.by,
        role=wanted.role,
        status="INITIATED",
    )


def _foreign(payment: CardPayment, said: Returned) -> CardRefund:
    wanted = RefundWanted(
        payment.organisation_id, str(said.reference), payment.payment_id, None, "", "stripe", "provider"
    )
    return _record(payment, wanted, said.amount_minor)
