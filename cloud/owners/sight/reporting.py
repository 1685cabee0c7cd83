"""`GET /api/report`: a span of days of one venue or of all, as an owner and an accountant read it."""

from datetime import UTC, date, datetime

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.gate import identity
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store import venues
from cloud.store.people.logins import Login
from cloud.store.reading import reports
from cloud.store.reading.reports import ItemSales, LeftBehind, Outage, Sales, Span, StaffSales, Use
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.http import Route

MOST_DAYS = 366


class OutageRow(msgspec.Struct, frozen=True):
    """A time in which a venue was not heard of; `ended_at` null while it lasts. Times are ISO 8601 in UTC."""

    venue_id: str
    venue: str
    began_at: str
    ended_at: str | None
    seconds: float
    orders: int
    total_minor: int
    currency: str


class Utilisation(msgspec.Struct, frozen=True):
    """Minutes used by hour of the week, and how many places there are to be used."""

    places: int
    use: list[Use]


class Report(msgspec.Struct, frozen=True):
    """Sales of confirmed orders in minor units of their currency; hours and days are the venues' own."""

    by_hour: list[Sales]
    by_day: list[Sales]
    by_item: list[ItemSales]
    by_staff: list[StaffSales]
    stations: Utilisation
    tables: Utilisation
    outages: list[OutageRow]
    left_behind: list[LeftBehind]


REPORT = Route(
    method="GET",
    path="/api/report",
    summary="Sales, utilisation and outages from day `first` to `last`; of one `venue`, or of all.",
    response=Report,
    query=("first", "last"),
    filters=("venue",),
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="reports:read",
    errors=("unknown_venue",),
)


class Reporting:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(REPORT, self.report)]

    async def report(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_venue`, or `invalid` for days that make no span of a year at most."""
        login = await self._logins.require(request)
        span = _span(login, request)
        async with on_behalf_of(self._pool, login) as connection:
            if span.venue_id is not None and not await venues.reaches(connection, login, span.venue_id):
                raise Refused(refuse("unknown_venue"))
            stations, tables = await reports.places(connection, span)
            found = Report(
                by_hour=await reports.sales_by(connection, span, "hour"),
                by_day=await reports.sales_by(connection, span, "day"),
                by_item=await reports.sales_by_item(connection, span),
                by_staff=await reports.sales_by_staff(connection, span),
                stations=Utilisation(stations, await reports.use(connection, span, "stations")),
                tables=Utilisation(tables, await reports.use(connection, span, "tables")),
                outages=[_row(each) for each in await reports.outages(connection, span)],
                left_behind=await reports.left_behind(connection, span),
            )
        return answer(found)


def _span(login: Login, request: web.Request) -> Span:
    first, last = (_day(request.query.get(name, "today")) for name in ("first", "last"))
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Refused(refuse("invalid", f"A report goes from a day to a later one, {MOST_DAYS} at most."))
    venue = request.query.get("venue")
    return Span(
        login.organisation_id, first, last, None if venue is None else identity(venue, "unknown_venue")
    )


def _day(text: str) -> date:
    if text == "today":
        return datetime.now(UTC).date()
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused(refuse("invalid", "A day is like 2026-03-31, or `today`.")) from error
    if not 1970 <= day.year < 3000:
        raise Refused(refuse("invalid", "A day is like 2026-03-31, or `today`."))
    return day


def _row(outage: Outage) -> OutageRow:
    ended_at = outage.ended_at.isoformat() if outage.ended_at else None
    return OutageRow(
        **{
            **msgspec.structs.asdict(outage),
            "began_at": outage.began_at.isoformat(),
            "ended_at": ended_at,
        }
    )
