"""HTTP for ordering in guests' stead: a member of the staff at the table, or at the till.

What staff puts into a cart belongs to the guest it is for, or to whoever serves the table; the facts say who
did it. Where guests have to be for ordering does not matter here. Counterpart: `ordering.py`, the same by
the guests themselves.
"""

import msgspec
from aiohttp import web

from edge.core.commands import AddItem, ChangeItem, PlaceOrder, RemoveItem
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.guests.ordering import ORDER_TIMEOUT_S, OrderNews, order_answer, order_id_of, order_mid
from edge.web.guests.presence import Presence
from edge.web.guests.snapshots import snapshot
from edge.web.staff.attendance import Attendance
from protocol.cart_snapshot import CartSnapshot
from protocol.errors import Refused, refuse
from protocol.facts.cart import Cart, CartItem
from protocol.facts.table import TableSession
from protocol.floor import ItemChangeRequest, ItemRemoveRequest, ItemRequest, TableOrderRequest
from protocol.http import Route
from protocol.table import OrderReply, choices_of

_AT_TABLE = ("unknown_table", "table_free", "not_configured")
_CART = (
    *(
        *_AT_TABLE,
        "unknown_member",
        "unknown_menu_item",
        "sold_out",
        "recalled",
        "price_lapsed",
        "cart_locked",
        "cart_full",
    ),
    *("not_available", "session_closed", "unknown_session", "not_authorised", "mid_reused"),
)
_LINE = (*_CART, "unknown_item", "version_conflict")

ADD = Route(
    method="POST",
    path="/api/v1/tables/{code}/items",
    summary="Put a dish into the table's cart, for a guest or for the table.",
    request=ItemRequest,
    response=CartSnapshot,
    status=201,
    auth="staff",
    errors=_CART,
)
CHANGE = Route(
    method="PUT",
    path="/api/v1/tables/{code}/items/{id}",
    summary="Change anybody's line that was last seen at `version`.",
    request=ItemChangeRequest,
    response=CartSnapshot,
    auth="staff",
    errors=_LINE,
)
REMOVE = Route(
    method="POST",
    path="/api/v1/tables/{code}/items/{id}/remove",
    summary="Take out anybody's line that was last seen at `version`.",
    request=ItemRemoveRequest,
    response=CartSnapshot,
    auth="staff",
    errors=_LINE,
)
ORDER = Route(
    method="POST",
    path="/api/v1/tables/{code}/order",
    summary="Order for the table what is in its cart, if it still is what `cart_hash` says.",
    request=TableOrderRequest,
    response=OrderReply,
    status=201,
    also=(202,),
    auth="staff",
    errors=(
        *(*_AT_TABLE, "cart_changed", "cart_empty", "order_in_progress", "order_failed", "sold_out"),
        *(
            "recalled",
            "price_lapsed",
            "not_available",
            "session_closed",
            "unknown_session",
            "not_authorised",
            "mid_reused",
        ),
    ),
)

_add = msgspec.json.Decoder(ItemRequest)
_change = msgspec.json.Decoder(ItemChangeRequest)
_remove = msgspec.json.Decoder(ItemRemoveRequest)
_order = msgspec.json.Decoder(TableOrderRequest)


class ServingDesk:
    """Handlers of the addresses for ordering in guests' stead."""

    def __init__(self, counter: Counter, tables: Attendance, orders: OrderNews, presence: Presence) -> None:
        self._counter = counter
        self._tables = tables
        self._orders = orders
        self._presence = presence

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(ADD, self.add), (CHANGE, self.change), (REMOVE, self.remove), (ORDER, self.order)]

    async def add(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/items`."""
        self._counter.staff(request)
        body = await body_of(request, _add)
        session = self._tables.session(request.match_info["code"])
        if body.member is not None and body.member not in session.members:
            raise Refused(refuse("unknown_member"))
        by = await self._tables.attend(request, request.match_info["code"], seat=True)
        command = AddItem(
            session_pid=session.session_pid,
            member_pid=body.member or by,
            menu_item=body.menu_item,
            qty=body.qty,
            note=body.note,
            modifiers=body.modifiers,
            mid=body.mid,
            by=by,
            takeaway=body.takeaway,
            choices=choices_of(body.choices),
        )
        await self._counter.do(command)
        return self._cart(session.session_pid, 201)

    async def change(self, request: web.Request) -> web.Response:
        """`PUT /api/v1/tables/{code}/items/{id}`."""
        self._counter.staff(request)
        body = await body_of(request, _change)
        session, item = self._line(request)
        by = await self._tables.attend(request, request.match_info["code"], seat=False)
        command = ChangeItem(
            session_pid=session.session_pid,
            member_pid=item.member,
            id=item.id,
            version=body.version,
            qty=body.qty,
            note=body.note,
            modifiers=body.modifiers,
            mid=body.mid,
            by=by,
            takeaway=body.takeaway,
            choices=None if body.choices is None else choices_of(body.choices),
            confirm=body.confirm,
        )
        await self._counter.do(command)
        return self._cart(session.session_pid)

    async def remove(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/items/{id}/remove`."""
        self._counter.staff(request)
        body = await body_of(request, _remove)
        session, item = self._line(request)
        by = await self._tables.attend(request, request.match_info["code"], seat=False)
        command = RemoveItem(session.session_pid, item.member, item.id, body.version, body.mid, by)
        await self._counter.do(command)
        return self._cart(session.session_pid)

    def _line(self, request: web.Request) -> tuple[TableSession, CartItem]:
        session = self._tables.session(request.match_info["code"])
        cart = self._counter.hot.committed(f"cart:{session.session_pid}")
        number = request.match_info["id"]
        known = isinstance(cart, Cart) and number.isascii() and number.isdecimal() and len(number) < 16
        item = cart.items.get(int(number)) if known and isinstance(cart, Cart) else None
        if item is None:
            raise Refused(refuse("unknown_item"))
        return session, item

    def _cart(self, session_pid: str, status: int = 200) -> web.Response:
        session = self._counter.session(session_pid)
        assert session is not None  # it has just taken a line
        return answer(snapshot(self._counter.hot, session, self._counter.clock()), status)

    async def order(self, request: web.Request) -> web.Response:
        """`POST /api/v1/tables/{code}/order`."""
        self._counter.staff(request)
        body = await body_of(request, _order)
        session_pid = self._tables.session(request.match_info["code"]).session_pid
        by = await self._tables.attend(request, request.match_info["code"], seat=True)
        self._presence.seen(by)
        command = PlaceOrder(
            session_pid=session_pid,
            member_pid=by,
            cart_hash=body.cart_hash,
            special_instructions=body.special_instructions,
            mid=body.mid or order_mid(self._counter.hot, session_pid, by, body.cart_hash),
            by=by,
        )
        outcome = await self._counter.do(command)
        order = await self._orders.settled(order_id_of(outcome), ORDER_TIMEOUT_S)
        self._presence.seen(by)
        return order_answer(order)
