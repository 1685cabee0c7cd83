"""What a guest's phone and the box say to each other (seed 000; contract.md, 'Guests').

In: HTTP bodies and WebSocket messages as structs that msgspec checks while parsing. Out: messages built
from committed facts by `broadcasts`, so that what the phones are told is a function of the journal.
Names are the seeds', letter by letter, also where they are camel case.
"""

from collections.abc import Iterable, Set
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from protocol import news
from protocol.cart_snapshot import OrderMessage
from protocol.errors import Refusal
from protocol.facts import cart, order, table, ticket
from protocol.facts.fold import AnyFact, State
from protocol.facts.menu import MOST_SLOTS
from protocol.money import to_major
from protocol.news import (
    CartUpdate,
    ChoiceMessage,
    ItemMessage,
    LineMessage,
    MemberMessage,
    PartMessage,
)
from protocol.whereabouts import Gps

Pid = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Mid = Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
Note = Annotated[str, msgspec.Meta(max_length=280)]
Id = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
#: A blank name is refused in words of its own, so the pattern only stands in the description.
Name = Annotated[
    str, msgspec.Meta(min_length=1, max_length=40, extra_json_schema={"pattern": r"[^\s\x00-\x1f\x85]"})
]
Modifiers = Annotated[tuple[Id, ...], msgspec.Meta(max_length=30)]


class SlotChoice(msgspec.Struct, frozen=True):
    """What fills a slot of a combo, with the options chosen for it."""

    slot: Id
    menu_item: Id
    modifiers: Modifiers = ()


Choices = Annotated[tuple[SlotChoice, ...], msgspec.Meta(max_length=MOST_SLOTS)]


class JoinRequest(msgspec.Struct, frozen=True):
    """`POST /session/join`. `mid` makes a repeated join the same member."""

    table: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    name: Name
    mid: Mid | None = None


class JoinReply(msgspec.Struct, frozen=True):
    """Answer to a join; `ws_token` is the Bearer token of everything that follows."""

    session_pid: str
    member_pid: str
    ws_token: str
    host: bool
    name: str
    table_name: str
    venue_name: str


class PassRequest(msgspec.Struct, frozen=True):
    """`POST /session/validate_pass`."""

    session_pid: Pid
    word: Annotated[str, msgspec.Meta(max_length=100)]


class PassReply(msgspec.Struct, frozen=True):
    """The word was right."""

    ok: bool


class OrderRequest(msgspec.Struct, frozen=True):
    """`POST /orders`."""

    session_pid: Pid
    cart_hash: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    special_instructions: Note = ""
    gps: Gps | None = None
    mid: Mid | None = None


class OrderReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answer to an order: 201 when it is confirmed, 202 with `status` while it is still under way.

    With 202 `order_id` is empty as long as the order has no number yet; asking again under the same `mid`
    tells it.
    """

    order_id: str
    ticket: str | None = None
    status: str | None = None


class CartMutate(msgspec.Struct, frozen=True, tag="cart_mutate", tag_field="type", gc=False):
    """Change the shared cart. `create` takes `menu_item`; `update` and `delete` take `id` and `version`.

    `confirm` beside an update agrees to a line whose dish has changed, as the menu has it now.
    """

    op: Literal["create", "update", "delete"]
    tmpId: Annotated[str, msgspec.Meta(max_length=64)] | None = None  # noqa: N815 - the seed's name
    menu_item: Id | None = None
    id: Id | None = None
    version: Id | None = None
    qty: int | None = None
    note: Note | None = None
    modifiers: Modifiers | None = None
    takeaway: bool | None = None
    choices: Choices | None = None
    confirm: bool = False
    mid: Mid | None = None


class PlacedItem(msgspec.Struct, frozen=True):
    """A line as seed 002 §3 sends it; menu item and quantity are compared with the cart."""

    menu_item_id: Id
    qty: int
    public_id: str = ""
    note: str = ""


class PlaceOrder(msgspec.Struct, frozen=True, tag="place_order", tag_field="type"):
    """Order over the socket (seed 002 §3). `total` is in major units."""

    cart_items: Annotated[tuple[PlacedItem, ...], msgspec.Meta(max_length=200)] = ()
    total: Decimal | None = None
    special_instructions: Note = ""
    cart_hash: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    gps: Gps | None = None
    mid: Mid | None = None


class Ping(msgspec.Struct, frozen=True, tag="ping", tag_field="type"):
    """A phone asks whether the box is there; the answer is `{"type":"pong"}`."""


FromPhone = CartMutate | PlaceOrder | Ping


def iso(wall_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(wall_ms / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def choices_of(chosen: Iterable[SlotChoice]) -> tuple[cart.Choice, ...]:
    """What fills the slots of a combo, as the cart keeps it."""
    return tuple(cart.Choice(each.slot, each.menu_item, each.modifiers) for each in chosen)


def item_message(item: cart.CartItem) -> ItemMessage:
    """A cart line on the wire."""
    return ItemMessage(
        item.id,
        item.menu_item,
        item.name,
        item.qty,
        item.version,
        item.member,
        item.price_minor,
        item.note,
        item.modifiers,
        item.state,
        item.menu_version,
        item.takeaway,
        tuple(ChoiceMessage(each.slot, each.menu_item, each.modifiers) for each in item.choices),
    )


def member_message(member: table.Member) -> MemberMessage:
    """A member on the wire, without anything secret."""
    return MemberMessage(member.member_pid, member.name, member.host)


def line_message(line: order.OrderLine) -> LineMessage:
    """An ordered line, for phones and kitchens."""
    return LineMessage(
        line.id,
        line.menu_item,
        line.name,
        line.qty,
        line.price_minor,
        line.member,
        line.note,
        line.modifiers,
        line.takeaway,
        line.of,
        tuple(PartMessage(part.menu_item, part.name, part.modifiers) for part in line.parts),
    )


def order_message(placed: order.Order, status: str) -> OrderMessage:
    """An order on the wire; `status` as `kitchen_status` computes it."""
    first = placed.placed
    return OrderMessage(
        order_id=first.order_id,
        ticket=placed.ticket,
        status=status,
        total=to_major(first.total_minor, first.currency),
        total_minor=first.total_minor,
        currency=first.currency,
        placed_at=iso(placed.placed_ms),
        member=first.member_pid,
        special_instructions=first.special_instructions,
        items=tuple(line_message(line) for line in first.lines),
    )


#: Ticket states from least to most advanced, as a guest sees them.
_PROGRESS = ("fired", "recalled", "received", "accepted", "preparing", "ready", "served")


def kitchen_status(placed: order.Order, tickets: list[ticket.Ticket]) -> str:
    """One word for a guest: the order's own status, or the least advanced of its tickets.

    A later course that is still held does not hold the word back; once all else is served it is waited for.
    """
    return kitchen_word(placed.status, {each.state for each in tickets})


def kitchen_word(status: str, states: Set[str]) -> str:
    """As `kitchen_status`, by the order's own status and the states of its tickets."""
    if status != "confirmed" or not states:
        return status
    if "rejected" in states:
        return "rejected"
    least = min(states - {"held"}, key=_PROGRESS.index, default="fired")
    if "held" in states and least == "served":
        return "confirmed"
    return {"fired": "confirmed", "received": "confirmed", "recalled": "preparing"}.get(least, least)


def error_message(refusal: Refusal, mid: str | None, tmp_id: str | None = None) -> dict[str, Any]:
    """A refusal over a socket, to its author only."""
    message: dict[str, Any] = {"type": "error", "code": refusal.code, "message": refusal.message, "mid": mid}
    if tmp_id is not None:
        message["tmpId"] = tmp_id
    if refusal.retry_after_s is not None:
        message["retry_after_s"] = refusal.retry_after_s
    return {**message, **(refusal.detail or {})}


def broadcasts(fact: AnyFact, state: State) -> list[news.TableNews]:
    """What everyone at the table is told about a committed fact; `state` is the aggregate right after it."""
    match fact.event:
        case cart.ItemAdded() | cart.ItemChanged() | cart.ItemRemoved():
            assert isinstance(state, cart.Cart)
            return [_cart_update(fact, fact.event, state)]
        case cart.CartLocked() as event:
            return [_cart_locked(event, fact)]
        case cart.CartUnlocked(order_id=order_id, reason=reason):
            return [news.CartUnlockedMessage(order_id, reason)]
        case cart.ItemsOrdered(order_id=order_id):
            return [news.CartUnlockedMessage(order_id, "ordered")]
        case table.MemberJoined(member_pid=pid):
            assert isinstance(state, table.TableSession)
            return [news.MemberJoinedMessage(member_message(state.members[pid]))]
        case table.PassValidated(member_pid=pid):
            return [news.PassValidatedMessage(pid)]
        case table.TableClosed(reason=reason):
            return [news.TableClosedMessage(reason)]
        case table.TableMoved() | table.TableSplit() | table.TableMerged():
            assert isinstance(state, table.TableSession)
            return [_table_moved(fact.event, state)]
        case _:
            return _order_broadcasts(state, fact) if isinstance(state, order.Order) else []


