"""The state in memory: committed aggregates, and over them what the present batch has decided so far.

Decisions look at staged over committed state; everybody else sees committed state only, so nothing is
told to a person before it is on disk. An aggregate that is not in memory is folded from its facts on
demand, through a read-only connection. Those that live as long as the venue (menu, configuration, stock) are
not: their newest fact, or their row, tells all. So start-up reads next to nothing, however long the journal
is. What belongs to open tables stays in memory, anything else only for a while.
"""

import sqlite3

from edge.core.lookup import StatesByName
from edge.journal.indexes import Numbers, Openings
from edge.journal.menus import earlier_menu
from protocol.facts import (
    bill,
    booking,
    cart,
    order,
    payment,
    printout,
    shift,
    stock,
    table,
    ticket,
)
from protocol.facts.account import Account
from protocol.facts.drill import Drill
from protocol.facts.fold import WHOLE, AnyFact, State, decode_record, evolve, restored
from protocol.facts.menu import MenuBook
from protocol.facts.note import Note
from protocol.facts.owner_command import OwnerCommand
from protocol.facts.play import PlaySession
from protocol.facts.play_code import PlayCode
from protocol.facts.refund_request import RefundRequest
from protocol.facts.stored_card import StoredCard
from protocol.facts.venue import Venue

#: Idempotency keys remembered in memory per aggregate; older ones are looked up in the journal.
MOST_MIDS = 2048
#: Aggregates remembered not to exist (uncounted stock, empty carts), so that asking again costs no read.
MOST_ABSENT = 10_000
#: Aggregates of closed tables that stay in memory because somebody asked for them.
MOST_PASSING = 2048
#: Versions of the menu before the one in force that stay in memory.
MOST_EARLIER_MENUS = 4
#: More facts than this no command produces; bounds the read of a stored outcome.
MOST_FACTS_A_COMMAND = 512

#: An aggregate's facts in order: from its head back along the chain, then turned round.
FACTS_OF = """
WITH RECURSIVE walk (seq) AS (
    SELECT seq FROM heads WHERE aggregate = ?
    UNION ALL
    SELECT previous FROM journal JOIN walk USING (seq) WHERE previous > 0
)
SELECT seq, mid, record FROM walk JOIN journal USING (seq) ORDER BY seq
"""


