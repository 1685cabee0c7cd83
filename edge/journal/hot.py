"""The state in memory: committed aggregates, and over them what the present batch has decided so far.

Decisions look at staged over committed state; everybody else sees committed state only, so nothing is
told to a person before it is on disk. An aggregate that is not in memory is folded from its facts on
demand, through a read-only connection; so start-up reads next to nothing, however long the journal is.
"""

import sqlite3
from itertools import takewhile

from protocol.facts import cart, order, stock, table, ticket
from protocol.facts.fold import AnyFact, State, decode_record, evolve
from protocol.facts.menu import MenuBook
from protocol.facts.venue import Venue

#: Idempotency keys remembered in memory per aggregate; older ones are looked up in the journal.
MOST_MIDS = 2048
#: Aggregates remembered not to exist (uncounted stock, empty carts), so that asking again costs no read.
MOST_ABSENT = 10_000
#: More facts than this no command produces; bounds the read of a stored outcome.
MOST_FACTS_A_COMMAND = 512


class Counters:
    """The highest numbers given out so far."""

    __slots__ = ("item_id", "order_number", "ticket_number")

    def __init__(self, item_id: int, order_number: int, ticket_number: int) -> None:
        self.item_id = item_id
        self.order_number = order_number
        self.ticket_number = ticket_number

    def copy(self) -> "Counters":
        """An independent copy, for a batch to count on."""
        return Counters(self.item_id, self.order_number, self.ticket_number)


