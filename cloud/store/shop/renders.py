"""Pictures that are to be painted: high previews for whoever waits, and the one final picture of each design.

    queued → processing → completed | failed            (seed 004 §2; guarded by Postgres)

A design has one final render for ever: another attempt is the same row. A worker that was killed leaves its
row at `processing`; whoever takes the job up again begins it anew, and the one that finishes first has made
the picture.
"""

from datetime import datetime

import asyncpg
import msgspec

from cloud.store.jobs import queue
from protocol.design.parameters import Parameters

#: The kind of job that paints; `cloud/shop/designs/rendering.py` does it.
KIND = "render"
MOST_ATTEMPTS = 5
#: Somebody looks at a wheel turning until a high preview is there.
_WAITED_FOR = 1


class Render(msgspec.Struct, frozen=True):
    """What such a job is told: a row of `render_jobs`."""

    venue_id: str
    render_id: str


class RenderRow(msgspec.Struct, frozen=True):
    """One picture that is, was or will be painted."""

    venue_id: str
    organisation_id: str
    render_id: str
    design_id: str
    kind: str
    status: str
    template: str
    parameters: Parameters
    attempt: int
    max_attempts: int
    image: str | None
    failure_reason: str | None
    queued_at: datetime


_SELECT = """
SELECT r.venue_id::text, v.organisation_id::text, r.render_id::text, r.design_id::text, r.kind, r.status,
    r.template, r.params::text AS params, r.attempt, r.max_attempts, r.image, r.failure_reason, r.queued_at
FROM render_jobs r JOIN venues v USING (venue_id)
"""


def _row(row: asyncpg.Record) -> RenderRow:
    values = dict(row)
    return RenderRow(parameters=msgspec.json.decode(values.pop("params"), type=Parameters), **values)


async def final(connection: asyncpg.Connection, venue_id: str, design_id: str) -> str:
    """The final render of a design, queued (again) and asked for within the caller's transaction; its id."""
    render_id: str = await connection.fetchval(
        """
        INSERT INTO render_jobs (venue_id, render_id, design_id, kind, status, template, params, max_attempts)
        SELECT venue_id, gen_random_uuid(), design_id, 'final', 'queued', template, params, $3
        FROM designs WHERE venue_id = $1 AND design_id = $2
        ON CONFLICT (venue_id, design_id) WHERE kind = 'final' DO UPDATE SET
            status = CASE render_jobs.status WHEN 'failed' THEN 'queued' ELSE render_jobs.status END,
            attempt = CASE render_jobs.status WHEN 'failed' THEN 0 ELSE render_jobs.attempt END,
            completed_at = CASE render_jobs.status WHEN 'failed' THEN NULL ELSE render_jobs.completed_at END
        RETURNING render_id::text
        """,
        venue_id,
        design_id,
        MOST_ATTEMPTS,
    )
    await _ask(connection, Render(venue_id, render_id), 0)
    return render_id


async def _ask(connection: asyncpg.Connection, render: Render, priority: int) -> None:
    organisation_id = await connection.fetchval(
        "SELECT organisation_id::text FROM venues WHERE venue_id = $1", render.venue_id
    )
    body = msgspec.json.encode(render).decode()
    await queue.ask(
        connection,
        KIND,
        body,
        organisation_id=organisation_id,
        key=render.render_id,
        priority=priority,
    )


async def high_preview(
    connection: asyncpg.Connection, venue_id: str, design_id: str, template: str, parameters: Parameters
) -> str:
    """A high preview, queued and asked for; its id."""
    render_id: str = await connection.fetchval(
        """
        INSERT INTO render_jobs (venue_id, render_id, design_id, kind, status, template, params, max_attempts)
        VALUES ($1, gen_random_uuid(), $2, 'preview', 'queued', $3, $4::jsonb, $5) RETURNING render_id::text
        """,
        venue_id,
        design_id,
        template,
        msgspec.json.encode(parameters).decode(),
        MOST_ATTEMPTS,
    )
    await _ask(connection, Render(venue_id, render_id), _WAITED_FOR)
    return render_id


async def find(pool: asyncpg.Pool, venue_id: str, render_id: str) -> RenderRow | None:
    """By its id."""
    row = await pool.fetchrow(_SELECT + "WHERE r.venue_id = $1 AND r.render_id = $2", venue_id, render_id)
    return _row(row) if row else None


async def of_design(pool: asyncpg.Pool, venue_id: str, design_id: str) -> list[RenderRow]:
    """All of a design's, the newest first; a few."""
    rows = await pool.fetch(
        _SELECT + "WHERE r.venue_id = $1 AND r.design_id = $2 ORDER BY r.queued_at DESC LIMIT 8",
        venue_id,
        design_id,
    )
    return [_row(row) for row in rows]


