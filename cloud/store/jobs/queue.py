"""Jobs in Postgres: asked for, begun, ended; each step one statement that only the present run can make.

Rule of the file: a job is asked for in the transaction of its cause, so neither exists without the other.
PGQueuer's row is written in the same transaction and carries nothing but the job's id.

Counterparts: `cloud/jobs/registry.py` for those who ask, `cloud/jobs/worker.py` for who does it.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from pgqueuer.queries import Queries

from cloud.store.words import storable

#: A job without a row of PGQueuer's for this long has lost it.
_LOST_AFTER_S = 10
_MOST_FOUND = 200


class Begun(msgspec.Struct, frozen=True):
    """One run of a job. `attempts` counts this one; `waited_s` is from when it was due."""

    run: int
    attempts: int
    organisation_id: str | None
    body: str
    waited_s: float


class Failed(msgspec.Struct, frozen=True):
    """A job that was given up. Times are UTC."""

    job_id: str
    kind: str
    reason: str
    attempts: int
    failed_at: datetime


async def ask(
    connection: asyncpg.Connection,
    kind: str,
    body: str,
    *,
    organisation_id: str | None,
    after_s: float = 0,
    key: str | None = None,
    priority: int = 0,
) -> str:
    """The job's id; of the one that is wanted already where `kind` and `key` name one."""
    job_id = str(uuid4())
    added = await connection.fetchval(
        """
        INSERT INTO jobs (job_id, organisation_id, kind, key, body, due_at)
        VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
        ON CONFLICT (kind, key) WHERE state IN ('queued', 'running') AND key IS NOT NULL DO NOTHING
        RETURNING job_id
        """,
        job_id,
        organisation_id,
        kind,
        key,
        body,
        float(after_s),
    )
    if added is None:
        wanted = await connection.fetchval(
            "SELECT job_id FROM jobs WHERE kind = $1 AND key = $2 AND state IN ('queued', 'running')",
            kind,
            key,
        )
        return str(wanted or job_id)
    queries = Queries.from_asyncpg_connection(connection)
    delay = timedelta(seconds=after_s) if after_s else None
    await queries.enqueue(kind, job_id.encode(), priority, delay, dedupe_key=job_id)
    return job_id


async def begin(pool: asyncpg.Pool, job_id: str) -> Begun | None:
    """Start a run; null where the job has ended. Whoever ran it before can no longer end it."""
    row = await pool.fetchrow(
        """
        UPDATE jobs SET state = 'running', run = run + 1, attempts = attempts + 1, changed_at = now(),
            started_at = coalesce(started_at, now())
        WHERE job_id = $1 AND state IN ('queued', 'running')
        RETURNING run, attempts, organisation_id, body, extract(epoch FROM now() - due_at)::float8 AS waited_s
        """,
        job_id,
    )
    if row is None:
        return None
    organisation_id = str(row["organisation_id"]) if row["organisation_id"] else None
    return Begun(row["run"], row["attempts"], organisation_id, row["body"], row["waited_s"])


async def done(connection: asyncpg.Connection | asyncpg.Pool, job_id: str, run: int) -> bool:
    """The run did it; whether it was still the present one."""
    return await _change(connection, job_id, run, "state = 'done', reason = NULL")


async def again(
    connection: asyncpg.Connection | asyncpg.Pool,
    job_id: str,
    run: int,
    *,
    delay_s: float,
    reason: str | None,
    counted: bool,
) -> bool:
    """The job waits for its next run; an interrupted one has used up no attempt."""
    return await _change(
        connection,
        job_id,
        run,
        "state = 'queued', reason = coalesce($3, reason), due_at = now() + make_interval(secs => $4),"
        " attempts = attempts - $5",
        None if reason is None else storable(reason),
        float(delay_s),
        0 if counted else 1,
    )


async def give_up(connection: asyncpg.Connection, job_id: str, run: int, reason: str) -> bool:
    """The job has failed for good; whether the run was still the present one."""
    return await _change(connection, job_id, run, "state = 'failed', reason = $3", storable(reason))


async def _change(
    connection: asyncpg.Connection | asyncpg.Pool, job_id: str, run: int, what: str, *values: Any
) -> bool:
    changed = await connection.execute(
        f"UPDATE jobs SET {what}, changed_at = now() WHERE job_id = $1 AND run = $2 AND state = 'running'",
        job_id,
        run,
        *values,
    )
    return bool(changed == "UPDATE 1")


async def find_lost(pool: asyncpg.Pool) -> int:
    """Give unfinished jobs without a row of PGQueuer's a new one; how many there were."""
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            """
            SELECT j.job_id::text, j.kind, greatest(j.due_at - now(), interval '0') AS delay FROM jobs j
            WHERE j.state IN ('queued', 'running') AND j.changed_at < now() - make_interval(secs => $1)
                AND NOT EXISTS (SELECT FROM pgqueuer p
                    WHERE p.dedupe_key = j.job_id::text AND p.status IN ('queued', 'picked'))
            ORDER BY j.changed_at LIMIT $2 FOR UPDATE SKIP LOCKED
            """,
            float(_LOST_AFTER_S),
            _MOST_FOUND,
        )
        if rows:
            ids = [row["job_id"] for row in rows]
            await Queries.from_asyncpg_connection(connection).enqueue(
                [row["kind"] for row in rows],
                [job_id.encode() for job_id in ids],
                [0] * len(rows),
                [row["delay"] for row in rows],
                list(ids),
                on_conflict="skip",
            )
    return len(rows)


async def forget_old(pool: asyncpg.Pool, days: int) -> None:
    """Forget jobs that ended so long ago, and what PGQueuer remembers of them."""
    await pool.execute(
        "DELETE FROM jobs WHERE state IN ('done', 'failed')"
        " AND changed_at < now() - make_interval(days => $1)",
        days,
    )
    await pool.execute("DELETE FROM pgqueuer_log WHERE created < now() - make_interval(days => $1)", days)
    await pool.execute(
        "DELETE FROM pgqueuer_statistics WHERE created < now() - make_interval(days => $1)", days
    )


async def failed(connection: asyncpg.Connection, organisation_id: str, most: int) -> list[Failed]:
    """The newest jobs of an organisation that were given up."""
    rows = await connection.fetch(
        """
        SELECT job_id::text, kind, coalesce(reason, '') AS reason, attempts, changed_at AS failed_at FROM jobs
        WHERE organisation_id = $1 AND state = 'failed' ORDER BY changed_at DESC LIMIT $2
        """,
        organisation_id,
        most,
    )
    return [Failed(**dict(row)) for row in rows]
