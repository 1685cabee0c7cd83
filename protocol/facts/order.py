"""An order: the lines a table asked for, from the moment the cart is locked for it.

    (none) --OrderPlaced--> processing --OrderConfirmed--> confirmed
                              ^    `--OrderFailed--> failed --OrderAbandoned--> abandoned
                              `------OrderRetried------'

While it is `processing`, each call to the point of sale is recorded before it is made (`PosAsked`); from
then on the order is *in doubt* until a definite answer is recorded: yes (`OrderConfirmed`), no
(`OrderFailed`), or no and it is tried again (`PosDeclined`). So after a power cut it is known that somebody
may have been asked, and who.

`confirmed` and `abandoned` absorb: nothing leads out of them. What the kitchen does with a confirmed
order is told by its tickets. A line keeps name, price and menu version, so an order reads the same for
ever. Order ids are `ORD-{restaurant_id}-{n}`; an order keeps its id through retries (seed 002 §7) and no
other order ever gets it, so ids of abandoned orders are missing among the confirmed ones. The number
that has no gaps among these is `ticket_number`, given in the transaction that confirms.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape
from protocol.facts.venue import PosConfig

TRANSITIONS: dict[str, dict[str, str]] = {
    "processing": {
        "PosAsked": "processing",
        "PosDeclined": "processing",
        "OrderConfirmed": "confirmed",
        "OrderFailed": "failed",
    },
    "failed": {"OrderRetried": "processing", "OrderAbandoned": "abandoned"},
    "confirmed": {},
    "abandoned": {},
}


class OrderPart(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One dish of a combo. `price_minor` is its share of the combo's price, in proportion to what the dishes
    cost alone, so that each can be taxed at its own rate."""

    menu_item: int
    name: str
    price_minor: int
    station: str
    modifiers: tuple[str, ...] = ()
    tax_rate_bp: int = 0
    takeaway_tax_rate_bp: int | None = None
    course: str = ""


class OrderLine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line as ordered. `price_minor` is for one piece; `modifiers` are names, for the kitchen to read.

    A combo has `parts`, whose prices sum to its own; `station` and the tax rates are then the first part's.
    On a ticket such a part is a line by itself, and `of` names the combo.
    """

    id: int
    menu_item: int
    name: str
    qty: int
    price_minor: int
    menu_version: int
    member: str
    station: str
    note: str = ""
    modifiers: tuple[str, ...] = ()
    tax_rate_bp: int = 0
    takeaway_tax_rate_bp: int | None = None
    takeaway: bool = False
    parts: tuple[OrderPart, ...] = ()
    of: str = ""
    course: str = ""

    def pieces(self) -> dict[int, int]:
        """Menu item -> how many of it the line takes from the shelf, the combo itself and its dishes."""
        counts: dict[int, int] = {}
        for menu_item in (self.menu_item, *(part.menu_item for part in self.parts)):
            counts[menu_item] = counts.get(menu_item, 0) + self.qty
        return counts


class OrderPlaced(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, gc=False):
    """A member pressed 'order' and the cart is locked for it."""

    order_id: str
    number: int
    session_pid: str
    table_name: str
    member_pid: str
    cart_hash: str
    lines: tuple[OrderLine, ...]
    total_minor: int
    currency: str
    special_instructions: str = ""


class PosAsked(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """`pos` is about to be asked to take the order, for the `attempt`-th time since it was placed."""

    attempt: int
    pos: PosConfig


class PosDeclined(msgspec.Struct, frozen=True, tag=True):
    """It is certain that `attempt` did not take the order; `error` and `message` as in `OrderFailed`.

    Another attempt follows.
    """

    attempt: int
    error: str
    message: str


class LaterTicket(msgspec.Struct, frozen=True, gc=False):
    """A station's ticket of a course that is held until somebody fires it."""

    ticket: str
    station: str
    course: str


class OrderConfirmed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, gc=False):
    """The point of sale took it; `ticket` is what the kitchen calls it at each of `stations`.

    `pos_reference` is the name that another point of sale gave it. `later` are the tickets of its later
    courses; what is to be cooked at once is at `stations`.
    """

    ticket: str
    ticket_number: int
    stations: tuple[str, ...]
    pos_reference: str = ""
    later: tuple[LaterTicket, ...] = ()