async def begin(pool: asyncpg.Pool, venue_id: str, render_id: str, attempt: int) -> RenderRow | None:
    """Take it in hand; None where it is done already."""
    async with pool.acquire() as connection, connection.transaction():
        moved = await connection.fetchrow(
            """
            UPDATE render_jobs SET status = 'processing', attempt = $3, started_at = now(), completed_at =
            NULL WHERE venue_id = $1 AND render_id = $2 AND status IN ('queued', 'processing') RETURNING
            design_id, kind """,
            venue_id,
            render_id,
            attempt,
        )
        if moved is None:
            return None
        if moved["kind"] == "final":
            await connection.execute(
                """
                UPDATE designs SET status = 'processing'
                WHERE venue_id = $1 AND design_id = $2 AND status = 'queued'
                """,
                venue_id,
                moved["design_id"],
            )
        row = await connection.fetchrow(
            _SELECT + "WHERE r.venue_id = $1 AND r.render_id = $2", venue_id, render_id
        )
        return _row(row)


async def complete(pool: asyncpg.Pool, render: RenderRow, image: str, preview: str | None = None) -> bool:
    """Its picture lies under the key `image`; False where somebody was quicker.

    The high preview named `preview` is the design's, if that still looks so (seed 004 §3).
    """
    async with pool.acquire() as connection, connection.transaction():
        moved = await connection.execute(
            """
            UPDATE render_jobs SET status = 'completed', image = $3, completed_at = now(), failure_reason =
            NULL WHERE venue_id = $1 AND render_id = $2 AND status = 'processing' """,
            render.venue_id,
            render.render_id,
            image,
        )
        if moved != "UPDATE 1":
            return False
        if render.kind == "final":
            await connection.execute(
                """
                UPDATE designs SET status = 'ready', final_image = $3, failure = NULL
                WHERE venue_id = $1 AND design_id = $2 AND status = 'processing'
                """,
                render.venue_id,
                render.design_id,
                image,
            )
        elif preview is not None:
            await connection.execute(
                """
                UPDATE designs SET preview = $3
                WHERE venue_id = $1 AND design_id = $2 AND params = $4::jsonb
                """,
                render.venue_id,
                render.design_id,
                preview,
                msgspec.json.encode(render.parameters).decode(),
            )
        return True


async def fail(
    connection: asyncpg.Connection, venue_id: str, render_id: str, reason: str, *, for_good: bool
) -> None:
    """It did not work, this time or ever; `reason` is for people."""
    row = await connection.fetchrow(
        """
        UPDATE render_jobs SET status = $4, failure_reason = $3,
            completed_at = CASE WHEN $5 THEN now() END
        WHERE venue_id = $1 AND render_id = $2 AND status IN ('queued', 'processing')
        RETURNING design_id, kind
        """,
        venue_id,
        render_id,
        reason,
        "failed" if for_good else "queued",
        for_good,
    )
    if row is not None and row["kind"] == "final":
        await connection.execute(
            """
            UPDATE designs SET status = $4, failure = $3
            WHERE venue_id = $1 AND design_id = $2 AND status IN ('queued', 'processing')
            """,
            venue_id,
            row["design_id"],
            reason,
            "failed" if for_good else "queued",
        )


async def left_lying(pool: asyncpg.Pool, most: int) -> list[tuple[str, str]]:
    """(venue id, design id) of designs that are queued, have their picture, and no render asked for."""
    rows = await pool.fetch(
        """
        SELECT d.venue_id::text, d.design_id::text FROM designs d
        WHERE d.status = 'queued' AND (d.picture IS NULL OR EXISTS (
            SELECT FROM pictures p WHERE p.venue_id = d.venue_id AND p.blob = d.picture))
            AND NOT EXISTS (SELECT FROM render_jobs r WHERE r.venue_id = d.venue_id
                AND r.design_id = d.design_id AND r.kind = 'final')
        ORDER BY d.finalized_at LIMIT $1
        """,
        most,
    )
    return [(row["venue_id"], row["design_id"]) for row in rows]


async def waiting_for(pool: asyncpg.Pool, venue_id: str, blob: str) -> list[str]:
    """Designs that could not be rendered before this picture was here."""
    rows = await pool.fetch(
        """
        SELECT design_id::text FROM designs WHERE venue_id = $1 AND picture = $2 AND status = 'queued'
        """,
        venue_id,
        blob,
    )
    return [row["design_id"] for row in rows]


async def forget_old(pool: asyncpg.Pool, days: int) -> list[str]:
    """Forget high previews that nobody will look at again; the keys of their pictures."""
    rows = await pool.fetch(
        """
        DELETE FROM render_jobs WHERE kind = 'preview' AND queued_at < now() - make_interval(days => $1)
        RETURNING image
        """,
        days,
    )
    return [row["image"] for row in rows if row["image"]]