def _table_moved(
    event: table.TableMoved | table.TableSplit | table.TableMerged, session: table.TableSession
) -> news.TableMovedMessage:
    """Where the members of a session, or some of them, go on."""
    match event:
        case table.TableMoved(table_name=name):
            return news.TableMovedMessage(session.session_pid, tuple(session.members), name)
        case table.TableSplit(to=to, members=members):
            return news.TableMovedMessage(to, members, None)
        case table.TableMerged(into=into):
            return news.TableMovedMessage(into, tuple(session.members), None)


_OPS: dict[type, Literal["update", "delete"]] = {cart.ItemChanged: "update", cart.ItemRemoved: "delete"}


def _cart_update(
    fact: AnyFact, event: cart.ItemAdded | cart.ItemChanged | cart.ItemRemoved, state: cart.Cart
) -> CartUpdate:
    if isinstance(event, cart.ItemAdded):
        return CartUpdate("create", item_message(event.item), event.tmp_id, state.version, fact.mid)
    line = item_message(state.items[event.id])
    return CartUpdate(_OPS[type(event)], line, None, state.version, fact.mid)


def repeated(fact: AnyFact, now: cart.Cart) -> CartUpdate | None:
    """What the author of a repeated mutation is told: its line as it is now, or that it is no longer there.

    The line may have been changed, taken out or ordered since, and what was true then would put it back on
    the phone. None for a fact that is about no line.
    """
    match fact.event:
        case cart.ItemAdded(item=item, tmp_id=tmp_id):
            return _standing(fact, now, item.id, "create", tmp_id)
        case cart.ItemChanged(id=line_id) | cart.ItemRemoved(id=line_id):
            return _standing(fact, now, line_id, "update", None)
        case _:
            return None


def _standing(
    fact: AnyFact, now: cart.Cart, line_id: int, op: Literal["create", "update"], tmp_id: str | None
) -> CartUpdate:
    line = now.items[line_id]
    there = line.state in ("pending", "locked")
    return CartUpdate(op if there else "delete", item_message(line), tmp_id, now.version, fact.mid)


def _cart_locked(event: cart.CartLocked, fact: AnyFact) -> news.CartLockedMessage:
    text = "Order is being processed..."
    return news.CartLockedMessage(event.member_pid, event.order_id, text, iso(fact.wall_ms))


PROCESSING = "Your order is being processed..."


def processing_words(state: order.Order) -> str:
    """What is known of an order under way, for the guests who wait for it (seed 002 §8.2)."""
    if state.failure is None:
        return PROCESSING
    return f"{state.failure.removesuffix('.')}. Trying again..."


def order_failed_message(state: order.Order, retry_after_s: int | None) -> news.OrderFailedMessage:
    """How a failed order is told (seed 002 §3)."""
    words = "Order failed. Please try again." if state.allow_retry else "Order failed. Please ask the staff."
    reason, code = state.failure or "", state.error or ""
    return news.OrderFailedMessage(state.order_id, reason, words, state.allow_retry, code, retry_after_s)


def _order_broadcasts(state: order.Order, fact: AnyFact) -> list[news.TableNews]:
    order_id = state.order_id
    match fact.event:
        case order.OrderPlaced() | order.OrderRetried() | order.PosDeclined():
            return [news.OrderProcessingMessage(order_id, processing_words(state))]
        case order.OrderConfirmed(ticket=name):
            lines = tuple(line_message(line) for line in state.placed.lines)
            return [
                news.OrderConfirmedMessage(order_id, name, "Order placed successfully!"),
                news.OrderFiredMessage(news.FiredOrder(order_id, name, lines)),
            ]
        case order.OrderFailed(retry_after_s=retry_after_s):
            return [order_failed_message(state, retry_after_s)]
        case order.OrderAbandoned():
            return [news.OrderStatusMessage(order_id, "abandoned")]
        case _:
            return []