class OrderFailed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The point of sale did not take it, and can no longer do so.

    `error` is a stable code and `message` the reason for a person. With `retry_after_s` the phone that asked
    may try again by itself after so many seconds; else somebody has to press the button.
    """

    error: str
    message: str
    allow_retry: bool
    retry_after_s: int | None = None


class OrderRetried(msgspec.Struct, frozen=True, tag=True):
    """It is tried again under the same id."""

    member_pid: str


class OrderAbandoned(msgspec.Struct, frozen=True, tag=True):
    """Nobody will try again."""

    reason: str


OrderEvent = (
    OrderPlaced | PosAsked | PosDeclined | OrderConfirmed | OrderFailed | OrderRetried | OrderAbandoned
)


class Order(msgspec.Struct, frozen=True, gc=False):
    """The state that the events fold into.

    `attempts` counts placing and retries by people; `asked` the calls to the point of sale since the order
    was placed, `tries` those since the last of these. `doubt` is the call of which nobody knows the outcome.
    """

    version: int
    placed: OrderPlaced
    status: str
    placed_ms: int
    ticket: str | None = None
    ticket_number: int | None = None
    stations: tuple[str, ...] = ()
    attempts: int = 1
    failure: str | None = None
    error: str | None = None
    allow_retry: bool = False
    asked: int = 0
    tries: int = 0
    doubt: PosAsked | None = None
    pos_reference: str | None = None
    later: tuple[LaterTicket, ...] = ()

    def tickets(self) -> list[tuple[str, str]]:
        """Name and station of every ticket of the order, those of later courses last."""
        first = [(self.ticket, station) for station in self.stations] if self.ticket else []
        return [*first, *((each.ticket, each.station) for each in self.later)]

    @property
    def order_id(self) -> str:
        """`ORD-{restaurant_id}-{n}`."""
        return self.placed.order_id


def placed(order: Order | None, event: OrderPlaced, fact: Fact[OrderEvent]) -> Order:
    """A new order under way."""
    if order is not None:
        raise ImpossibleFact(f"{fact.aggregate} was placed twice")
    return Order(version=fact.version, placed=event, status="processing", placed_ms=fact.wall_ms)


def _next(order: Order | None, fact: Fact[OrderEvent]) -> tuple[Order, str]:
    name = type(fact.event).__name__
    if order is None or name not in TRANSITIONS[order.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    return order, TRANSITIONS[order.status][name]


def asked(order: Order | None, event: PosAsked, fact: Fact[OrderEvent]) -> Order:
    """In doubt from here on."""
    order, _ = _next(order, fact)
    if order.doubt is not None or event.attempt != order.asked + 1:
        raise ImpossibleFact(f"attempt {event.attempt} on {fact.aggregate} after {order.asked}")
    return msgspec.structs.replace(
        order, version=fact.version, asked=event.attempt, tries=order.tries + 1, doubt=event
    )


def declined(order: Order | None, event: PosDeclined, fact: Fact[OrderEvent]) -> Order:
    """Still under way, and nothing in doubt."""
    order, _ = _next(order, fact)
    if order.doubt is None or event.attempt != order.doubt.attempt:
        raise ImpossibleFact(f"no attempt {event.attempt} of {fact.aggregate} is under way")
    return msgspec.structs.replace(
        order, version=fact.version, doubt=None, error=event.error, failure=event.message
    )


def confirmed(order: Order | None, event: OrderConfirmed, fact: Fact[OrderEvent]) -> Order:
    """Final: the kitchen has it."""
    order, status = _next(order, fact)
    return msgspec.structs.replace(
        order,
        version=fact.version,
        status=status,
        ticket=event.ticket,
        ticket_number=event.ticket_number,
        stations=event.stations,
        failure=None,
        error=None,
        doubt=None,
        pos_reference=event.pos_reference or None,
        later=event.later,
    )


def failed(order: Order | None, event: OrderFailed, fact: Fact[OrderEvent]) -> Order:
    """May be retried if the failure allows it."""
    order, status = _next(order, fact)
    return msgspec.structs.replace(
        order,
        version=fact.version,
        status=status,
        failure=event.message,
        error=event.error,
        allow_retry=event.allow_retry,
        doubt=None,
    )


def retried(order: Order | None, event: OrderRetried, fact: Fact[OrderEvent]) -> Order:
    """Under way once more."""
    order, status = _next(order, fact)
    return msgspec.structs.replace(
        order,
        version=fact.version,
        status=status,
        attempts=order.attempts + 1,
        tries=0,
        failure=None,
        error=None,
    )


def abandoned(order: Order | None, event: OrderAbandoned, fact: Fact[OrderEvent]) -> Order:
    """Final: it never reached the kitchen."""
    order, status = _next(order, fact)
    return msgspec.structs.replace(order, version=fact.version, status=status, failure=event.reason)


EVOLVE = {
    OrderPlaced: placed,
    PosAsked: asked,
    PosDeclined: declined,
    OrderConfirmed: confirmed,
    OrderFailed: failed,
    OrderRetried: retried,
    OrderAbandoned: abandoned,
}

SHAPES = (
    shape(
        "orders",
        "order_id",
        "order_id =number:int =session_pid =table_name =member =cart_hash =total_minor:int =currency "
        "=special_instructions status ticket ticket_number:int attempts:int failure placed_ms:int "
        "version:int asked:int in_doubt:bool pos_reference",
    ),
    shape(
        "order_lines",
        "order_id id",
        "order_id id:int menu_item:int name qty:int price_minor:int menu_version:int tax_rate_bp:int "
        "member station note modifiers takeaway:bool parts",
    ),
)


def _line_row(order_id: str, line: OrderLine) -> Row:
    return (
        "order_lines",
        (
            order_id,
            line.id,
            line.menu_item,
            line.name,
            line.qty,
            line.price_minor,
            line.menu_version,
            line.tax_rate_bp,
            line.member,
            line.station,
            line.note,
            msgspec.json.encode(line.modifiers).decode(),
            line.takeaway,
            msgspec.json.encode(line.parts).decode(),
        ),
    )


def rows(order: Order, fact: Fact[OrderEvent]) -> list[Row]:
    """The order's row after every event; its lines once, when it is placed."""
    first = order.placed
    row: Row = (
        "orders",
        (
            first.order_id,
            first.number,
            first.session_pid,
            first.table_name,
            first.member_pid,
            first.cart_hash,
            first.total_minor,
            first.currency,
            first.special_instructions,
            order.status,
            order.ticket,
            order.ticket_number,
            order.attempts,
            order.failure,
            order.placed_ms,
            order.version,
            order.asked,
            order.doubt is not None,
            order.pos_reference,
        ),
    )
    if isinstance(fact.event, OrderPlaced):
        return [row, *(_line_row(first.order_id, line) for line in first.lines)]
    return [row]
