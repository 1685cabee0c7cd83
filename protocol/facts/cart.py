"""The shared cart of a table: versioned items, and the lock that an order takes on all of them.

Each item is changed under optimistic concurrency: a change names the version it saw and makes the next
one. The states of an item are those of seed 002 §2C, and the same table guards them in both databases:

    pending --lock--> locked --confirm--> ordered
       |                 `----fail----> pending
       `--remove--> removed

Removed items stay as tombstones, so that versions reconcile and 'who took it out' can be answered.
The cart's own version, `cart_version` on the wire, counts its facts.
"""

import hashlib

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "pending": {"ItemChanged": "pending", "ItemRemoved": "removed", "CartLocked": "locked"},
    "locked": {"ItemsOrdered": "ordered", "CartUnlocked": "pending"},
    "ordered": {},
    "removed": {},
}


class Choice(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What fills a slot of a combo, with the options that were chosen for it."""

    slot: int
    menu_item: int
    modifiers: tuple[int, ...] = ()


class CartItem(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line. `price_minor` is for one piece, modifiers and choices included, from menu `menu_version`.

    Name, price, tax and what was chosen are those of that version, whatever is sold by now. Somebody agreed
    to them at `agreed_ns` of boot `agreed_boot`: the instant of the fact, unless the record says otherwise.
    """

    id: int
    menu_item: int
    name: str
    qty: int
    member: str
    price_minor: int
    menu_version: int
    version: int = 1
    state: str = "pending"
    note: str = ""
    modifiers: tuple[int, ...] = ()
    takeaway: bool = False
    choices: tuple[Choice, ...] = ()
    agreed_boot: str = ""
    agreed_ns: int = 0


class ItemAdded(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, gc=False):
    """A new line; `tmp_id` is the author's name for it until the real one is known."""

    item: CartItem
    tmp_id: str | None = None


class ItemChanged(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, gc=False):
    """The line as it stands from `version` on.

    With `menu_version` somebody has agreed to what is sold by then: the line is one of that menu then, under
    its `name`. None means that both are as before.
    """

    id: int
    version: int
    qty: int
    price_minor: int
    note: str = ""
    modifiers: tuple[int, ...] = ()
    takeaway: bool = False
    choices: tuple[Choice, ...] = ()
    menu_version: int | None = None
    name: str | None = None


class ItemRemoved(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The line was taken out at `version`."""

    id: int
    version: int


class CartLocked(msgspec.Struct, frozen=True, tag=True):
    """An order holds every pending line until it is confirmed, fails, or the lock expires.

    `expires_mono_ns` is on the clock of the boot in the fact's envelope; a lock of another boot is void.
    """

    order_id: str
    member_pid: str
    expires_mono_ns: int


class CartUnlocked(msgspec.Struct, frozen=True, tag=True):
    """The order did not go through; its lines may be changed again."""

    order_id: str
    reason: str


class ItemsOrdered(msgspec.Struct, frozen=True, tag=True):
    """The locked lines are an order now, and the lock is gone."""

    order_id: str


CartEvent = ItemAdded | ItemChanged | ItemRemoved | CartLocked | CartUnlocked | ItemsOrdered


class CartLock(msgspec.Struct, frozen=True):
    """Who holds the cart, for which order and until when on which boot's clock.

    `token` tells this lock from every earlier one of the same cart, also of the same order: it is the version
    of the fact that took it, so it only ever grows.
    """

    order_id: str
    member_pid: str
    boot: str
    expires_mono_ns: int
    token: int = 0


class Cart(msgspec.Struct, frozen=True):
    """The state that the events fold into. `items` holds tombstones and ordered lines too."""

    version: int
    session_pid: str
    items: dict[int, CartItem]
    lock: CartLock | None = None
    updated_ms: int = 0

    def live(self) -> list[CartItem]:
        """Lines that are in the cart now: pending or locked, in the order in which they came."""
        return [item for item in self.items.values() if item.state in ("pending", "locked")]


def cart_hash(items: list[CartItem]) -> str:
    """Lowercase hex SHA-256 of the canonical JSON of `[{"id","qty","version"}…]` by id (contract.md)."""
    ordered = sorted(items, key=lambda item: item.id)
    lines = ",".join(f'{{"id":{item.id},"qty":{item.qty},"version":{item.version}}}' for item in ordered)
    return hashlib.sha256(f"[{lines}]".encode()).hexdigest()


def _advance(item: CartItem | None, fact: Fact[CartEvent]) -> tuple[CartItem, str]:
    name = type(fact.event).__name__
    if item is None or name not in TRANSITIONS[item.state]:
        raise ImpossibleFact(f"{name} on an item of {fact.aggregate}")
    return item, TRANSITIONS[item.state][name]


def _with(cart: Cart, fact: Fact[CartEvent], items: dict[int, CartItem], lock: CartLock | None) -> Cart:
    return Cart(fact.version, cart.session_pid, items, lock, fact.wall_ms)


def _move_all(cart: Cart, fact: Fact[CartEvent], state: str) -> dict[int, CartItem]:
    """All items of `state` moved by the fact's event."""
    moved = dict(cart.items)
    for item in cart.items.values():
        if item.state == state:
            moved[item.id] = msgspec.structs.replace(item, state=_advance(item, fact)[1])
    return moved


def _known(cart: Cart | None, fact: Fact[CartEvent]) -> Cart:
    if cart is None:
        raise ImpossibleFact(f"{type(fact.event).__name__} before anything was in {fact.aggregate}")
    return cart


def added(cart: Cart | None, event: ItemAdded, fact: Fact[CartEvent]) -> Cart:
    """The first line brings the cart into being."""
    if cart is None:
        cart = Cart(0, fact.aggregate.partition(":")[2], {})
    if event.item.id in cart.items:
        raise ImpossibleFact(f"item {event.item.id} was added twice")
    line = event.item  # one that comes from another table's cart brings along since when its price is held
    if not line.agreed_boot:
        line = msgspec.structs.replace(line, agreed_boot=fact.boot, agreed_ns=fact.mono_ns)
    return _with(cart, fact, {**cart.items, line.id: line}, cart.lock)


def changed(cart: Cart | None, event: ItemChanged, fact: Fact[CartEvent]) -> Cart:
    """The line under its new version."""
    cart = _known(cart, fact)
    item, state = _advance(cart.items.get(event.id), fact)
    if event.version != item.version + 1:
        raise ImpossibleFact(f"item {item.id} jumps from version {item.version} to {event.version}")
    agreed = (fact.boot, fact.mono_ns) if event.menu_version else (item.agreed_boot, item.agreed_ns)
    line = CartItem(
        id=item.id,
        menu_item=item.menu_item,
        name=item.name if event.name is None else event.name,
        qty=event.qty,
        member=item.member,
        price_minor=event.price_minor,
        menu_version=item.menu_version if event.menu_version is None else event.menu_version,
        version=event.version,
        state=state,
        note=event.note,
        modifiers=event.modifiers,
        takeaway=event.takeaway,
        choices=event.choices,
        agreed_boot=agreed[0],
        agreed_ns=agreed[1],
    )
    return _with(cart, fact, {**cart.items, item.id: line}, cart.lock)


def removed(cart: Cart | None, event: ItemRemoved, fact: Fact[CartEvent]) -> Cart:
    """A tombstone in the line's place."""
    cart = _known(cart, fact)
    item, state = _advance(cart.items.get(event.id), fact)
    if event.version != item.version + 1:
        raise ImpossibleFact(f"item {item.id} jumps from version {item.version} to {event.version}")
    line = msgspec.structs.replace(item, version=event.version, state=state)
    return _with(cart, fact, {**cart.items, item.id: line}, cart.lock)


def locked(cart: Cart | None, event: CartLocked, fact: Fact[CartEvent]) -> Cart:
    """Every pending line belongs to the order under way."""
    cart = _known(cart, fact)
    if cart.lock is not None:
        raise ImpossibleFact(f"{fact.aggregate} is locked for {cart.lock.order_id} already")
    lock = CartLock(event.order_id, event.member_pid, fact.boot, event.expires_mono_ns, fact.version)
    return _with(cart, fact, _move_all(cart, fact, "pending"), lock)


def _held(cart: Cart | None, event: CartUnlocked | ItemsOrdered, fact: Fact[CartEvent]) -> Cart:
    """The cart, which nobody may unlock for another order than the one that holds it."""
    cart = _known(cart, fact)
    if cart.lock is not None and cart.lock.order_id != event.order_id:
        raise ImpossibleFact(f"{fact.aggregate} is locked for {cart.lock.order_id}, not {event.order_id}")
    return cart


def unlocked(cart: Cart | None, event: CartUnlocked, fact: Fact[CartEvent]) -> Cart:
    """The lines are the table's again."""
    cart = _held(cart, event, fact)
    return _with(cart, fact, _move_all(cart, fact, "locked"), None)


def ordered(cart: Cart | None, event: ItemsOrdered, fact: Fact[CartEvent]) -> Cart:
    """The lines have become an order."""
    cart = _held(cart, event, fact)
    return _with(cart, fact, _move_all(cart, fact, "locked"), None)


_STATE_AFTER: dict[type, str] = {CartLocked: "locked", CartUnlocked: "pending", ItemsOrdered: "ordered"}

EVOLVE = {
    ItemAdded: added,
    ItemChanged: changed,
    ItemRemoved: removed,
    CartLocked: locked,
    CartUnlocked: unlocked,
    ItemsOrdered: ordered,
}

SHAPES = (
    shape("carts", "session_pid", "session_pid version:int pending_order_id locked_by updated_ms:int"),
    shape(
        "cart_items",
        "id",
        "id:int =session_pid =menu_item:int name qty:int =member price_minor:int menu_version:int "
        "version:int state note modifiers takeaway:bool choices",
    ),
)


def _item_row(cart: Cart, item: CartItem) -> Row:
    modifiers = "[" + ",".join(map(str, item.modifiers)) + "]" if item.modifiers else "[]"
    return (
        "cart_items",
        (
            item.id,
            cart.session_pid,
            item.menu_item,
            item.name,
            item.qty,
            item.member,
            item.price_minor,
            item.menu_version,
            item.version,
            item.state,
            item.note,
            modifiers,
            item.takeaway,
            msgspec.json.encode(item.choices).decode() if item.choices else "[]",
        ),
    )


def rows(cart: Cart, fact: Fact[CartEvent]) -> list[Row]:
    """The cart's row, and the rows of the lines that the event touched."""
    lock = cart.lock
    changed_rows: list[Row] = [
        (
            "carts",
            (
                cart.session_pid,
                cart.version,
                lock.order_id if lock else None,
                lock.member_pid if lock else None,
                cart.updated_ms,
            ),
        )
    ]
    event = fact.event
    if isinstance(event, ItemAdded):
        changed_rows.append(_item_row(cart, event.item))
    elif isinstance(event, ItemChanged | ItemRemoved):
        changed_rows.append(_item_row(cart, cart.items[event.id]))
    else:
        changed_rows.extend(_item_row(cart, item) for item in touched(cart, event))
    return changed_rows


def touched(cart: Cart, event: CartEvent) -> list[CartItem]:
    """Lines that a lock, an unlock or an order moved, as they are after it."""
    state = _STATE_AFTER[type(event)]
    return [item for item in cart.items.values() if item.state == state]
