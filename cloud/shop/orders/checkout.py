"""`/orders/{order_id}/checkout`: the page on which a guest pays, and looking whether they have.

Rule of the file: the round is on disk before the provider hears of it, so a crash in between opens the same
page again and never a second one; a new page is opened only after the last can no longer be paid.
Counterpart: `settling.py` does what follows, seed 004 §1.
"""

import asyncpg
from aiohttp import web

from cloud.config import Config
from cloud.payments.cards import Cards, Opened
from cloud.payments.gateway import Line, Wanted
from cloud.shop.designs import guest_key
from cloud.shop.orders.mails import Postman
from cloud.shop.orders.messages import CheckoutAnswer, OrderAnswer
from cloud.shop.orders.ordering import own_order, venue_of
from cloud.shop.orders.settling import PURPOSE, Settling
from cloud.shop.orders.showing import shown
from cloud.shop.orders.states import ORDER, PAYABLE, PAYMENT, after
from cloud.shop.orders.words import short_number
from cloud.store.shop import orders as shop_orders
from cloud.store.shop.orders import LineRow, OrderRow
from cloud.store.venues import Venue
from cloud.web import limits
from cloud.web.answers import Handler, answer, caller
from protocol.errors import Refused, refuse
from protocol.http import Route

#: A page may run out in the moment between being found and being shown; more than once it does not.
_ROUNDS_AT_ONCE = 2

CHECKOUT = Route(
    method="POST",
    path="/orders/{order_id}/checkout",
    summary="The page on which to pay; the same one for as long as it can be paid on.",
    response=CheckoutAnswer,
    auth="guest",
    errors=(
        *("unauthenticated", "rate_limited", "unknown_order", "order_paid", "order_over"),
        *("method_unavailable", "card_unavailable"),
    ),
)
LOOK = Route(
    method="POST",
    path="/orders/{order_id}/look",
    summary="The order, after asking the provider whether it was paid; for who comes back from the page.",
    response=OrderAnswer,
    auth="guest",
    errors=("unauthenticated", "rate_limited", "unknown_order", "method_unavailable"),
)


class CheckoutDesk:
    """The handlers and what they need."""

    def __init__(
        self, config: Config, pool: asyncpg.Pool, cards: Cards, settling: Settling, postman: Postman
    ) -> None:
        self._config = config
        self._pool = pool
        self._cards = cards
        self._settling = settling
        self._postman = postman

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(CHECKOUT, self.checkout), (LOOK, self.look)]

    async def checkout(self, request: web.Request) -> web.Response:
        """`POST /orders/{order_id}/checkout`."""
        digest = guest_key.digest_of(request)
        await self._limit(request)
        for _ in range(_ROUNDS_AT_ONCE):
            venue, order, lines = await self._round(request.match_info["order_id"], digest)
            if order.status == "paid":
                return answer(CheckoutAnswer(self._page(order)))
            opened = await self._cards.begin(self._wanted(venue, order, lines))
            if opened.url is not None:
                await self._opened(order, opened)
                return answer(CheckoutAnswer(opened.url))
            if opened.payment.status in ("COMPLETED", "REFUNDED"):
                raise Refused(refuse("order_paid"))
        raise Refused(refuse("card_unavailable", retry_after_s=2))

    async def look(self, request: web.Request) -> web.Response:
        """`POST /orders/{order_id}/look`."""
        digest = guest_key.digest_of(request)
        await self._limit(request)
        async with self._pool.acquire() as connection:
            order = await own_order(connection, request.match_info["order_id"], digest)
            venue = await venue_of(connection, order.venue_id)
        if order.payment_id is not None and order.paid_at is None:
            await self._cards.look(venue.organisation_id, order.payment_id)
        async with self._pool.acquire() as connection:
            order = await own_order(connection, order.order_id, digest)
            return answer(await shown(connection, order, venue.name))

    async def _round(self, order_id: str, digest: str) -> tuple[Venue, OrderRow, list[LineRow]]:
        """The order with a round open in which it can be paid; paid at once where it costs nothing."""
        async with self._pool.acquire() as connection, connection.transaction():
            order = await own_order(connection, order_id, digest, lock=True)
            venue = await venue_of(connection, order.venue_id)
            _check(order)
            if order.total_minor == 0:
                order = await self._settling.paid(connection, venue, order, None)
            elif order.payment_status in PAYABLE:
                number = order.checkout_round + 1
                order = await shop_orders.moved(
                    connection,
                    order,
                    payment_status=PAYMENT[order.payment_status]["open"],
                    checkout_round=number,
                    payment_id=f"{order.order_id}.{number}",
                )
            return venue, order, await shop_orders.lines_of(connection, order)

    async def _opened(self, order: OrderRow, opened: Opened) -> None:
        """Keep the session's name (seed 004 §1); the payment itself is in `card_payments` by now."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await shop_orders.find(connection, order.order_id, lock=True)
            session = opened.payment.session
            if row is None or row.checkout_round != order.checkout_round or row.paid_at is not None:
                return
            if row.stripe_checkout_session_id != session:
                await shop_orders.moved(connection, row, stripe_checkout_session_id=session)

    def _wanted(self, venue: Venue, order: OrderRow, lines: list[LineRow]) -> Wanted:
        listed = [Line(f"{line.quantity} × {line.name}", line.gross_minor) for line in lines]
        if order.shipping_minor:
            listed.append(Line("Shipping", order.shipping_minor))
        return Wanted(
            payment_id=str(order.payment_id),
            organisation_id=venue.organisation_id,
            venue_id=venue.venue_id,
            purpose=PURPOSE,
            subject=order.order_id,
            amount_minor=order.total_minor,
            currency=order.currency,
            description=f"{venue.name}, order {short_number(order.number)}",
            lines=tuple(listed),
            success_url=self._page(order),
            cancel_url=self._page(order),
            email=order.email,
        )

    def _page(self, order: OrderRow) -> str:
        return self._postman.page(order.venue_id, "order", order.order_id)

    async def _limit(self, request: web.Request) -> None:
        address = caller(request, behind_proxy=self._config.behind_proxy)
        await limits.check(self._pool, limits.SHOP_CHECKOUTS_BY_ADDRESS, address)


def _check(order: OrderRow) -> None:
    """Raises `Refused` unless the order can still be paid."""
    if order.payment_status not in {*PAYABLE, "open"}:
        raise Refused(refuse("order_paid"))
    if after(ORDER, order.status, "pay") is None:
        raise Refused(refuse("order_over"))
