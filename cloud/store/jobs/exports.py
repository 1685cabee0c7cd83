"""Exports as rows: asked for, moved on page by page, completed, failed, expired.

Rule of the file: a page counts in the transaction that moves the position, and only for whoever began where
the position still is. Of two workers at one export one gets on, and the other learns that it is not its turn.

Counterpart: `cloud/jobs/exporting.py`.
"""

from datetime import date, datetime

import asyncpg
import msgspec

from cloud.store.jobs.export_sets import Place, Wanted
from cloud.store.words import storable

_FIELDS = """
    export_id::text, what, format, first_day, last_day, venues::text[] AS venues, state, processed_records,
    size_bytes, failure_reason, asked_by, created_at, started_at, completed_at, expires_at
"""
_UNFINISHED = "state IN ('queued', 'processing')"


class ExportRow(msgspec.Struct, frozen=True):
    """One export as people see it. Times are UTC."""

    export_id: str
    what: str
    format: str
    first_day: date
    last_day: date
    venues: list[str]
    state: str
    processed_records: int
    size_bytes: int | None
    failure_reason: str | None
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None


class Standing(msgspec.Struct, frozen=True):
    """How far an export is: `parts` are there, the next begins at `place` unless it is `whole`."""

    what: str
    format: str
    wanted: Wanted
    parts: int
    place: Place
    whole: bool


async def add(
    connection: asyncpg.Connection, export_id: str, wanted: Wanted, what: str, form: str, asked_by: str
) -> None:
    """An export that nothing has been done for yet."""
    await connection.execute(
        """
        INSERT INTO exports (organisation_id, export_id, what, format, first_day, last_day, venues, asked_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7::uuid[], $8)
        """,
        wanted.organisation_id,
        export_id,
        what,
        form,
        wanted.first,
        wanted.last,
        wanted.venues,
        asked_by,
    )


async def listed(connection: asyncpg.Connection, organisation_id: str, most: int) -> list[ExportRow]:
    """The newest."""
    rows = await connection.fetch(
        f"SELECT {_FIELDS} FROM exports WHERE organisation_id = $1"
        " ORDER BY created_at DESC, export_id LIMIT $2",
        organisation_id,
        most,
    )
    return [ExportRow(**dict(row)) for row in rows]


async def find(connection: asyncpg.Connection, organisation_id: str, export_id: str) -> ExportRow | None:
    """One of an organisation's."""
    row = await connection.fetchrow(
        f"SELECT {_FIELDS} FROM exports WHERE organisation_id = $1 AND export_id = $2",
        organisation_id,
        export_id,
    )
    return None if row is None else ExportRow(**dict(row))


async def unfinished(connection: asyncpg.Connection, organisation_id: str) -> int:
    """How many wait or are written."""
    count: int = await connection.fetchval(
        f"SELECT count(*) FROM exports WHERE organisation_id = $1 AND {_UNFINISHED}", organisation_id
    )
    return count


async def begin(pool: asyncpg.Pool, organisation_id: str, export_id: str) -> Standing | None:
    """Where to go on; null where nothing is left to do."""
    row = await pool.fetchrow(
        f"""
        UPDATE exports SET state = 'processing', started_at = coalesce(started_at, now())
        WHERE organisation_id = $1 AND export_id = $2 AND {_UNFINISHED}
        RETURNING what, format, first_day, last_day, venues::text[] AS venues, parts, position, whole
        """,
        organisation_id,
        export_id,
    )
    if row is None:
        return None
    wanted = Wanted(organisation_id, row["venues"], row["first_day"], row["last_day"])
    place = msgspec.json.decode(row["position"], type=Place)
    return Standing(row["what"], row["format"], wanted, row["parts"], place, row["whole"])


async def move(
    pool: asyncpg.Pool,
    organisation_id: str,
    export_id: str,
    *,
    part: int,
    blob: str | None,
    records: int,
    following: Place | None,
) -> bool:
    """Page number `part` is written as `blob` (none for no rows); False where another worker was quicker."""
    async with pool.acquire() as connection, connection.transaction():
        moved = await connection.execute(
            f"""
            UPDATE exports SET parts = parts + 1, processed_records = processed_records + $4,
                position = coalesce($5, position), whole = $5 IS NULL
            WHERE organisation_id = $1 AND export_id = $2 AND parts = $3 AND NOT whole AND {_UNFINISHED}
            """,
            organisation_id,
            export_id,
            part,
            records,
            None if following is None else msgspec.json.encode(following).decode(),
        )
        if moved != "UPDATE 1":
            return False
        if blob is not None:
            await connection.execute(
                "INSERT INTO export_parts (organisation_id, export_id, part, blob) VALUES ($1, $2, $3, $4)",
                organisation_id,
                export_id,
                part,
                blob,
            )
    return True


async def parts(pool: asyncpg.Pool, organisation_id: str, export_id: str) -> list[str]:
    """The blobs of its pages, in their order."""
    rows = await pool.fetch(
        "SELECT blob FROM export_parts WHERE organisation_id = $1 AND export_id = $2 ORDER BY part",
        organisation_id,
        export_id,
    )
    return [row["blob"] for row in rows]


async def complete(
    pool: asyncpg.Pool, organisation_id: str, export_id: str, size_bytes: int, days: int
) -> None:
    """It can be fetched, for so many days."""
    await pool.execute(
        f"""
        WITH over AS (
            UPDATE exports SET state = 'completed', size_bytes = $3, completed_at = now(),
                expires_at = now() + make_interval(days => $4)
            WHERE organisation_id = $1 AND export_id = $2 AND {_UNFINISHED}
        )
        DELETE FROM export_parts WHERE organisation_id = $1 AND export_id = $2
        """,
        organisation_id,
        export_id,
        size_bytes,
        days,
    )


async def fail(connection: asyncpg.Connection, organisation_id: str, export_id: str, reason: str) -> None:
    """It was given up."""
    await connection.execute(
        f"""
        UPDATE exports SET state = 'failed', failure_reason = $3, completed_at = now()
        WHERE organisation_id = $1 AND export_id = $2 AND {_UNFINISHED}
        """,
        organisation_id,
        export_id,
        storable(reason),
    )


async def remove(connection: asyncpg.Connection, organisation_id: str, export_id: str) -> bool:
    """Forget it, whatever state it is in; whether there was one."""
    await connection.execute(
        "DELETE FROM export_parts WHERE organisation_id = $1 AND export_id = $2", organisation_id, export_id
    )
    removed = await connection.execute(
        "DELETE FROM exports WHERE organisation_id = $1 AND export_id = $2", organisation_id, export_id
    )
    return bool(removed == "DELETE 1")


async def expire(pool: asyncpg.Pool, most: int) -> list[tuple[str, str]]:
    """Those whose time is over (organisation and export), which cannot be fetched from now on."""
    rows = await pool.fetch(
        """
        UPDATE exports SET state = 'expired' WHERE (organisation_id, export_id) IN (
            SELECT organisation_id, export_id FROM exports
            WHERE state = 'completed' AND expires_at < now() LIMIT $1 FOR UPDATE SKIP LOCKED
        ) RETURNING organisation_id::text, export_id::text
        """,
        most,
    )
    return [(row["organisation_id"], row["export_id"]) for row in rows]
