"""Courses: what of an order is cooked at once, what waits, and calling the next one.

The first course that an order has is fired with it, and so is all that belongs to no course or is taken
away. Each later course is one ticket a station, held until somebody at the table or at the pass calls it.
Orders of one table are held apart: a guest who orders a main dish alone is not made to wait for others.
"""

from edge.core.clock import Now
from edge.core.commands import FireCourse
from edge.core.orders.ordered import to_cook
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.menu import COURSES
from protocol.facts.order import Order, OrderLine, OrderPlaced
from protocol.facts.table import TableSession
from protocol.facts.ticket import HeldTicketFired, TicketAdvanced, TicketFired, aggregate_of


def tickets(placed: OrderPlaced, name: str) -> tuple[list[TicketFired], list[TicketFired]]:
    """The order's tickets that are fired now, and those that are held, course by course."""
    lines = to_cook(placed.lines)
    present = [course for course in COURSES if any(line.course == course for line in lines)]
    first = [line for line in lines if line.course in ("", *present[:1])]
    now = _at_stations(placed, name, first, present[0] if present else "")
    later = [
        ticket
        for place, course in enumerate(present[1:], 2)
        for ticket in _at_stations(
            placed, f"{name}.{place}", [line for line in lines if line.course == course], course
        )
    ]
    return now, later


def _at_stations(placed: OrderPlaced, name: str, lines: list[OrderLine], course: str) -> list[TicketFired]:
    return [
        TicketFired(
            ticket=name,
            station=station,
            order_id=placed.order_id,
            session_pid=placed.session_pid,
            table_name=placed.table_name,
            lines=tuple(line for line in lines if line.station == station),
            special_instructions=placed.special_instructions,
            course=course,
        )
        for station in sorted({line.station for line in lines})
    ]


def scope(view: VenueView, command: FireCourse) -> str | None:
    """The ticket whose journal remembers the command's `mid`: the first of the course."""
    order = view.order(command.order_id)
    return next(iter(_names(order, command.course)), None) if order else None


def _names(order: Order, course: str) -> list[str]:
    return [aggregate_of(each.ticket, each.station) for each in order.later if each.course == course]


def fire(view: VenueView, command: FireCourse, _now: Now) -> list[Proposal] | Refusal:
    """All tickets of the course that are still held. Called twice, it is fired once."""
    order = view.order(command.order_id)
    if order is None:
        return refuse("unknown_order")
    later = [each for each in order.later if each.course == command.course]
    if not later:
        return refuse("unknown_course")
    found = [view.ticket(each.ticket, each.station) for each in later]
    return [
        (aggregate_of(ticket.fired.ticket, ticket.fired.station), HeldTicketFired())
        for ticket in found
        if ticket is not None and ticket.state == "held"
    ]


def given_up(view: VenueView, session: TableSession) -> list[Proposal]:
    """Courses that nobody will eat any more: the guests have left, and none of them sits elsewhere by now."""
    orders = (order for order in map(view.order, view.orders_of(session.session_pid)) if order is not None)
    own = [order for order in orders if order.placed.member_pid in session.members]
    found = [view.ticket(each.ticket, each.station) for order in own for each in order.later]
    return [
        (aggregate_of(ticket.fired.ticket, ticket.fired.station), TicketAdvanced("rejected"))
        for ticket in found
        if ticket is not None and ticket.state == "held"
    ]
