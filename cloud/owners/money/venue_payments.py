"""`GET /api/venues/{venue_id}/payments`: what was paid at a venue, for whoever wants to give some of it back.

Giving back is the command `return_payment`: the box decides and tells the outcome, because its bills are its
own. Counterpart: `edge/core/afar/owner_refunds.py`.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.money.desk import PAGE
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store.money import venue_payments
from cloud.store.money.venue_payments import Place, VenuePayment
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.http import Route


class VenuePaymentsAnswer(msgspec.Struct, frozen=True):
    """A page, newest first; ask for the next with `before`, as `next` says it."""

    payments: list[VenuePayment]
    next: str | None


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
        before = _before_of(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await venue_payments.page(connection, request.match_info["venue_id"], before, PAGE)
        last = found[-1] if len(found) == PAGE else None
        following = f"{last.initiated_ms}.{last.payment_pid}" if last is not None else None
        return answer(VenuePaymentsAnswer(found, following))


def _before_of(request: web.Request) -> Place | None:
    """The place before which a page begins; a bare moment means all from before it. Raises `Refused`."""
    text = request.query.get("before")
    if text is None:
        return None
    moment, _, payment_pid = text.partition(".")
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 18) or "\0" in payment_pid:
        raise Refused(refuse("invalid", "`before` is what `next` says."))
    return int(moment), payment_pid
