"""A venue in memory, for tests of decisions: commands in, facts or a refusal's code out.

It folds with the same `evolve` as everybody else and keeps nothing but states, so a test of a decision
needs no disk and no loop. Counterpart: `edge/journal/hot.py`, the view that a box at work decides with.
"""

from collections.abc import Iterable

from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.decide import author, decide
from protocol.errors import Refusal
from protocol.facts import account, play_clock, play_code, station
from protocol.facts.account import Account
from protocol.facts.cart import Cart
from protocol.facts.fact import Fact
from protocol.facts.fold import AnyFact, Event, State, evolve
from protocol.facts.menu import MenuBook
from protocol.facts.order import Order
from protocol.facts.play import PlaySession
from protocol.facts.play_clock import PlayClock
from protocol.facts.play_code import PlayCode
from protocol.facts.printout import Printout
from protocol.facts.station import Station
from protocol.facts.stock import Stock
from protocol.facts.table import TableSession
from protocol.facts.ticket import Ticket, aggregate_of
from protocol.facts.venue import Venue
from tests.sample_venue import now


class Script:
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

    def table(self, session_pid: str) -> TableSession | None:
        state = self.states.get(f"table:{session_pid}")
        return state if isinstance(state, TableSession) else None

    def cart(self, session_pid: str) -> Cart | None:
        state = self.states.get(f"cart:{session_pid}")
        return state if isinstance(state, Cart) else None

    def order(self, order_id: str) -> Order | None:
        state = self.states.get(f"order:{order_id}")
        return state if isinstance(state, Order) else None

    def ticket(self, ticket: str, station: str) -> Ticket | None:
        state = self.states.get(aggregate_of(ticket, station))
        return state if isinstance(state, Ticket) else None

    def stock(self, menu_item: int) -> Stock | None:
        state = self.states.get(f"stock:{menu_item}")
        return state if isinstance(state, Stock) else None

    def printout(self, job: str) -> Printout | None:
        state = self.states.get(f"print:{job}")
        return state if isinstance(state, Printout) else None

    def menu(self) -> MenuBook | None:
        state = self.states.get("menu:menu")
        return state if isinstance(state, MenuBook) else None

    def venue(self) -> Venue | None:
        state = self.states.get("venue:venue")
        return state if isinstance(state, Venue) else None

    def play(self, session_id: str) -> PlaySession | None:
        state = self.states.get(f"play:{session_id}")
        return state if isinstance(state, PlaySession) else None

    def station(self, station_id: str) -> Station | None:
        state = self.states.get(station.aggregate_of(station_id))
        return state if isinstance(state, Station) else None

    def account(self, user_id: str) -> Account | None:
        state = self.states.get(account.aggregate_of(user_id))
        return state if isinstance(state, Account) else None

    def play_code(self, code: str) -> PlayCode | None:
        state = self.states.get(play_code.aggregate_of(code))
        return state if isinstance(state, PlayCode) else None

    def play_clock(self) -> PlayClock | None:
        state = self.states.get(play_clock.AGGREGATE)
        return state if isinstance(state, PlayClock) else None

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
