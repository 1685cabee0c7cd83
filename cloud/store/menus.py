"""Brands' menus: drafts, published versions, and what each venue was given.

Rule of the file: whoever saves or publishes has locked the brand's row first (`lock`), so two managers act
one after the other, and the second one sees what the first one did.
"""

from collections.abc import Iterable
from datetime import datetime

import asyncpg
import msgspec

from cloud.store.link import streams


class Brand(msgspec.Struct, frozen=True):
    """A brand with how many venues it has."""

    brand_id: str
    name: str
    venues: int


class Draft(msgspec.Struct, frozen=True):
    """A brand's draft as it was saved last. `published_version` is 0 before the first."""

    body: str
    version: int
    published_version: int
    saved_by: str
    saved_at: datetime


class Version(msgspec.Struct, frozen=True):
    """A published version, without its body."""

    version: int
    note: str
    published_by: str
    published_at: datetime


class VenueMenu(msgspec.Struct, frozen=True):
    """A venue of the brand and the menu it has.

    `version` is the brand's that it was given last, `menu_version` where that stands in its stream, `head`
    the newest entry there, `adopted` the newest one that the box is known to sell from. `local_now` is the
    venue's time as `2026-12-01T00:00`.
    """

    venue_id: str
    name: str
    currency: str
    config: bytes | None
    version: int | None
    menu_version: int | None
    head: int
    adopted: int | None
    next_due_at: datetime | None
    local_now: str


class Due(msgspec.Struct, frozen=True):
    """A venue at which a planned price has come, and the version that holds it.

    `by_hand` tells that somebody has sent it another menu since, which then stays.
    """

    venue_id: str
    organisation_id: str
    brand_id: str
    version: int
    body: str
    local_now: str
    by_hand: bool


_LOCAL_NOW = """to_char(now() AT TIME ZONE v.timezone, 'YYYY-MM-DD"T"HH24:MI')"""


async def brands(connection: asyncpg.Connection, organisation_id: str) -> list[Brand]:
    """The organisation's brands, by name."""
    rows = await connection.fetch(
        """
        SELECT b.brand_id, b.name, (SELECT count(*) FROM venues v WHERE v.brand_id = b.brand_id) AS venues
        FROM brands b WHERE b.organisation_id = $1 ORDER BY b.name, b.brand_id
        """,
        organisation_id,
    )
    return [Brand(str(row["brand_id"]), row["name"], row["venues"]) for row in rows]


async def draft(connection: asyncpg.Connection, brand_id: str) -> Draft | None:
    """The brand's draft; None before anybody has saved one."""
    return await _draft(connection, brand_id, "")


async def lock(connection: asyncpg.Connection, brand_id: str) -> Draft | None:
    """As `draft`; until the transaction ends nobody else gets past this, not even with the first draft."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('menu of ' || $1, 0))", brand_id)
    return await _draft(connection, brand_id, "FOR UPDATE")


async def _draft(connection: asyncpg.Connection, brand_id: str, locking: str) -> Draft | None:
    row = await connection.fetchrow(
        f"""
        SELECT draft, draft_version, published_version, saved_by, saved_at FROM brand_menus
        WHERE brand_id = $1 {locking}
        """,
        brand_id,
    )
    return None if row is None else Draft(*row.values())


async def save(
    connection: asyncpg.Connection, organisation_id: str, brand_id: str, body: str, version: int, by: str
) -> None:
    """The draft from now on. The caller holds the lock and knows that `version` follows."""
    await connection.execute(
        """
        INSERT INTO brand_menus (brand_id, organisation_id, draft, draft_version, saved_by)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (brand_id) DO UPDATE
        SET draft = EXCLUDED.draft, draft_version = EXCLUDED.draft_version, saved_by = EXCLUDED.saved_by,
            saved_at = now()
        """,
        brand_id,
        organisation_id,
        body,
        version,
        by,
    )


async def add_version(
    connection: asyncpg.Connection,
    organisation_id: str,
    brand_id: str,
    body: str,
    *,
    version: int,
    note: str,
    by: str,
) -> None:
    """A published version, which is the newest from now on."""
    await connection.execute(
        """
        INSERT INTO menu_versions (brand_id, version, organisation_id, body, note, published_by)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        brand_id,
        version,
        organisation_id,
        body,
        note,
        by,
    )
    await connection.execute(
        "UPDATE brand_menus SET published_version = $2 WHERE brand_id = $1", brand_id, version
    )


async def versions(connection: asyncpg.Connection, brand_id: str, most: int) -> list[Version]:
    """The newest versions, newest first."""
    rows = await connection.fetch(
        """
        SELECT version, note, published_by, published_at FROM menu_versions
        WHERE brand_id = $1 ORDER BY version DESC LIMIT $2
        """,
        brand_id,
        most,
    )
    return [Version(*row.values()) for row in rows]


