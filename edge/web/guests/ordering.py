"""`POST /orders`, and what it shares with `place_order` on the socket: both are one command (contract.md).

The answer waits for the point of sale for ten seconds and no longer; the box carries on either way, and the
same question asked again gets the answer as it is by then (seed 002 §5.2).
"""

import asyncio
import hashlib
from collections.abc import Callable

import msgspec
from aiohttp import web

from edge.core.commands import PlaceOrder
from edge.core.orders.location import Origin
from edge.journal.hot import Hot
from edge.journal.writer import Accepted, Committed, Writer
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.guests.presence import Presence
from edge.web.tokens import Tokens
from protocol import news
from protocol.errors import Refusal, Refused, refuse
from protocol.facts.cart import CartLocked
from protocol.facts.order import Order
from protocol.http import Route
from protocol.table import OrderReply, OrderRequest, order_failed_message, processing_words

#: How long `POST /orders` waits before it answers 202 and lets the box carry on (seed 002 §5.2).
ORDER_TIMEOUT_S = 10.0
#: Longer X-Forwarded-For headers are cut at their untrustworthy end.
MOST_FORWARDED = 2000

ORDER = Route(
    method="POST",
    path="/orders",
    summary="Order what is in the cart, if it still is what `cart_hash` says; once more after it has failed.",
    request=OrderRequest,
    response=OrderReply,
    status=201,
    also=(202,),
    auth="guest",
    errors=(
        "pass_required",
        "not_at_venue",
        "cart_changed",
        "cart_empty",
        "order_in_progress",
        "order_failed",
        "sold_out",
        "recalled",
        "price_lapsed",
        "not_available",
        "unknown_session",
        "session_closed",
        "not_authorised",
        "mid_reused",
    ),
)

_order = msgspec.json.Decoder(OrderRequest)


def order_mid(hot: Hot, session_pid: str, member_pid: str, cart_hash: str) -> str:
    """The idempotency key of an order without one: the same member ordering the same cart is a repeat.

    Cart line ids are never used twice, so equal hashes mean the same lines. Once these have failed, the same
    request asks for the next try.
    """
    found = (hot.committed(f"order:{order_id}") for order_id in hot.committed_orders_of(session_pid))
    same = [each for each in found if isinstance(each, Order) and each.placed.cart_hash == cart_hash]
    tries = sum(each.attempts for each in same)
    if all(each.status in ("failed", "abandoned") for each in same):
        tries += 1
    digest = hashlib.sha256(f"{member_pid}:{cart_hash}:{tries}".encode())
    return "order-" + digest.hexdigest()[:40]


def order_id_of(outcome: Accepted) -> str:
    """The order that an accepted `PlaceOrder` began."""
    locked = outcome.facts[0].event
    assert isinstance(locked, CartLocked)
    return locked.order_id


def origin_of(request: web.Request) -> Origin:
    """Where a request came from, before anybody has decided which proxy to believe."""
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
    return Origin(request.remote or "", forwarded[-MOST_FORWARDED:])


def progress(order: Order) -> news.TableNews:
    """How an order is now, in the words of the broadcast that said so."""
    match order.status:
        case "confirmed":
            return news.OrderConfirmedMessage(
                order.order_id, order.ticket or "", "Order placed successfully!"
            )
        case "failed":
            return order_failed_message(order, None)
        case "processing":
            return news.OrderProcessingMessage(order.order_id, processing_words(order))
        case other:
            return news.OrderStatusMessage(order.order_id, other)


class OrderNews:
    """Waiting for orders to be settled. `hear` is a journal listener."""

    def __init__(self, hot: Hot) -> None:
        self._hot = hot
        self._waiting: dict[str, list[asyncio.Future[None]]] = {}

    def hear(self, batch: list[Committed]) -> None:
        """Wake who waits for an order that is no longer under way."""
        for each in batch:
            if isinstance(each.state, Order) and each.state.status != "processing":
                for future in self._waiting.pop(each.state.order_id, ()):
                    if not future.done():
                        future.set_result(None)

    async def settled(self, order_id: str, timeout_s: float) -> Order:
        """The order as soon as it is settled, or as it is after so many seconds."""
        order = self._now(order_id)
        if order.status == "processing":
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(order_id, []).append(future)
            try:
                await asyncio.wait_for(future, timeout_s)
            except TimeoutError:
                self._forget(order_id, future)
        return self._now(order_id)

    def _now(self, order_id: str) -> Order:
        order = self._hot.committed(f"order:{order_id}")
        assert isinstance(order, Order)
        return order

    def _forget(self, order_id: str, future: "asyncio.Future[None]") -> None:
        waiting = self._waiting.get(order_id, [])
        if future in waiting:
            waiting.remove(future)
        if not waiting:
            self._waiting.pop(order_id, None)


class OrderDesk:
    """The handler of `POST /orders`."""

    def __init__(
        self,
        writer: Writer,
        hot: Hot,
        tokens: Tokens,
        orders: OrderNews,
        presence: Presence,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._writer = writer
        self._hot = hot
        self._tokens = tokens
        self._orders = orders
        self._presence = presence
        self._monotonic_s = monotonic_s

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(ORDER, self.order)]

    async def order(self, request: web.Request) -> web.Response:
        """`POST /orders`."""
        begun_s = self._monotonic_s()
        body = await body_of(request, _order)
        member_pid = self._tokens.guest(request, body.session_pid).member.member_pid
        self._presence.seen(member_pid)
        command = PlaceOrder(
            session_pid=body.session_pid,
            member_pid=member_pid,
            cart_hash=body.cart_hash,
            special_instructions=body.special_instructions,
            origin=origin_of(request),
            gps=body.gps,
            mid=body.mid or order_mid(self._hot, body.session_pid, member_pid, body.cart_hash),
        )
        try:
            outcome = accepted(await asyncio.wait_for(self._writer.execute(command), ORDER_TIMEOUT_S))
        except TimeoutError:  # the disk is slow; the command stays in the queue and its mid finds it again
            return answer(OrderReply("", status="processing"), 202)
        left_s = ORDER_TIMEOUT_S - (self._monotonic_s() - begun_s)
        order = await self._orders.settled(order_id_of(outcome), max(0.0, left_s))
        self._presence.seen(member_pid)
        return order_answer(order)


def order_answer(order: Order) -> web.Response:
    """201, 202, or a refusal that says whether trying again is of use."""
    match order.status:
        case "confirmed":
            return answer(OrderReply(order.order_id, order.ticket), 201)
        case "processing":
            return answer(OrderReply(order.order_id, status="processing"), 202)
        case _:
            raise Refused(_failed(order))


def _failed(order: Order) -> Refusal:
    detail = {"order_id": order.order_id, "reason": order.failure, "allow_retry": order.allow_retry}
    return refuse("order_failed", f"Order failed: {order.failure}.", detail=detail)
