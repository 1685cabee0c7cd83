"""HTTP for staff: an order's kitchen slips on paper once more, marked as reprints.

For when the paper is lost, or the kitchen's screen is. Counterpart: `edge/effects/printing.py`, which prints
each ticket by itself the first time.
"""

import msgspec
from aiohttp import web

from edge.core.local_time import local
from edge.core.slips import kitchen_slip
from edge.web.answers import Handler, answer, body_of
from edge.web.counter import Counter
from edge.web.paper import Paper
from protocol.errors import Refused, refuse
from protocol.facts.order import Order
from protocol.facts.printout import ticket_job
from protocol.facts.ticket import Ticket, aggregate_of
from protocol.floor import ReprintRequest
from protocol.http import Route


class ReprintReply(msgspec.Struct, frozen=True):
    """The jobs that wait for their printers, one for each station."""

    jobs: tuple[str, ...]


REPRINT = Route(
    method="POST",
    path="/api/v1/orders/{order_id}/reprint",
    summary="The kitchen's slips of an order once more, marked as such.",
    request=ReprintRequest,
    response=ReprintReply,
    auth="staff",
    errors=("unknown_order", "unknown_ticket", "no_printer", "not_configured"),
)

_reprint = msgspec.json.Decoder(ReprintRequest)


class TicketDesk:
    """The handler."""

    def __init__(self, counter: Counter, paper: Paper) -> None:
        self._counter = counter
        self._paper = paper

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(REPRINT, self.reprint)]

    async def reprint(self, request: web.Request) -> web.Response:
        """`POST /api/v1/orders/{order_id}/reprint`."""
        staff = self._counter.anybody(request)
        body = await body_of(request, _reprint)
        tickets = self._tickets(request.match_info["order_id"])
        jobs = [await self._on_paper(each, f"staff:{staff.user}", body.mid) for each in tickets]
        return answer(ReprintReply(tuple(jobs)))

    def _tickets(self, order_id: str) -> list[Ticket]:
        order = self._counter.hot.committed(f"order:{order_id}")
        if not isinstance(order, Order):
            raise Refused(refuse("unknown_order"))
        names = (aggregate_of(order.ticket or "", station) for station in order.stations)
        found = [each for each in map(self._counter.hot.committed, names) if isinstance(each, Ticket)]
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
