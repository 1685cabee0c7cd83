"""`/admin/exports`: orders of the shop as a CSV file, asked for, watched and fetched (seed 004 §5).

The work is the machinery of all exports: `cloud/jobs/exporting.py` writes page by page and goes on where a
killed worker stopped, `cloud/store/jobs/export_sets.py` says what stands in a line, and the dashboard's
*Exports* shows the same ones.
"""

from datetime import date, datetime
from uuid import uuid4

import asyncpg
import msgspec
from aiohttp import web

from cloud.jobs.exporting import EXPORT, Export
from cloud.owners.gate import identity
from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store import venues
from cloud.store.jobs import exports
from cloud.store.jobs.export_sets import SHOP_ORDERS, Wanted
from cloud.store.jobs.exports import ExportRow
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route

_MOST_DAYS = 3660
_MOST_UNFINISHED = 10


class ShopExport(msgspec.Struct, frozen=True):
    """Orders made from `first` to `last`, both included, each venue's own days."""

    first: date
    last: date


class ExportJob(msgspec.Struct, frozen=True):
    """How far it is; `file_url` is there once it is completed."""

    job_id: str
    status: str
    processed_records: int
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    failure_reason: str | None
    file_url: str | None


ASK = Route(
    method="POST",
    path="/admin/exports",
    summary="Ask for the shop's orders as CSV; written in the background.",
    request=ShopExport,
    response=ExportJob,
    status=201,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="exports:write",
    errors=("invalid", "too_many_exports", "unknown_venue"),
)
ONE = Route(
    method="GET",
    path="/admin/exports/{export_id}",
    summary="How far an export is.",
    response=ExportJob,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="exports:read",
    errors=("unknown_export",),
)

_ask = msgspec.json.Decoder(ShopExport)


class ShopExportDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(ASK, self.ask), (ONE, self.one)]

    async def ask(self, request: web.Request) -> web.Response:
        """`POST /admin/exports`."""
        login = await self._logins.require(request)
        body = await body_of(request, _ask)
        if not 0 <= (body.last - body.first).days < _MOST_DAYS or not 1970 <= body.first.year < 3000:
            raise Refused(refuse("invalid", "An export goes from a day to a later one, ten years at most."))
        organisation_id, export_id = login.organisation_id, str(uuid4())
        async with on_behalf_of(self._pool, login) as connection:
            if await exports.unfinished(connection, organisation_id) >= _MOST_UNFINISHED:
                raise Refused(refuse("too_many_exports"))
            own = await venues.of_organisation(connection, organisation_id)
            if not own and login.reach is not None:
                raise Refused(refuse("unknown_venue"))
            wanted = Wanted(organisation_id, own, body.first, body.last)
            await exports.add(connection, export_id, wanted, SHOP_ORDERS.name, "csv", login.email)
            await EXPORT.ask(connection, Export(export_id), organisation_id, key=export_id)
            await self._logins.witness(connection, request, login, "asked for an export", after=body)
            row = await exports.find(connection, organisation_id, export_id)
        if row is None:
            raise Refused(refuse("unknown_export"))
        return answer(_job(row), 201)

    async def one(self, request: web.Request) -> web.Response:
        """`GET /admin/exports/{export_id}`."""
        login = await self._logins.require(request)
        export_id = identity(request.match_info["export_id"], "unknown_export")
        async with on_behalf_of(self._pool, login) as connection:
            row = await exports.find(connection, login.organisation_id, export_id)
        if row is None:
            raise Refused(refuse("unknown_export"))
        return answer(_job(row))


def _job(row: ExportRow) -> ExportJob:
    return ExportJob(
        job_id=row.export_id,
        status=row.state,
        processed_records=row.processed_records,
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        failure_reason=row.failure_reason,
        file_url=f"/api/exports/{row.export_id}/file" if row.state == "completed" else None,
    )