class Hot:
    """Implements `edge.core.view.VenueView` for decisions; `committed_*` methods are for everybody else."""

    def __init__(self, reader: sqlite3.Connection) -> None:
        self._reader = reader
        self.forget()

    def forget(self) -> None:
        """Drop everything and start from what is on disk."""
        self._committed: dict[str, State] = {}
        self._absent: set[str] = set()
        self._mids: dict[str, dict[str, int]] = {}
        self._overflowed: set[str] = set()
        self._open: dict[str, str] = dict(
            self._reader.execute("SELECT table_code, session_pid FROM table_sessions WHERE status = 'open'")
        )
        self._orders: dict[str, tuple[str, ...]] = {}
        self._counters = self._read_counters()
        self.discard()

    def _read_counters(self) -> Counters:
        query = (
            "SELECT (SELECT max(id) FROM cart_items), (SELECT max(number) FROM orders), "
            "(SELECT max(ticket_number) FROM orders)"
        )
        item_id, order_number, ticket_number = self._reader.execute(query).fetchone()
        return Counters(item_id or 0, order_number or 0, ticket_number or 0)

    # ── staging ──────────────────────────────────────────────────────────────────────────────────

    def discard(self) -> None:
        """Forget what was staged since the last commit."""
        self._staged: dict[str, State] = {}
        self._staged_open: dict[str, str | None] = {}
        self._staged_orders: dict[str, tuple[str, ...]] = {}
        self._staged_mids: dict[tuple[str, str], list[AnyFact]] = {}
        self._staged_counters = self._counters.copy()

    def stage(self, facts: list[AnyFact], states: list[State]) -> None:
        """Let later commands of the batch see what one command decided."""
        for fact, state in zip(facts, states, strict=True):
            self._staged[fact.aggregate] = state
            self._index(fact)
        first = facts[0]
        if first.mid is not None:
            self._staged_mids[first.aggregate, first.mid] = facts

    def _index(self, fact: AnyFact) -> None:
        match fact.event:
            case cart.ItemAdded(item=item):
                self._staged_counters.item_id = max(self._staged_counters.item_id, item.id)
            case order.OrderPlaced(number=number, session_pid=pid, order_id=order_id):
                self._staged_counters.order_number = max(self._staged_counters.order_number, number)
                self._staged_orders[pid] = (*self.orders_of(pid), order_id)
            case order.OrderConfirmed(ticket_number=number):
                self._staged_counters.ticket_number = max(self._staged_counters.ticket_number, number)
            case table.TableOpened(table_code=code, session_pid=pid):
                self._staged_open[code] = pid
            case table.TableClosed():
                state = self._staged[fact.aggregate]
                assert isinstance(state, table.TableSession)
                self._staged_open[state.table_code] = None

    def commit(self) -> None:
        """The batch is on disk: staged state becomes everybody's."""
        self._committed.update(self._staged)
        self._absent.difference_update(self._staged)
        self._counters = self._staged_counters
        self._orders.update(self._staged_orders)
        for code, pid in self._staged_open.items():
            if pid is None:
                self._evict(self._open.pop(code))
            else:
                self._open[code] = pid
        for (aggregate, mid), facts in self._staged_mids.items():
            self._remember(aggregate, mid, facts[0].seq)
        self.discard()

    def _remember(self, aggregate: str, mid: str, seq: int) -> None:
        mids = self._mids.setdefault(aggregate, {})
        mids[mid] = seq
        if len(mids) > MOST_MIDS:
            del mids[next(iter(mids))]
            self._overflowed.add(aggregate)

    def _evict(self, session_pid: str) -> None:
        """A closed table leaves the memory; whoever asks for it again has it read from disk."""
        gone = [f"table:{session_pid}", f"cart:{session_pid}"]
        for order_id in self._orders.pop(session_pid, ()):
            placed = self._committed.get(f"order:{order_id}")
            gone.append(f"order:{order_id}")
            if isinstance(placed, order.Order) and placed.ticket is not None:
                gone += [ticket.aggregate_of(placed.ticket, station) for station in placed.stations]
        for aggregate in gone:
            self._committed.pop(aggregate, None)
            self._mids.pop(aggregate, None)
            self._overflowed.discard(aggregate)

    # ── states ───────────────────────────────────────────────────────────────────────────────────

    def state(self, aggregate: str) -> State | None:
        """Staged over committed state."""
        staged = self._staged.get(aggregate)
        return staged if staged is not None else self.committed(aggregate)

    def committed(self, aggregate: str) -> State | None:
        """State that is on disk, read from there when it is not in memory."""
        state = self._committed.get(aggregate)
        if state is not None or aggregate in self._absent:
            return state
        return self._load(aggregate)

    def _load(self, aggregate: str) -> State | None:
        query = "SELECT seq, mid, record FROM journal WHERE aggregate = ? ORDER BY version"
        state: State | None = None
        for seq, mid, record in self._reader.execute(query, (aggregate,)):
            state = evolve(state, decode_record(record))
            if mid is not None:
                self._remember(aggregate, mid, seq)
        if state is not None:
            self._committed[aggregate] = state
        elif len(self._absent) < MOST_ABSENT:
            self._absent.add(aggregate)
        return state

    def outcome_of(self, aggregate: str, mid: str) -> list[AnyFact] | None:
        """The facts of an earlier command with this `mid`, or None if there was none."""
        staged = self._staged_mids.get((aggregate, mid))
        if staged is not None:
            return staged
        if self.state(aggregate) is None:
            return None
        seq = self._mids.get(aggregate, {}).get(mid)
        if seq is None and aggregate in self._overflowed:
            query = "SELECT seq FROM journal WHERE aggregate = ? AND mid = ?"
            row = self._reader.execute(query, (aggregate, mid)).fetchone()
            seq = row[0] if row else None
        return None if seq is None else self._facts_from(seq, mid)

    def _facts_from(self, seq: int, mid: str) -> list[AnyFact]:
        query = "SELECT record FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?"
        rows = self._reader.execute(query, (seq, MOST_FACTS_A_COMMAND)).fetchall()
        return list(takewhile(lambda fact: fact.mid == mid, (decode_record(row[0]) for row in rows)))

    # ── the view of decisions ────────────────────────────────────────────────────────────────────

    def table(self, session_pid: str) -> table.TableSession | None:
        """See `VenueView`."""
        state = self.state(f"table:{session_pid}")
        return state if isinstance(state, table.TableSession) else None

    def cart(self, session_pid: str) -> cart.Cart | None:
        """See `VenueView`."""
        state = self.state(f"cart:{session_pid}")
        return state if isinstance(state, cart.Cart) else None

    def order(self, order_id: str) -> order.Order | None:
        """See `VenueView`."""
        state = self.state(f"order:{order_id}")
        return state if isinstance(state, order.Order) else None

    def ticket(self, name: str, station: str) -> ticket.Ticket | None:
        """See `VenueView`."""
        state = self.state(ticket.aggregate_of(name, station))
        return state if isinstance(state, ticket.Ticket) else None

    def stock(self, menu_item: int) -> stock.Stock | None:
        """See `VenueView`."""
        state = self.state(f"stock:{menu_item}")
        return state if isinstance(state, stock.Stock) else None

    def menu(self) -> MenuBook | None:
        """See `VenueView`."""
        state = self.state("menu:menu")
        return state if isinstance(state, MenuBook) else None

    def venue(self) -> Venue | None:
        """See `VenueView`."""
        state = self.state("venue:venue")
        return state if isinstance(state, Venue) else None

    def committed_venue(self) -> Venue | None:
        """The configuration on disk."""
        state = self.committed("venue:venue")
        return state if isinstance(state, Venue) else None

    def committed_menu(self) -> MenuBook | None:
        """The menu on disk."""
        state = self.committed("menu:menu")
        return state if isinstance(state, MenuBook) else None

    def open_session_at(self, table_code: str) -> str | None:
        """See `VenueView`."""
        if table_code in self._staged_open:
            return self._staged_open[table_code]
        return self._open.get(table_code)

    def orders_of(self, session_pid: str) -> tuple[str, ...]:
        """Ids of all orders of a session, oldest first, staged ones included."""
        staged = self._staged_orders.get(session_pid)
        return staged if staged is not None else self.committed_orders_of(session_pid)

    def committed_orders_of(self, session_pid: str) -> tuple[str, ...]:
        """Ids of the orders of a session that are on disk, oldest first."""
        orders = self._orders.get(session_pid)
        if orders is None:
            query = "SELECT order_id FROM orders WHERE session_pid = ? ORDER BY number"
            orders = tuple(row[0] for row in self._reader.execute(query, (session_pid,)))
            self._orders[session_pid] = orders
        return orders

    def last_order_of(self, session_pid: str) -> str | None:
        """See `VenueView`."""
        orders = self.orders_of(session_pid)
        return orders[-1] if orders else None

    @property
    def next_item_id(self) -> int:
        """See `VenueView`."""
        return self._staged_counters.item_id + 1

    @property
    def next_order_number(self) -> int:
        """See `VenueView`."""
        return self._staged_counters.order_number + 1

    @property
    def next_ticket_number(self) -> int:
        """See `VenueView`."""
        return self._staged_counters.ticket_number + 1
