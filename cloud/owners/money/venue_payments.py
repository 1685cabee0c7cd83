"""`GET /api/venues/{venue_id}/payments`: what was paid at a venue, for whoever wants to give some of it back.

Giving back is the command `return_payment`: the box decides and tells the outcome, because its bills are its
own. Counterpart: `edge/core/afar/owner_refunds.py`.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.money.desk import PAGE, before_of
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store.money import venue_payments
from cloud.store.money.venue_payments import VenuePayment
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.http import Route


class VenuePaymentsAnswer(msgspec.Struct, frozen=True):
    """A page, newest first; ask for the next with `before`."""

    payments: list[VenuePayment]
    next: int | None


PAYMENTS = Route(
    method="GET",
    path="/api/venues/{venue_id}/payments",
    summary="Payments of a venue, newest first, with what was given back.",
    response=VenuePaymentsAnswer,
    filters=("before",),
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
)


class VenuePaymentsDesk:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(PAYMENTS, self.payments)]

    async def payments(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/payments`."""
        login = await self._logins.require(request)
        before = before_of(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await venue_payments.page(connection, request.match_info["venue_id"], before, PAGE)
        following = found[-1].initiated_ms if len(found) == PAGE else None
        return answer(VenuePaymentsAnswer(found, following))
