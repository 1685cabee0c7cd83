"""An order: the lines a table asked for, from the moment the cart is locked for it.

    (none) --OrderPlaced--> processing --OrderConfirmed--> confirmed
                              ^    `--OrderFailed--> failed --OrderAbandoned--> abandoned
                              `------OrderRetried------'

`confirmed` and `abandoned` absorb: nothing leads out of them. What the kitchen does with a confirmed
order is told by its tickets. A line keeps name, price and menu version, so an order reads the same for
ever. Order ids are `ORD-{restaurant_id}-{n}`; an order keeps its id through retries (seed 002 §7).
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "processing": {"OrderConfirmed": "confirmed", "OrderFailed": "failed"},
    "failed": {"OrderRetried": "processing", "OrderAbandoned": "abandoned"},
    "confirmed": {},
    "abandoned": {},
}


class OrderLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line as ordered. `price_minor` is for one piece; `modifiers` are names, for the kitchen to read."""

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


class OrderPlaced(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
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


class OrderConfirmed(msgspec.Struct, frozen=True, tag=True):
    """The point of sale took it; `ticket` is what the kitchen calls it at each of `stations`."""

    ticket: str
    ticket_number: int
    stations: tuple[str, ...]


class OrderFailed(msgspec.Struct, frozen=True, tag=True):
    """The point of sale did not take it."""

    error: str
    message: str
    allow_retry: bool


class OrderRetried(msgspec.Struct, frozen=True, tag=True):
    """It is tried again under the same id."""

    member_pid: str


class OrderAbandoned(msgspec.Struct, frozen=True, tag=True):
    """Nobody will try again."""

    reason: str


OrderEvent = OrderPlaced | OrderConfirmed | OrderFailed | OrderRetried | OrderAbandoned


class Order(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    placed: OrderPlaced
    status: str
    placed_ms: int
    ticket: str | None = None
    ticket_number: int | None = None
    stations: tuple[str, ...] = ()
    attempts: int = 1
    failure: str | None = None
    allow_retry: bool = False

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
    )


def failed(order: Order | None, event: OrderFailed, fact: Fact[OrderEvent]) -> Order:
    """May be retried if the failure allows it."""
    order, status = _next(order, fact)
    return msgspec.structs.replace(
        order, version=fact.version, status=status, failure=event.message, allow_retry=event.allow_retry
    )


def retried(order: Order | None, event: OrderRetried, fact: Fact[OrderEvent]) -> Order:
    """Under way once more."""
    order, status = _next(order, fact)
    return msgspec.structs.replace(order, version=fact.version, status=status, attempts=order.attempts + 1)


def abandoned(order: Order | None, event: OrderAbandoned, fact: Fact[OrderEvent]) -> Order:
    """Final: it never reached the kitchen."""
    order, status = _next(order, fact)
    return msgspec.structs.replace(order, version=fact.version, status=status, failure=event.reason)


EVOLVE = {
    OrderPlaced: placed,
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
        "version:int",
    ),
    shape(
        "order_lines",
        "order_id id",
        "order_id id:int menu_item:int name qty:int price_minor:int menu_version:int tax_rate_bp:int "
        "member station note modifiers",
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
        ),
    )
    if isinstance(fact.event, OrderPlaced):
        return [row, *(_line_row(first.order_id, line) for line in first.lines)]
    return [row]
