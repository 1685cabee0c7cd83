"""HTTP for staff: saying whether the till has an order of which nobody else knows.

The box asks the till by itself, for as long as it takes. Only when the till will never answer again does a
person have to go and look; until then the table's cart stays locked, because the food may be paid for.
"""

import msgspec
from aiohttp import web

from edge.core.commands import SettleOrder
from edge.journal.writer import Writer
from edge.web.answers import Handler, accepted, answer, body_of
from edge.web.tokens import Tokens
from protocol.http import Route


class SettleRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/orders/{order_id}/settle`."""

    taken: bool


class Settled(msgspec.Struct, frozen=True):
    """The order is what the person said."""

    ok: bool


SETTLE = Route(
    method="POST",
    path="/api/v1/orders/{order_id}/settle",
    summary="Somebody has looked: the till has taken an order that is in doubt, or it has not.",
    request=SettleRequest,
    response=Settled,
    auth="staff",
    errors=("unknown_order", "stale_answer", "forbidden"),
)

_settle = msgspec.json.Decoder(SettleRequest)


class DoubtDesk:
    """The handler."""

    def __init__(self, writer: Writer, tokens: Tokens) -> None:
        self._writer = writer
        self._tokens = tokens

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(SETTLE, self.settle)]

    async def settle(self, request: web.Request) -> web.Response:
        """`POST /api/v1/orders/{order_id}/settle`."""
        staff = self._tokens.staff(request, "manager", "waiter")
        body = await body_of(request, _settle)
        command = SettleOrder(request.match_info["order_id"], body.taken, f"staff:{staff.user}")
        accepted(await self._writer.execute(command))
        return answer(Settled(ok=True))
