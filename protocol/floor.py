"""Tables, orders and the link as the staff's screens see them, over HTTP and `/ws/staff` (contract.md).

A screen is greeted with everything and told news as they are committed, so what it shows is a function of the
journal. Counterparts: `play.py` has the news of stations and alarms, `bill.py` what is asked about money.
"""

from typing import Annotated, Any, Literal

import msgspec

from protocol.afar import Afar, AfarNews
from protocol.bookings.messages import BookingChangedNews
from protocol.news import MenuChangedMessage
from protocol.play import AlarmNews, PlayNews, StationReply
from protocol.table import Choices, Id, Mid, Modifiers, Note, Pid

TableCode = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
LinkWord = Literal["live", "catching_up", "down"]
#: Nothing of the internet answers; all but the cloud does; nobody has claimed the box; the cloud does not
#: know it any more; not known yet.
Fault = Literal["none", "internet", "cloud", "unclaimed", "disowned", "unknown"]


# ── requests ────────────────────────────────────────────────────────────────────────────────────────
class MoveTableRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/tables/{code}/move`: to the free table `to`."""

    to: TableCode
    mid: Mid | None = None


class MergeTableRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/tables/{code}/merge`: with the guests at the table `into`."""

    into: TableCode
    mid: Mid | None = None


class SplitTableRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/tables/{code}/split`: `members` sit down at `to` and take their lines with them.

    `lines` names other lines of the bill instead, also none.
    """

    to: TableCode
    members: Annotated[tuple[Pid, ...], msgspec.Meta(max_length=40)] = ()
    lines: Annotated[tuple[Pid, ...], msgspec.Meta(max_length=500)] | None = None
    mid: Mid | None = None


class ItemRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/tables/{code}/items`: into the cart, for `member` or for whoever serves the table."""

    menu_item: Id
    qty: int = 1
    note: Note = ""
    modifiers: Modifiers = ()
    takeaway: bool = False
    choices: Choices = ()
    member: Pid | None = None
    mid: Mid | None = None


class ItemChangeRequest(msgspec.Struct, frozen=True):
    """`PUT /api/v1/tables/{code}/items/{id}`: a line that was last seen at `version`."""

    version: Id
    qty: int | None = None
    note: Note | None = None
    modifiers: Modifiers | None = None
    takeaway: bool | None = None
    choices: Choices | None = None
    confirm: bool = False
    mid: Mid | None = None


class ItemRemoveRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/tables/{code}/items/{id}/remove`: a line that was last seen at `version`."""

    version: Id
    mid: Mid | None = None


class TableOrderRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/tables/{code}/order`: what is in the cart, if it still is what `cart_hash` says."""

    cart_hash: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    special_instructions: Note = ""
    mid: Mid | None = None


class AcknowledgeRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/alarms/acknowledge`: somebody looks after the alarm `key`."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class ReprintRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/orders/{order_id}/reprint`; with a `mid`, a repeat prints nothing."""

    mid: Mid | None = None


class StockRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/menu/stock`: what is left of a dish; null stops counting."""

    menu_item: Id
    qty: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None


# ── answers and news ────────────────────────────────────────────────────────────────────────────────
class MemberState(msgspec.Struct, frozen=True):
    """Somebody at a table; `staff` for who serves it."""

    member_pid: str
    name: str
    host: bool
    staff: bool


class TableState(msgspec.Struct, frozen=True):
    """A table and how things are there. `orders` counts those that the kitchen has not served yet, `refused`
    those that it cannot make and that are still on the bill.
    """

    code: str
    name: str
    session_pid: str | None
    status: Literal["free", "open"]
    opened_at: str | None
    members: tuple[MemberState, ...]
    pass_validated: bool
    cart_lines: int
    cart_minor: int
    cart_locked: bool
    orders: int
    total_minor: int
    paid_minor: int
    due_minor: int
    currency: str
    refused: int = 0


class TablesReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/tables`."""

    tables: tuple[TableState, ...]


class HeldCourse(msgspec.Struct, frozen=True):
    """A later course of an order that waits to be fired; `dishes` counts pieces."""

    course: str
    ticket: str
    dishes: int


class FireRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/orders/{order_id}/fire`: the table is ready for a course."""

    course: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    mid: Mid | None = None


class OrderState(msgspec.Struct, frozen=True):
    """An order; `status` is the kitchen's progress once it is confirmed. `held` are courses that wait."""

    order_id: str
    session_pid: str
    table_name: str
    ticket: str | None
    status: str
    total_minor: int
    currency: str
    placed_at: str
    held: tuple[HeldCourse, ...]


class Colleague(msgspec.Struct, frozen=True):
    """Somebody who works here."""

    user: str
    name: str
    role: str


class StaffReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/staff`."""

    staff: tuple[Colleague, ...]


class LinkState(msgspec.Struct, frozen=True):
    """Which of internet, cloud and kitchen works. `unsynced` counts facts that the cloud does not have.

    `fault` says where a line that is down is broken, as far as anybody can tell from inside.
    """

    link: LinkWord
    message: str
    last_sync_ms: int | None
    unsynced: int
    mqtt: str
    fault: Fault = "none"


class TableStatusNews(msgspec.Struct, frozen=True, tag="table:status"):
    """A table stands otherwise."""

    table: TableState


class OrderStatusNews(msgspec.Struct, frozen=True, tag="order:status"):
    """An order came, or went on."""

    order: OrderState


class LinkStatusNews(msgspec.Struct, frozen=True, tag="link:status"):
    """The link to the cloud, or the kitchen's broker, came or went."""

    link: LinkState


class StockNews(msgspec.Struct, frozen=True, tag="menu:stock"):
    """A dish is out, back again, or counted; `left` is null where nobody counts."""

    menu_item: int
    sold_out: bool
    left: int | None


class StaffHello(msgspec.Struct, frozen=True, tag="hello"):
    """What a screen is greeted with: everything as it stands. Orders are those not served yet."""

    stations: tuple[StationReply, ...]
    alarms: tuple[Any, ...]
    tables: tuple[TableState, ...]
    orders: tuple[OrderState, ...]
    link: LinkState
    afar: Afar


class StaffPing(msgspec.Struct, frozen=True, tag="ping", tag_field="type"):
    """A screen asks whether the box is there."""


class StaffPong(msgspec.Struct, frozen=True, tag="pong", tag_field="type"):
    """It is."""


FloorNews = TableStatusNews | OrderStatusNews | LinkStatusNews | StockNews | MenuChangedMessage
StaffNews = StaffHello | PlayNews | BookingChangedNews | AlarmNews | FloorNews | AfarNews | StaffPong
