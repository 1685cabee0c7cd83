"""What follows for an order when money has come for it, has not, or went back.

Rule of the file: everything is derived from the payment as it stands, under the order's lock and in the
transaction in which the payment changes. So webhook, redirect and the loop that asks may race, come twice
or out of order: whoever is second finds it done. Each page is a payment of its own, named by order and
round.

Counterparts: `cloud/payments/cards.py` calls `settled`, `orders/states.py` says what a payment is to its
order, seed 004 §1.
"""

from uuid import UUID

import asyncpg
import structlog

from cloud.payments.refunding import Refunding, RefundWanted
from cloud.shop.orders.mails import Postman
from cloud.shop.orders.states import ORDER, PAYMENT, Asked, after, verdict
from cloud.shop.orders.words import money
from cloud.store import venues
from cloud.store.money.card_payments import CardPayment
from cloud.store.shop import designs
from cloud.store.shop import orders as shop_orders
from cloud.store.shop.orders import OrderRow
from cloud.store.venues import Venue

#: What card payments of orders are for, as `purposes.py` knows it.
PURPOSE = "shop_order"
_CLOSED = ("expired", "abandoned", "canceled")

log = structlog.get_logger()


class Settling:
    """What an order does when its payment has moved."""

    def __init__(self, refunding: Refunding, postman: Postman) -> None:
        self._refunding = refunding
        self._postman = postman

    async def settled(self, connection: asyncpg.Connection, payment: CardPayment) -> None:
        """`Purposes` calls this in the transaction that writes the payment down."""
        order = await shop_orders.find(connection, str(UUID(payment.subject)), lock=True)
        venue = await venues.find(connection, order.venue_id) if order else None
        if order is None or venue is None:
            log.error("payment_of_no_order", payment=payment.payment_id)
            return
        if payment.trouble:
            await self._look_at_it(connection, venue, order, payment)
        elif payment.status == "COMPLETED" and not _counted(order, payment):
            await self._came(connection, venue, order, payment)
        elif _counted(order, payment):
            await self._went_back(connection, venue, order, payment)
        elif payment.status == "FAILED" and payment.payment_id == order.payment_id:
            event = "expire" if payment.code in _CLOSED else "fail"
            await _step(connection, order, event)

    async def _came(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, payment: CardPayment
    ) -> None:
        asked = Asked(order.total_minor, order.currency)
        found = verdict(
            order.status, order.payment_status, asked, Asked(payment.amount_minor, payment.currency)
        )
        if found == "accepted":
            await self.paid(connection, venue, order, payment)
        elif found == "mismatch":
            await self._look_at_it(connection, venue, order, payment)
        else:
            await self._give_back(connection, payment, found)

    async def paid(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, payment: CardPayment | None
    ) -> OrderRow:
        """The order counts as paid: it is made from here on. Without a payment there was nothing to pay."""
        named = {}
        if payment is not None:
            named = {
                "payment_id": payment.payment_id,
                "stripe_payment_intent_id": payment.reference,
                "stripe_checkout_session_id": payment.session,
                "paid_minor": payment.amount_minor,
            }
        row = await shop_orders.moved(connection, order, status="paid", payment_status="succeeded", **named)
        lines = await shop_orders.lines_of(connection, row)
        for design_id in sorted({line.design_id for line in lines}):
            await designs.finalized(connection, row.venue_id, design_id)
        await self._postman.paid(connection, venue, row, lines)
        return row

    async def _look_at_it(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, payment: CardPayment
    ) -> None:
        """Money that is not what was asked: nothing is made until a person has decided."""
        state = after(PAYMENT, order.payment_status, "mismatch")
        if state is None:
            log.error("payment_in_trouble", order=order.order_id, payment=payment.payment_id)
            return
        row = await shop_orders.moved(connection, order, payment_status=state, payment_id=payment.payment_id)
        words = payment.trouble or money(payment.amount_minor, payment.currency)
        await self._postman.look_at_money(connection, venue, row, words)

    async def _give_back(self, connection: asyncpg.Connection, payment: CardPayment, why: str) -> None:
        """All of it, because the order is paid already or cancelled; the loop that asks sees to it."""
        words = {"second": "the order was paid already", "too_late": "the order was cancelled"}[why]
        wanted = RefundWanted(
            payment.organisation_id,
            f"shop-{why}-{payment.payment_id}",
            payment.payment_id,
            None,
            words,
            "the shop",
            "system",
        )
        await self._refunding.hold(connection, wanted)

    async def _went_back(
        self, connection: asyncpg.Connection, venue: Venue, order: OrderRow, payment: CardPayment
    ) -> None:
        """As much of the order's money as the payment now says; what came beyond it is not the order's."""
        refunded_minor = min(payment.refunded_minor, order.paid_minor)
        back_minor = refunded_minor - order.refunded_minor
        event = "refund_all" if payment.refunded_minor >= payment.came_minor else "refund_part"
        state = after(PAYMENT, order.payment_status, event) or order.payment_status
        if back_minor == 0 and state == order.payment_status:
            return
        row = await shop_orders.moved(connection, order, payment_status=state, refunded_minor=refunded_minor)
        if back_minor > 0:
            cause = f"{payment.payment_id}:{refunded_minor}"
            await self._postman.refunded(connection, venue, row, cause, back_minor)


def _counted(order: OrderRow, payment: CardPayment) -> bool:
    """Whether this is the payment by which the order is paid."""
    return order.paid_at is not None and payment.payment_id == order.payment_id


async def _step(connection: asyncpg.Connection, order: OrderRow, event: str) -> None:
    state = after(PAYMENT, order.payment_status, event)
    if state is not None:
        await shop_orders.moved(connection, order, payment_status=state)


async def abandoned(connection: asyncpg.Connection, order_id: str) -> bool:
    """Give a draft up in which nothing has happened for long; False if something has by now."""
    order = await shop_orders.find(connection, order_id, lock=True)
    state = after(ORDER, order.status, "abandon") if order else None
    if order is None or state is None or order.payment_status not in ("unpaid", "expired", "failed"):
        return False
    await shop_orders.moved(connection, order, status=state)
    return True
