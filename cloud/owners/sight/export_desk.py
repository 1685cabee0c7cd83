"""`/api/exports`: ask for a file of what was sold, see how far it is, fetch it.

Rule of the file: a file is only ever handed out here, to whom the gate has let in, and of their organisation.

Counterparts: `cloud/jobs/exporting.py` writes it, `cloud/store/jobs/export_sets.py` says what there is.
"""

from datetime import date, datetime
from typing import Literal
from uuid import uuid4

import asyncpg
import msgspec
from aiohttp import web

from cloud.jobs import exporting, formats
from cloud.jobs.blobs import Blobs, NoSuchBlob
from cloud.jobs.exporting import EXPORT, Export
from cloud.owners.gate import identity
from cloud.owners.people import roles
from cloud.owners.people.account import Done
from cloud.owners.people.login import Logins
from cloud.store import venues
from cloud.store.jobs import exports
from cloud.store.jobs.export_sets import SETS, Wanted
from cloud.store.jobs.exports import ExportRow
from cloud.store.people.logins import Login
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route

_MOST_LISTED = 100
_MOST_UNFINISHED = 10
_MOST_DAYS = 3660


class ExportRequest(msgspec.Struct, frozen=True):
    """Which set, as what, of which days (both included, each venue's own); of these venues or of all."""

    what: str
    format: Literal["csv", "jsonl", "parquet"]
    first: date
    last: date
    venue_ids: list[str] | None = None


class ExportStatus(msgspec.Struct, frozen=True):
    """One export. `state` is `queued`, `processing`, `completed`, `failed` or `expired`; times in UTC."""

    export_id: str
    what: str
    format: str
    first: str
    last: str
    venue_ids: list[str]
    state: str
    processed_records: int
    size_bytes: int | None
    failure_reason: str | None
    file_url: str | None
    asked_by: str
    created_at: str
    started_at: str | None
    completed_at: str | None
    expires_at: str | None


class SetRow(msgspec.Struct, frozen=True):
    """Something that can be exported."""

    name: str
    words: str


class Exports(msgspec.Struct, frozen=True):
    """What can be exported, and the newest exports first."""

    sets: list[SetRow]
    exports: list[ExportStatus]


LIST = Route(
    method="GET",
    path="/api/exports",
    summary="What can be exported, and the exports there are.",
    response=Exports,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="exports:read",
)
ASK = Route(
    method="POST",
    path="/api/exports",
    summary="Ask for an export; it is written in the background.",
    request=ExportRequest,
    response=ExportStatus,
    status=201,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="exports:write",
    errors=("unknown_venue", "too_many_exports"),
)
ONE = Route(
    method="GET",
    path="/api/exports/{export_id}",
    summary="How far an export is.",
    response=ExportStatus,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="exports:read",
    errors=("unknown_export",),
)
FILE = Route(
    method="GET",
    path="/api/exports/{export_id}/file",
    summary="The file of a completed export.",
    media="application/octet-stream",
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="exports:read",
    errors=("unknown_export", "export_not_ready"),
)
REMOVE = Route(
    method="DELETE",
    path="/api/exports/{export_id}",
    summary="Stop an export, or remove its file.",
    response=Done,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    scope="exports:write",
    errors=("unknown_export",),
)


class ExportDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins, blobs: Blobs) -> None:
        self._pool = pool
        self._logins = logins
        self._blobs = blobs

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            *((LIST, self.listed), (ASK, self.ask), (ONE, self.one)),
            *((FILE, self.file), (REMOVE, self.remove)),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """Everybody of the organisation who may export sees all of its exports."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await exports.listed(connection, login.organisation_id, _MOST_LISTED)
        sets = [SetRow(each.name, each.words) for each in SETS.values()]
        return answer(Exports(sets, [_status(row) for row in found]))

    async def ask(self, request: web.Request) -> web.Response:
        """Refuses with `invalid`, `unknown_venue`, or `too_many_exports` while ten are unfinished."""
        login = await self._logins.require(request)
        asked = await body_of(request, msgspec.json.Decoder(ExportRequest))
        _check(asked)
        export_id = str(uuid4())
        async with on_behalf_of(self._pool, login) as connection:
            if await exports.unfinished(connection, login.organisation_id) >= _MOST_UNFINISHED:
                raise Refused(refuse("too_many_exports"))
            wanted = Wanted(
                login.organisation_id,
                await _venues(connection, login, asked.venue_ids),
                asked.first,
                asked.last,
            )
            await exports.add(connection, export_id, wanted, asked.what, asked.format, login.email)
            await EXPORT.ask(connection, Export(export_id), login.organisation_id, key=export_id)
            await self._logins.witness(connection, request, login, "asked for an export", after=asked)
            row = await exports.find(connection, login.organisation_id, export_id)
        assert row is not None
        return answer(_status(row), 201)

    async def one(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_export`."""
        return answer(_status(await self._found(request)))

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Refuses with `unknown_export`; with `export_not_ready` before it is written and once it expired."""
        login = await self._logins.require(request)
        row = await self._found(request)
        if row.state != "completed":
            raise Refused(refuse("export_not_ready"))
        name = f"{row.what}-{row.first_day}-{row.last_day}.{row.format}"
        key = exporting.blob_of(login.organisation_id, row.export_id)
        try:
            return await self._blobs.serve(request, key, name, formats.MEDIA[row.format])
        except NoSuchBlob as error:
            raise Refused(refuse("export_not_ready", "The file is gone; ask for it again.")) from error

    async def remove(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_export`. A worker that is at it finds nothing left to do."""
        login = await self._logins.require(request)
        row = await self._found(request)
        async with on_behalf_of(self._pool, login) as connection:
            await exports.remove(connection, login.organisation_id, row.export_id)
            await self._logins.witness(connection, request, login, "removed an export", before=_status(row))
        await exporting.forget(self._blobs, login.organisation_id, row.export_id)
        return answer(Done())

    async def _found(self, request: web.Request) -> ExportRow:
        login = await self._logins.require(request)
        export_id = identity(request.match_info["export_id"], "unknown_export")
        async with on_behalf_of(self._pool, login) as connection:
            row = await exports.find(connection, login.organisation_id, export_id)
        if row is None:
            raise Refused(refuse("unknown_export"))
        return row


def _check(asked: ExportRequest) -> None:
    if asked.what not in SETS:
        raise Refused(refuse("invalid", f"What can be exported: {', '.join(SETS)}."))
    if not 0 <= (asked.last - asked.first).days < _MOST_DAYS or not 1970 <= asked.first.year < 3000:
        raise Refused(refuse("invalid", "An export goes from a day to a later one, ten years at most."))


async def _venues(connection: asyncpg.Connection, login: Login, asked: list[str] | None) -> list[str]:
    own = await venues.of_organisation(connection, login.organisation_id)
    if not own and login.reach is not None:
        # A brand that has no venue yet: nobody's rows, which the wall of reach lets nobody write either.
        raise Refused(refuse("unknown_venue"))
    if asked is None:
        return own
    wanted = {identity(venue_id, "unknown_venue") for venue_id in asked}
    if not wanted <= set(own):
        raise Refused(refuse("unknown_venue"))
    return sorted(wanted)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _status(row: ExportRow) -> ExportStatus:
    return ExportStatus(
        export_id=row.export_id,
        what=row.what,
        format=row.format,
        first=row.first_day.isoformat(),
        last=row.last_day.isoformat(),
        venue_ids=row.venues,
        state=row.state,
        processed_records=row.processed_records,
        size_bytes=row.size_bytes,
        failure_reason=row.failure_reason,
        file_url=f"/api/exports/{row.export_id}/file" if row.state == "completed" else None,
        asked_by=row.asked_by,
        created_at=row.created_at.isoformat(),
        started_at=_moment(row.started_at),
        completed_at=_moment(row.completed_at),
        expires_at=_moment(row.expires_at),
    )
