"""HTTP for staff: calling an order's next course, and its kitchen slips on paper once more.

Slips that come again are marked as reprints, for when the paper is lost, or the kitchen's screen is.
Counterparts: `edge/core/orders/courses.py`; `edge/effects/kitchen/printing.py`, which prints each ticket by
itself the first time.
"""

import msgspec
from aiohttp import web

from edge.core.commands import FireCourse
from edge.core.local_time import local
from edge.core.orders.slips import kitchen_slip
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.money.paper import Paper
from protocol.errors import Refused, refuse
from protocol.facts.order import Order
from protocol.facts.printout import ticket_job
from protocol.facts.ticket import Ticket, aggregate_of
from protocol.floor import FireRequest, ReprintRequest
from protocol.http import Route


class ReprintReply(msgspec.Struct, frozen=True):
    """The jobs that wait for their printers, one for each station."""

    jobs: tuple[str, ...]


class FireReply(msgspec.Struct, frozen=True):
    """The course is with the kitchen, or was already."""

    ok: bool


REPRINT = Route(
    method="POST",
    path="/api/v1/orders/{order_id}/reprint",
    summary="The kitchen's slips of an order once more, marked as such.",
    request=ReprintRequest,
    response=ReprintReply,
    auth="staff",
    errors=("unknown_order", "unknown_ticket", "no_printer", "not_configured"),
)

FIRE = Route(
    method="POST",
    path="/api/v1/orders/{order_id}/fire",
    summary="The table is ready for a course: its held tickets go to the kitchen.",
    request=FireRequest,
    response=FireReply,
    auth="staff",
    errors=("unknown_order", "unknown_course", "mid_reused"),
)

_fire = msgspec.json.Decoder(FireRequest)
_reprint = msgspec.json.Decoder(ReprintRequest)


class TicketDesk:
    """The handler."""

    def __init__(self, counter: Counter, paper: Paper) -> None:
        self._counter = counter
        self._paper = paper

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(REPRINT, self.reprint), (FIRE, self.fire)]

    async def reprint(self, request: web.Request) -> web.Response:
        """`POST /api/v1/orders/{order_id}/reprint`."""
        staff = self._counter.anybody(request)
        body = await body_of(request, _reprint)
        tickets = self._tickets(request.match_info["order_id"])
        jobs = [await self._on_paper(each, f"staff:{staff.user}", body.mid) for each in tickets]
        return answer(ReprintReply(tuple(jobs)))

    async def fire(self, request: web.Request) -> web.Response:
        """`POST /api/v1/orders/{order_id}/fire`."""
        staff = self._counter.anybody(request)
        body = await body_of(request, _fire)
        order_id = request.match_info["order_id"]
        await self._counter.do(FireCourse(order_id, body.course, f"staff:{staff.user}", body.mid))
        return answer(FireReply(ok=True))

    def _tickets(self, order_id: str) -> list[Ticket]:
        order = self._counter.hot.committed(f"order:{order_id}")
        if not isinstance(order, Order):
            raise Refused(refuse("unknown_order"))
        names = (aggregate_of(name, station) for name, station in order.tickets())
        tickets = [each for each in map(self._counter.hot.committed, names) if isinstance(each, Ticket)]
        found = [each for each in tickets if each.state != "held"]
        if not found:
            raise Refused(refuse("unknown_ticket", "The kitchen has no ticket of this order."))
        return found

    async def _on_paper(self, ticket: Ticket, by: str, mid: str | None) -> str:
        config, station = self._counter.config(), ticket.fired.station
        names = {each.id: each.name for each in config.stations}
        placed = local(ticket.placed_ms, config.timezone)
        slip = kitchen_slip(ticket, placed, names.get(station, station), reprint=True)
        printer = next((each.name for each in config.printers if station in each.stations), "")
        job = f"{ticket_job(ticket.fired.ticket, station)}/{mid or self._counter.new_id()}"
        return await self._paper.ask("reprint", job, slip, by, printer)