async def body_of(connection: asyncpg.Connection, brand_id: str, version: int) -> str | None:
    """What was published as this version."""
    body: str | None = await connection.fetchval(
        "SELECT body FROM menu_versions WHERE brand_id = $1 AND version = $2", brand_id, version
    )
    return body


async def venues_of(
    connection: asyncpg.Connection, brand_id: str, only: Iterable[str] | None = None
) -> list[VenueMenu]:
    """The brand's venues, or those of them that are in `only`, by name."""
    rows = await connection.fetch(
        f"""
        SELECT v.venue_id, v.name, v.currency, c.body AS config, p.version, p.menu_version,
            coalesce(h.seq, 0) AS head, sold.version AS adopted, p.next_due_at, {_LOCAL_NOW} AS local_now
        FROM venues v
        LEFT JOIN menu_publications p ON p.venue_id = v.venue_id AND p.brand_id = v.brand_id
        LEFT JOIN down_heads h ON h.venue_id = v.venue_id AND h.stream = 'menu'
        LEFT JOIN LATERAL (
            SELECT body FROM down_entries e WHERE e.venue_id = v.venue_id AND e.stream = 'config'
            ORDER BY seq DESC LIMIT 1
        ) AS c ON true
        CROSS JOIN LATERAL (
            SELECT max(m.menu_version) AS version FROM menus m WHERE m.venue_id = v.venue_id
        ) AS sold
        WHERE v.brand_id = $1 AND ($2::uuid[] IS NULL OR v.venue_id = ANY($2))
        ORDER BY v.name, v.venue_id
        """,
        brand_id,
        None if only is None else list(only),
    )
    return [VenueMenu(str(row["venue_id"]), *list(row.values())[1:]) for row in rows]


async def newest_menu(connection: asyncpg.Connection, brand_id: str) -> bytes | None:
    """The menu that was sent last to any venue of the brand: what a first draft begins with."""
    body: bytes | None = await connection.fetchval(
        """
        SELECT e.body FROM down_entries e JOIN venues v USING (venue_id)
        WHERE v.brand_id = $1 AND e.stream = 'menu' ORDER BY e.created_at DESC, e.seq DESC LIMIT 1
        """,
        brand_id,
    )
    return body


async def give(
    connection: asyncpg.Connection, venue_id: str, brand_id: str, version: int, menu_version: int, body: bytes
) -> None:
    """Send a menu to a venue; `menu_version` was taken with `streams.next_seq` in this transaction."""
    await streams.publish(connection, venue_id, "menu", menu_version, body)
    await connection.execute(
        """
        INSERT INTO menu_publications (venue_id, brand_id, version, menu_version) VALUES ($1, $2, $3, $4)
        ON CONFLICT (venue_id) DO UPDATE
        SET brand_id = EXCLUDED.brand_id, version = EXCLUDED.version, menu_version = EXCLUDED.menu_version,
            published_at = now(), next_due_at = NULL
        """,
        venue_id,
        brand_id,
        version,
        menu_version,
    )


async def plan(connection: asyncpg.Connection, venue_id: str, local: str | None) -> None:
    """When the venue is next given the same version with other prices, in its local time."""
    await connection.execute(
        """
        UPDATE menu_publications p SET next_due_at = replace($2, 'T', ' ')::timestamp AT TIME ZONE v.timezone
        FROM venues v WHERE v.venue_id = p.venue_id AND p.venue_id = $1
        """,
        venue_id,
        local,
    )


async def lock_publications(connection: asyncpg.Connection, venue_ids: Iterable[str]) -> None:
    """Keep `take_due` from these venues until the transaction ends; asked for before their streams."""
    await connection.execute(
        "SELECT 1 FROM menu_publications WHERE venue_id = ANY($1) ORDER BY venue_id FOR UPDATE",
        list(venue_ids),
    )


async def take_due(connection: asyncpg.Connection) -> Due | None:
    """A venue whose planned price has come, held until the transaction ends; not one that is held already."""
    row = await connection.fetchrow(
        f"""
        SELECT p.venue_id, v.organisation_id, p.brand_id, p.version, m.body, {_LOCAL_NOW} AS local_now,
            h.seq > p.menu_version AS by_hand
        FROM menu_publications p
        JOIN venues v USING (venue_id)
        JOIN menu_versions m ON m.brand_id = p.brand_id AND m.version = p.version
        JOIN down_heads h ON h.venue_id = p.venue_id AND h.stream = 'menu'
        WHERE p.next_due_at <= now() ORDER BY p.next_due_at LIMIT 1 FOR UPDATE OF p SKIP LOCKED
        """
    )
    if row is None:
        return None
    return Due(
        str(row["venue_id"]), str(row["organisation_id"]), str(row["brand_id"]), *list(row.values())[3:]
    )


async def due_in_s(pool: asyncpg.Pool) -> float | None:
    """Seconds until the next planned price comes, negative when it has; None when none is planned."""
    wait_s: float | None = await pool.fetchval(
        "SELECT extract(epoch FROM min(next_due_at) - now())::float8 FROM menu_publications"
    )
    return wait_s