class Hot(StatesByName):
    """Implements `edge.core.view.VenueView` for decisions; `committed_*` methods are for everybody else."""

    def __init__(self, reader: sqlite3.Connection) -> None:
        self._reader = reader
        self.forget()

    def forget(self) -> None:
        """Drop everything and start from what is on disk. Raises `sqlite3.Error` and then drops nothing."""
        numbers, tables = Numbers.read(self._reader), Openings.tables(self._reader)
        self._shifts, self._bookings = Openings.shifts(self._reader), Openings.bookings(self._reader)
        self._numbers, self._tables = numbers, tables
        self._seated = set(tables.values())
        self._committed: dict[str, State] = {}
        self._passing: dict[str, None] = {}
        self._absent: set[str] = set()
        self._mids: dict[str, dict[str, int]] = {}
        self._overflowed: set[str] = set()
        self._orders: dict[str, tuple[str, ...]] = {}
        self._heads: dict[str, int] = {}
        self._earlier_menus: dict[int, MenuBook | None] = {}
        self.discard()

    # ── staging ──────────────────────────────────────────────────────────────────────────────────

    def discard(self) -> None:
        """Forget what was staged since the last commit."""
        self._staged: dict[str, State] = {}
        self._staged_heads: dict[str, int] = {}
        self._tables.discard()
        self._shifts.discard()
        self._bookings.discard()
        self._staged_closed: list[str] = []
        self._staged_orders: dict[str, tuple[str, ...]] = {}
        self._staged_mids: dict[tuple[str, str], list[AnyFact]] = {}
        self._staged_numbers = self._numbers.copy()

    def stage(self, facts: list[AnyFact], states: list[State]) -> None:
        """Let later commands of the batch see what one command decided."""
        for fact, state in zip(facts, states, strict=True):
            self._staged[fact.aggregate] = state
            self._staged_heads[fact.aggregate] = fact.seq
            self._index(fact)
            if isinstance(state, booking.Booking):
                self._bookings.stage(state.booking_id, state.station_id if state.stands else None)
        first = facts[0]
        if first.mid is not None:
            self._staged_mids[first.aggregate, first.mid] = facts

    def _index(self, fact: AnyFact) -> None:
        self._staged_numbers.take(fact.event)
        match fact.event:
            case order.OrderPlaced(session_pid=pid, order_id=order_id):
                self._staged_orders[pid] = (*self.orders_of(pid), order_id)
            case table.TableOpened(table_code=code, session_pid=pid):
                self._tables.stage(code, pid)
            case table.TableClosed() | table.TableMerged():
                state = self._staged[fact.aggregate]
                assert isinstance(state, table.TableSession)
                self._tables.stage(state.table_code, None)
                self._staged_closed.append(state.session_pid)
            case table.TableMoved(table_code=code):
                self._moved(fact.aggregate, code)
            case shift.ShiftOpened(till=till, shift_pid=pid):
                self._shifts.stage(till, pid)
            case shift.ShiftClosed():
                closed = self._staged[fact.aggregate]
                assert isinstance(closed, shift.Shift)
                self._shifts.stage(closed.opened.till, None)

    def _moved(self, aggregate: str, code: str) -> None:
        session_pid = aggregate.partition(":")[2]
        self._tables.leave(session_pid)
        self._tables.stage(code, session_pid)

    def commit(self) -> None:
        """The batch is on disk: staged state becomes everybody's."""
        self._absent.difference_update(self._staged)
        self._numbers = self._staged_numbers
        self._orders.update(self._staged_orders)
        self._seated.update(self._tables.commit())
        self._shifts.commit()
        self._bookings.commit()
        for (aggregate, mid), facts in self._staged_mids.items():
            self._remember(aggregate, mid, facts[0].seq)
        self._heads.update(self._staged_heads)
        for aggregate, state in self._staged.items():
            self._keep(aggregate, state)
        for pid in self._staged_closed:
            self._evict(pid)
        self.discard()

    def _keep(self, aggregate: str, state: State) -> None:
        """Hold committed state in memory: for good while it is in use, else among the passing ones."""
        self._committed[aggregate] = state
        session_pid = _session_of(state)
        if not _passes(state) and (session_pid is None or session_pid in self._seated):
            return
        self._passing[aggregate] = None
        if len(self._passing) > MOST_PASSING:
            self._drop(next(iter(self._passing)))

    def _remember(self, aggregate: str, mid: str, seq: int) -> None:
        mids = self._mids.setdefault(aggregate, {})
        mids[mid] = seq
        if len(mids) > MOST_MIDS:
            del mids[next(iter(mids))]
            self._overflowed.add(aggregate)

    def _evict(self, session_pid: str) -> None:
        """A closed table leaves the memory; whoever asks for it again has it read from disk."""
        self._seated.discard(session_pid)
        self._orders.pop(session_pid, None)
        for aggregate in [
            name for name, state in self._committed.items() if _session_of(state) == session_pid
        ]:
            self._drop(aggregate)

    def _drop(self, aggregate: str) -> None:
        self._committed.pop(aggregate, None)
        self._heads.pop(aggregate, None)
        self._passing.pop(aggregate, None)
        self._mids.pop(aggregate, None)
        self._overflowed.discard(aggregate)

    def in_memory(self) -> list[str]:
        """Names of the aggregates that are held in memory now."""
        return list(self._committed)

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
        kind, _, name = aggregate.partition(":")
        state: State | None
        if kind == "stock":
            state = self._load_level(aggregate, name)
        elif kind in WHOLE:
            state = self._load_newest(aggregate)
        else:
            state = self._load_whole(aggregate)
        if state is not None:
            self._keep(aggregate, state)
        elif len(self._absent) < MOST_ABSENT:
            self._absent.add(aggregate)
        return state

    def _load_whole(self, aggregate: str) -> State | None:
        state: State | None = None
        for seq, mid, record in self._reader.execute(FACTS_OF, (aggregate,)):
            state = evolve(state, decode_record(record))
            self._heads[aggregate] = seq
            if mid is not None:
                self._remember(aggregate, mid, seq)
        return state

    def _load_newest(self, aggregate: str) -> State | None:
        self._overflowed.add(aggregate)  # earlier mids are only in the journal
        query = "SELECT seq, record FROM heads JOIN journal USING (seq) WHERE heads.aggregate = ?"
        row = self._reader.execute(query, (aggregate,)).fetchone()
        if row is None:
            return None
        self._heads[aggregate] = row[0]
        return restored(decode_record(row[1]))

    def _load_level(self, aggregate: str, menu_item: str) -> stock.Stock | None:
        self._overflowed.add(aggregate)  # earlier mids are only in the journal
        query = (
            "SELECT seq, stock.version, menu_item, qty, taken_off FROM stock, heads "
            "WHERE menu_item = ? AND heads.aggregate = ?"
        )
        row = self._reader.execute(query, (int(menu_item), aggregate)).fetchone()
        if row is None:
            return None
        self._heads[aggregate] = row[0]
        return stock.Stock(row[1], row[2], row[3], bool(row[4]))

    def head(self, aggregate: str) -> int:
        """Seq of the aggregate's last fact, staged over committed; 0 when it has none."""
        staged = self._staged_heads.get(aggregate)
        if staged is not None:
            return staged
        return self._heads[aggregate] if self.committed(aggregate) is not None else 0

    def outcome_of(self, aggregate: str, mid: str) -> list[AnyFact] | None:
        """The facts of an earlier command with this `mid`, or None if there was none."""
        staged = self._staged_mids.get((aggregate, mid))
        if staged is not None:
            return staged
        if self.state(aggregate) is None:
            return None
        seq = self._mids.get(aggregate, {}).get(mid)
        if seq is None and aggregate in self._overflowed:
            query = "SELECT seq FROM journal WHERE mid = ? AND aggregate = ?"
            row = self._reader.execute(query, (mid, aggregate)).fetchone()
            seq = row[0] if row else None
        return None if seq is None else self._facts_from(seq, mid)

    def _facts_from(self, seq: int, mid: str) -> list[AnyFact]:
        """The facts of the command that begins at `seq`: the first of them alone carries the mid as a key."""
        query = "SELECT mid, record FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?"
        facts: list[AnyFact] = []
        for key, record in self._reader.execute(query, (seq, MOST_FACTS_A_COMMAND)):
            fact = decode_record(record)
            if fact.mid != mid or (facts and key is not None):
                break
            facts.append(fact)
        return facts

    # ── the view of decisions ────────────────────────────────────────────────────────────────────

    def committed_venue(self) -> Venue | None:
        """The configuration on disk."""
        state = self.committed("venue:venue")
        return state if isinstance(state, Venue) else None

    def timezone(self) -> str:
        """The venue's time zone; UTC before anybody named one."""
        venue = self.committed_venue()
        return venue.config.timezone if venue else "UTC"

    def committed_menu(self) -> MenuBook | None:
        """The menu on disk."""
        state = self.committed("menu:menu")
        return state if isinstance(state, MenuBook) else None

    def menu_of(self, menu_version: int) -> MenuBook | None:
        """See `VenueView`. Earlier versions are read from their row, and a few of them kept."""
        for state in (self.state("menu:menu"), self._committed.get("menu:menu")):
            if isinstance(state, MenuBook) and state.menu.menu_version == menu_version:
                return state
        if menu_version not in self._earlier_menus:
            if len(self._earlier_menus) >= MOST_EARLIER_MENUS:
                self._earlier_menus.clear()
            self._earlier_menus[menu_version] = earlier_menu(self._reader, menu_version)
        return self._earlier_menus[menu_version]

    def open_session_at(self, table_code: str) -> str | None:
        """See `VenueView`."""
        return self._tables.get(table_code)

    def open_shift_at(self, till: str) -> str | None:
        """See `VenueView`."""
        return self._shifts.get(till)

    def bookings_at(self, station_id: str) -> tuple[str, ...]:
        """See `VenueView`."""
        return self._bookings.where(station_id)

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
            if session_pid in self._seated:
                self._orders[session_pid] = orders
        return orders

    def last_order_of(self, session_pid: str) -> str | None:
        """See `VenueView`."""
        orders = self.orders_of(session_pid)
        return orders[-1] if orders else None

    @property
    def next_item_id(self) -> int:
        """See `VenueView`."""
        return self._staged_numbers.item_id + 1

    @property
    def next_order_number(self) -> int:
        """See `VenueView`."""
        return self._staged_numbers.order_number + 1

    @property
    def next_ticket_number(self) -> int:
        """See `VenueView`."""
        return self._staged_numbers.ticket_number + 1

    @property
    def next_receipt_number(self) -> int:
        """See `VenueView`."""
        return self._staged_numbers.receipt_number + 1

    @property
    def next_z_number(self) -> int:
        """See `VenueView`."""
        return self._staged_numbers.z_number + 1


def _passes(state: State) -> bool:
    """Whether it belongs to somebody who may never come again."""
    return isinstance(state, Account | PlayCode) or (isinstance(state, PlaySession) and not state.live)


def _session_of(state: State) -> str | None:
    """The table session that a state belongs to, None for what belongs to the venue.

    Empty for what is asked for now and then only, and need not stay in memory.
    """
    match state:
        case table.TableSession(session_pid=pid) | cart.Cart(session_pid=pid):
            return pid
        case order.Order(placed=first):
            return first.session_pid
        case ticket.Ticket(fired=first):
            return first.session_pid
        case printout.Printout() | OwnerCommand() | RefundRequest() | Note() | Drill() | StoredCard():
            return ""  # nobody's for long
        case bill.Bill(session_pid=pid):
            return pid
        case payment.Payment(initiated=money):
            return money.session_pid or ""
        case booking.Booking() if not state.stands:
            return ""
        case shift.Shift(status="closed"):
            return ""
        case _:
            return None
