"""`/admin/orders`: people at the venue see what was ordered, make it, ship it, cancel it and give money back.

Rule of the file: a step is looked up in the table of `orders/states.py` under the order's lock and against
the version that its author saw; step, log of the step, audit and mail are one commit. Where money is given
back the payment is held before the order, as in `settling.py`, so that the two never wait for each other.

Counterparts: `cloud/store/shop/staff.py`, the dashboard's *Shop*, seed 004 §6.
"""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.payments.refunding import Refunding, RefundWanted
from cloud.shop.orders.mails import Postman
from cloud.shop.orders.messages import Mid, OrderAnswer, Words
from cloud.shop.orders.showing import shown
from cloud.shop.orders.states import ORDER, PAID_BY_CARD, by_hand, choices
from cloud.store import venues
from cloud.store.money.card_refunds import CardRefund
from cloud.store.people.logins import Login
from cloud.store.shop import orders as shop_orders
from cloud.store.shop import staff as shop_staff
from cloud.store.shop.orders import OrderRow
from cloud.store.shop.staff import Action, Listed, RefundShown, Wish
from cloud.store.tenancy import on_behalf_of
from cloud.store.venues import Venue
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route

_Line = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Status = Literal["in_production", "shipped", "delivered", "cancelled"]
_MOST_LISTED = 50


class OrderUpdate(msgspec.Struct, frozen=True):
    """Take an order on. `version` is the one that was seen; tracking is of what is shipped."""

    status: _Status
    version: int
    carrier: _Line = ""
    tracking_number: _Line = ""
    note: Words = ""


class RefundRequest(msgspec.Struct, frozen=True):
    """Give money back: `amount_minor`, or all that is left of it. The same `mid` is the same refund."""

    mid: Mid
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=10**9)] | None = None


class OrderList(msgspec.Struct, frozen=True):
    """Orders, newest first; `next` is where to go on. `waiting` counts by state what somebody has to do."""

    orders: list[Listed]
    next: datetime | None
    waiting: dict[str, int]


class StaffOrder(msgspec.Struct, frozen=True):
    """An order with all that the venue knows of it; `choices` are where it may be taken from here."""

    order: OrderAnswer
    version: int
    choices: tuple[str, ...]
    actions: list[Action]
    refunds: list[RefundShown]
    refundable_minor: int


LIST = Route(
    method="GET",
    path="/admin/orders",
    summary="Orders of the shop, newest first.",
    response=OrderList,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="shop:read",
    filters=("venue", "status", "payment", "q", "before"),
    errors=("invalid",),
)
SHOW = Route(
    method="GET",
    path="/admin/orders/{order_id}",
    summary="An order with its lines, what was done to it, and refunds.",
    response=StaffOrder,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="shop:read",
    errors=("unknown_order",),
)
UPDATE = Route(
    method="PUT",
    path="/admin/orders/{order_id}",
    summary="Take an order on: in production, shipped, delivered, cancelled. The guest is told by mail.",
    request=OrderUpdate,
    response=StaffOrder,
    auth="owner",
    roles=roles.RUNNERS,
    scope="shop:write",
    errors=("unknown_order", "illegal_transition", "order_changed", "refund_too_high"),
)
REFUND = Route(
    method="POST",
    path="/admin/orders/{order_id}/refunds",
    summary="Give some or all of an order's money back.",
    request=RefundRequest,
    response=StaffOrder,
    status=202,
    auth="owner",
    roles=roles.RUNNERS,
    errors=("unknown_order", "nothing_to_refund", "refund_too_high", "mid_reused"),
)

_update = msgspec.json.Decoder(OrderUpdate)
_refund = msgspec.json.Decoder(RefundRequest)


class FulfilmentDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins, refunding: Refunding, postman: Postman) -> None:
        self._pool = pool
        self._logins = logins
        self._refunding = refunding
        self._postman = postman

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(LIST, self.listed), (SHOW, self.show), (UPDATE, self.update), (REFUND, self.refund)]

    async def listed(self, request: web.Request) -> web.Response:
        """`GET /admin/orders`."""
        login = await self._logins.require(request)
        wish = _wish(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await shop_staff.listed(connection, login.organisation_id, wish)
            waiting = await shop_staff.counted(connection, login.organisation_id)
        further = found[-1].created_at if len(found) == wish.most else None
        return answer(OrderList(found, further, waiting))

    async def show(self, request: web.Request) -> web.Response:
        """`GET /admin/orders/{order_id}`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            order, venue = await order_of(connection, request)
            return answer(await _whole(connection, order, venue))

    async def update(self, request: web.Request) -> web.Response:
        """`PUT /admin/orders/{order_id}`."""
        login = await self._logins.require(request)
        body = await body_of(request, _update)
        held: CardRefund | None = None
        async with on_behalf_of(self._pool, login) as connection:
            order, venue = await order_of(connection, request)
            if body.status == "cancelled" and order.payment_status in PAID_BY_CARD and order.payment_id:
                refund_id = f"shop-cancel-{order.order_id}"
                held = await self._hold(connection, login, order, refund_id, None, "the order was cancelled")
            order = await self._locked(connection, order, venue, body.version)
            row = await self._step(connection, login, request, venue, order, body)
            whole = await _whole(connection, row, venue)
        await self._send_back(held)
        return answer(whole)

    async def refund(self, request: web.Request) -> web.Response:
        """`POST /admin/orders/{order_id}/refunds`."""
        login = await self._logins.require(request)
        body = await body_of(request, _refund)
        async with on_behalf_of(self._pool, login) as connection:
            order, venue = await order_of(connection, request)
            refund_id = f"shop-{order.order_id}-{body.mid}"
            known = await shop_staff.refund_is_known(connection, login.organisation_id, refund_id)
            held = await self._hold(connection, login, order, refund_id, body.amount_minor, body.reason)
            if not known:
                await self._wrote(
                    connection, login, request, order, "refund", order.status, body.reason, body
                )
            whole = await _whole(connection, order, venue)
        await self._send_back(held)
        return answer(whole, 202)

    async def _hold(
        self,
        connection: asyncpg.Connection,
        login: Login,
        order: OrderRow,
        refund_id: str,
        amount_minor: int | None,
        reason: str,
    ) -> CardRefund:
        """Write down that money goes back, once by the id. Raises `Refused`."""
        if order.payment_id is None or order.payment_status not in PAID_BY_CARD:
            raise Refused(refuse("nothing_to_refund"))
        wanted = RefundWanted(
            login.organisation_id,
            refund_id,
            order.payment_id,
            amount_minor,
            reason,
            login.email,
            login.role,
        )
        return await self._refunding.hold(connection, wanted)

    async def _send_back(self, held: CardRefund | None) -> None:
        """Ask the provider now; what it does not answer is asked again by the loop that asks."""
        if held is not None:
            with suppress(Refused):
                await self._refunding.look(held)

    async def _locked(
        self, connection: asyncpg.Connection, seen: OrderRow, venue: Venue, version: int
    ) -> OrderRow:
        """The order, held. Raises `Refused` with `order_changed` unless it is as its author saw it."""
        order = await shop_orders.find(connection, seen.order_id, lock=True)
        if order is None:
            raise Refused(refuse("unknown_order"))
        if order.version != version:
            now = msgspec.to_builtins(await _whole(connection, order, venue))
            raise Refused(refuse("order_changed", detail={"order": now}))
        return order

    async def _step(
        self,
        connection: asyncpg.Connection,
        login: Login,
        request: web.Request,
        venue: Venue,
        order: OrderRow,
        body: OrderUpdate,
    ) -> OrderRow:
        if by_hand(order.status, body.status) is None:
            words = f"Invalid status transition: {order.status} to {body.status}."
            raise Refused(refuse("illegal_transition", words, detail={"choices": choices(order.status)}))
        row = await shop_orders.moved(connection, order, status=body.status)
        if body.status == "shipped":
            await shop_staff.ship(connection, row, body.carrier.strip(), body.tracking_number.strip())
            await self._postman.shipped(
                connection, venue, row, body.carrier.strip(), body.tracking_number.strip()
            )
        elif body.status == "delivered":
            await shop_staff.arrive(connection, row)
            await self._postman.delivered(connection, venue, row)
        elif body.status == "cancelled":
            await self._postman.cancelled(connection, venue, row)
        await self._wrote(connection, login, request, order, body.status, row.status, body.note, body)
        return row

    async def _wrote(
        self,
        connection: asyncpg.Connection,
        login: Login,
        request: web.Request,
        order: OrderRow,
        action: str,
        after: str,
        note: str,
        body: msgspec.Struct,
    ) -> None:
        """The order's own log, and the audit of the organisation."""
        origin = self._logins.origin(request)
        await shop_staff.log_action(
            connection, order, actor=login.email, action=action, after=after, note=note, origin=origin
        )
        await self._logins.witness(
            connection,
            request,
            login,
            f"shop order {action}",
            venue_id=order.venue_id,
            before={"order": order.order_id, "status": order.status, "version": order.version},
            after={"order": order.order_id, "status": after, **msgspec.to_builtins(body)},
        )


def _wish(request: web.Request) -> Wish:
    """What the query asks for. Raises `Refused` with `invalid`."""
    asked = request.query
    statuses = tuple(name for name in asked.get("status", "").split(",") if name)
    if not set(statuses) <= set(ORDER):
        raise Refused(refuse("invalid", f"status is some of {', '.join(ORDER)}."))
    try:
        return Wish(
            venue_id=str(UUID(asked["venue"])) if asked.get("venue") else None,
            statuses=statuses,
            payment_status=asked.get("payment") or None,
            words=asked.get("q", "").strip()[:80].replace("\x00", ""),
            before=_moment(asked["before"]) if asked.get("before") else None,
            most=_MOST_LISTED,
        )
    except ValueError as error:
        raise Refused(refuse("invalid", "venue is an id, before a moment as `next` has it.")) from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment has a zone")
    return moment


async def order_of(connection: asyncpg.Connection, request: web.Request) -> tuple[OrderRow, Venue]:
    """The order of the path and its venue, if they are the organisation's. Raises `Refused`."""
    try:
        order = await shop_orders.find(connection, str(UUID(request.match_info["order_id"])))
    except ValueError:
        order = None
    venue = await venues.find(connection, order.venue_id) if order else None
    if order is None or venue is None:
        raise Refused(refuse("unknown_order"))
    return order, venue


async def _whole(connection: asyncpg.Connection, order: OrderRow, venue: Venue) -> StaffOrder:
    refunds = await shop_staff.refunds_of(connection, venue.organisation_id, order)
    held_minor = sum(refund.amount_minor for refund in refunds if refund.status != "FAILED")
    refundable = order.payment_status in PAID_BY_CARD and order.payment_id is not None
    return StaffOrder(
        order=await shown(connection, order, venue.name),
        version=order.version,
        choices=choices(order.status),
        actions=await shop_staff.actions_of(connection, order),
        refunds=refunds,
        refundable_minor=max(0, order.paid_minor - held_minor) if refundable else 0,
    )
