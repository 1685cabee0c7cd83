"""Tables, orders and dishes for the staff's screens, made from what is on disk."""

from collections.abc import Collection

from edge.core.orders.cart import subtotal_minor
from edge.journal.hot import Hot
from edge.web.guests.snapshots import order_status, orders_of
from protocol.facts.bill import Bill
from protocol.facts.cart import Cart
from protocol.facts.order import Order
from protocol.facts.stock import Stock
from protocol.facts.table import TableSession
from protocol.facts.ticket import Ticket, aggregate_of
from protocol.facts.venue import TableConfig
from protocol.floor import HeldCourse, MemberState, OrderState, StockNews, TableState
from protocol.table import iso

#: States of an order in which nothing is left to do for it.
DONE = ("served", "failed", "abandoned", "rejected")


class FloorMessages:
    """The present, by table."""

    def __init__(self, hot: Hot) -> None:
        self._hot = hot

    def tables(self, sessions: Collection[str] | None = None) -> tuple[TableState, ...]:
        """All tables in the owner's order, or only those at which one of `sessions` sits.

        A table of a long evening has many orders, so nobody should be told of all tables for one of them.
        """
        venue = self._hot.committed_venue()
        all_tables = venue.config.tables if venue else ()
        return tuple(self.table(each) for each in all_tables if self._wanted(each, sessions))

    def _wanted(self, table: TableConfig, sessions: Collection[str] | None) -> bool:
        return sessions is None or self._hot.open_session_at(table.code) in sessions

    def table_of(self, code: str) -> TableState | None:
        """One table; None when the venue has none of this code."""
        venue = self._hot.committed_venue()
        found = venue.tables.get(code) if venue else None
        return self.table(found) if found else None

    def table(self, table: TableConfig) -> TableState:
        """A table as it stands."""
        session_pid = self._hot.open_session_at(table.code)
        session = self._hot.committed(f"table:{session_pid}") if session_pid else None
        if not isinstance(session, TableSession):
            return _free(table, self._currency())
        bill = self._hot.committed(f"bill:{session.session_pid}")
        cart = self._hot.committed(f"cart:{session.session_pid}")
        owed = bill if isinstance(bill, Bill) else None
        held = cart if isinstance(cart, Cart) else None
        return TableState(
            code=table.code,
            name=table.name,
            session_pid=session.session_pid,
            status="open",
            opened_at=iso(session.opened_ms),
            members=tuple(
                MemberState(each.member_pid, each.name, each.host, staff=not each.token_digest)
                for each in session.members.values()
            ),
            pass_validated=session.pass_validated,
            cart_lines=len(held.live()) if held else 0,
            cart_minor=subtotal_minor(held),
            cart_locked=held is not None and held.lock is not None,
            orders=len(self._open_orders(session.session_pid)),
            total_minor=owed.total_minor if owed else 0,
            paid_minor=owed.paid_minor if owed else 0,
            due_minor=owed.due_minor if owed else 0,
            currency=self._currency(),
            refused=self._refused(session.session_pid, owed),
        )

    def _refused(self, session_pid: str, bill: Bill | None) -> int:
        """Orders that the kitchen cannot make, until somebody has taken them off the bill."""
        charged = {line.ref for line in bill.lines.values() if line.left} if bill else set()
        orders = (each for each in orders_of(self._hot, session_pid) if each.order_id in charged)
        return sum(order_status(self._hot, each) == "rejected" for each in orders)

    def _open_orders(self, session_pid: str) -> list[OrderState]:
        told = (self.order(order) for order in orders_of(self._hot, session_pid))
        return [order for order in told if order.status not in DONE]

    def orders(self) -> tuple[OrderState, ...]:
        """Orders of open tables that were not served yet."""
        sessions = (each.session_pid for each in self.tables() if each.session_pid)
        return tuple(order for pid in sessions for order in self._open_orders(pid))

    def order(self, order: Order) -> OrderState:
        """An order as it stands."""
        first = order.placed
        return OrderState(
            order_id=first.order_id,
            session_pid=first.session_pid,
            table_name=first.table_name,
            ticket=order.ticket,
            status=order_status(self._hot, order),
            total_minor=first.total_minor,
            currency=first.currency,
            placed_at=iso(order.placed_ms),
            held=tuple(self._held(order)),
        )

    def _held(self, order: Order) -> list[HeldCourse]:
        """Courses that wait, in the order in which they are served."""
        dishes: dict[tuple[str, str], int] = {}
        for each in order.later:
            ticket = self._hot.committed(aggregate_of(each.ticket, each.station))
            if isinstance(ticket, Ticket) and ticket.state == "held":
                key = (each.course, each.ticket)
                dishes[key] = dishes.get(key, 0) + sum(line.qty for line in ticket.fired.lines)
        return [HeldCourse(course, name, count) for (course, name), count in dishes.items()]

    def _currency(self) -> str:
        venue = self._hot.committed_venue()
        return venue.config.currency if venue else "EUR"


def _free(table: TableConfig, currency: str) -> TableState:
    return TableState(
        code=table.code,
        name=table.name,
        session_pid=None,
        status="free",
        opened_at=None,
        members=(),
        pass_validated=False,
        cart_lines=0,
        cart_minor=0,
        cart_locked=False,
        orders=0,
        total_minor=0,
        paid_minor=0,
        due_minor=0,
        currency=currency,
    )


def stock_news(stock: Stock) -> StockNews:
    """A dish's level."""
    return StockNews(stock.menu_item, stock.sold_out, stock.qty)
