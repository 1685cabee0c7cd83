"""A venue in memory, for tests of decisions: commands in, facts or a refusal's code out.

It folds with the same `evolve` as everybody else and keeps nothing but states, so a test of a decision
needs no disk and no loop. Counterpart: `edge/journal/hot.py`, the view that a box at work decides with.
"""

from collections.abc import Iterable

from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.decide import author, decide
from edge.core.lookup import StatesByName
from protocol.errors import Refusal
from protocol.facts.bill import Bill
from protocol.facts.booking import Booking
from protocol.facts.cart import Cart
from protocol.facts.fact import Fact
from protocol.facts.fold import AnyFact, Event, State, evolve
from protocol.facts.menu import MenuAdopted, MenuBook, book_of
from protocol.facts.order import Order
from protocol.facts.shift import Shift
from protocol.facts.table import TableSession
from tests.sample_venue import now


class Script(StatesByName):
    """The venue after some commands. `facts` is everything that has happened."""

    def __init__(self, *commands: Command) -> None:
        self.states: dict[str, State] = {}
        self.facts: list[AnyFact] = []
        self.now = now(1)
        for command in commands:
            self.do(command)

    def do(self, command: Command) -> list[Event]:
        """The events of a command that must go through."""
        proposals = decide(self, command, self.now)
        assert not isinstance(proposals, Refusal), proposals
        return [self.happened(aggregate, event, command) for aggregate, event in proposals]

    def refusal(self, command: Command, at: Now | None = None) -> Refusal:
        """The refusal that a command must meet."""
        proposals = decide(self, command, at or self.now)
        assert isinstance(proposals, Refusal), proposals
        return proposals

    def code(self, command: Command) -> str:
        """The refusal's code alone."""
        return self.refusal(command).code

    def happened(self, aggregate: str, event: Event, command: Command) -> Event:
        """Fold one event."""
        before = self.states.get(aggregate)
        fact = Fact(
            seq=len(self.facts) + 1,
            aggregate=aggregate,
            version=before.version + 1 if before else 1,
            event=event,
            boot=self.now.boot,
            mono_ns=self.now.mono_ns,
            wall_ms=self.now.wall_ms,
            clock_trusted=self.now.clock_trusted,
            mid=command.mid,
            by=author(command),
        )
        self.states[aggregate] = evolve(before, fact)
        self.facts.append(fact)
        return event

    # ── the view of decisions ────────────────────────────────────────────────────────────────────

    def state(self, aggregate: str) -> State | None:
        return self.states.get(aggregate)

    def menu_of(self, menu_version: int) -> MenuBook | None:
        menus = (fact.event.menu for fact in self.facts if isinstance(fact.event, MenuAdopted))
        return next((book_of(menu) for menu in menus if menu.menu_version == menu_version), None)

    def open_session_at(self, table_code: str) -> str | None:
        sessions = (state for state in self.states.values() if isinstance(state, TableSession))
        return next(
            (
                each.session_pid
                for each in sessions
                if each.table_code == table_code and each.status == "open"
            ),
            None,
        )

    def open_shift_at(self, till: str) -> str | None:
        shifts = (state for state in self.states.values() if isinstance(state, Shift))
        found = (each for each in shifts if each.opened.till == till and each.status == "open")
        return next((each.opened.shift_pid for each in found), None)

    def bookings_at(self, station_id: str) -> tuple[str, ...]:
        bookings = (state for state in self.states.values() if isinstance(state, Booking))
        return tuple(each.booking_id for each in bookings if each.stands and each.station_id == station_id)

    def orders_of(self, session_pid: str) -> tuple[str, ...]:
        return tuple(each.order_id for each in self._orders() if each.placed.session_pid == session_pid)

    def last_order_of(self, session_pid: str) -> str | None:
        orders = [order for order in self._orders() if order.placed.session_pid == session_pid]
        return orders[-1].order_id if orders else None

    def _orders(self) -> Iterable[Order]:
        return (state for state in self.states.values() if isinstance(state, Order))

    @property
    def next_item_id(self) -> int:
        carts = (state for state in self.states.values() if isinstance(state, Cart))
        return 1 + max((item_id for cart in carts for item_id in cart.items), default=0)

    @property
    def next_order_number(self) -> int:
        return 1 + max((order.placed.number for order in self._orders()), default=0)

    @property
    def next_ticket_number(self) -> int:
        return 1 + max((order.ticket_number or 0 for order in self._orders()), default=0)

    @property
    def next_receipt_number(self) -> int:
        bills = (state for state in self.states.values() if isinstance(state, Bill))
        return 1 + max((receipt.number for bill in bills for receipt in bill.receipts), default=0)

    @property
    def next_z_number(self) -> int:
        shifts = (state for state in self.states.values() if isinstance(state, Shift))
        return 1 + max((each.closed.z_number for each in shifts if each.closed), default=0)
