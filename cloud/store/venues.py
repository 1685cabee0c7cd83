"""Organisations, venues, claim codes, and the audit of what people did with them."""

from collections.abc import Iterable
from datetime import time
from typing import Any

import asyncpg
import msgspec

from cloud.store.people.logins import Login
from protocol.facts.venue import VenueConfig


class Venue(msgspec.Struct, frozen=True):
    """A venue as its owner knows it."""

    venue_id: str
    organisation_id: str
    restaurant_id: int
    name: str
    currency: str
    timezone: str


async def add_organisation(
    connection: asyncpg.Connection, organisation_id: str, brand_id: str, name: str
) -> None:
    """An organisation with its first brand of the same name."""
    await connection.execute(
        "INSERT INTO organisations (organisation_id, name) VALUES ($1, $2)", organisation_id, name
    )
    await connection.execute(
        "INSERT INTO brands (brand_id, organisation_id, name) VALUES ($1, $2, $3)",
        brand_id,
        organisation_id,
        name,
    )


async def knows_timezone(connection: asyncpg.Connection, timezone: str) -> bool:
    """Whether days can be counted in this zone."""
    return bool(await connection.fetchval("SELECT 1 FROM pg_timezone_names WHERE name = $1", timezone))


async def add_venue(
    connection: asyncpg.Connection,
    venue_id: str,
    organisation_id: str,
    name: str,
    currency: str,
    timezone: str,
) -> int:
    """A venue under the organisation's first brand; its restaurant id."""
    restaurant_id: int = await connection.fetchval(
        """
        INSERT INTO venues (venue_id, organisation_id, brand_id, name, currency, timezone)
        SELECT $1, $2, brand_id, $3, $4, $5 FROM brands WHERE organisation_id = $2
        ORDER BY created_at, brand_id LIMIT 1 RETURNING restaurant_id
        """,
        venue_id,
        organisation_id,
        name,
        currency,
        timezone,
    )
    return restaurant_id


async def found(connection: asyncpg.Connection, organisation_id: str, config: VenueConfig) -> None:
    """A venue under the id and number that its box gave it. Raises `UniqueViolationError` if it is there."""
    await connection.execute(
        """
        INSERT INTO venues (venue_id, restaurant_id, organisation_id, brand_id, name, currency, timezone)
        SELECT $1, $2, $3, brand_id, $4, $5, $6 FROM brands WHERE organisation_id = $3
        ORDER BY created_at, brand_id LIMIT 1
        """,
        config.venue_id,
        config.restaurant_id,
        organisation_id,
        config.name,
        config.currency,
        config.timezone,
    )


async def find(connection: asyncpg.Connection, venue_id: str) -> Venue | None:
    """The venue, whoever owns it; `venue_id` must be a UUID."""
    row = await connection.fetchrow(
        "SELECT organisation_id, restaurant_id, name, currency, timezone FROM venues WHERE venue_id = $1",
        venue_id,
    )
    if row is None:
        return None
    return Venue(
        venue_id,
        str(row["organisation_id"]),
        row["restaurant_id"],
        row["name"],
        row["currency"],
        row["timezone"],
    )


async def reaches(connection: asyncpg.Connection | asyncpg.Pool, login: Login, venue_id: str) -> bool:
    """Whether the venue is one of the organisation's, and within what the person is bound to."""
    found = await connection.fetchval(
        """
        SELECT 1 FROM venues WHERE organisation_id = $1 AND venue_id = $2
            AND ($3::uuid[] IS NULL OR venue_id = ANY($3) OR brand_id = ANY($3))
        """,
        login.organisation_id,
        venue_id,
        _ids(login),
    )
    return found is not None


async def reaches_brand(connection: asyncpg.Connection | asyncpg.Pool, login: Login, brand_id: str) -> bool:
    """Whether the brand is one of the organisation's, and the person's or that of a venue of theirs."""
    found = await connection.fetchval(
        """
        SELECT 1 FROM brands b WHERE organisation_id = $1 AND brand_id = $2
            AND ($3::uuid[] IS NULL OR brand_id = ANY($3)
                OR EXISTS (SELECT FROM venues v WHERE v.brand_id = b.brand_id AND v.venue_id = ANY($3)))
        """,
        login.organisation_id,
        brand_id,
        _ids(login),
    )
    return found is not None


def _ids(login: Login) -> list[str] | None:
    return None if login.reach is None else sorted(login.reach)


async def within(connection: asyncpg.Connection, organisation_id: str, ids: Iterable[str]) -> set[str]:
    """Those of `ids` that are brands or venues of the organisation."""
    rows = await connection.fetch(
        """
        SELECT brand_id::text AS id FROM brands WHERE organisation_id = $1 AND brand_id = ANY($2::uuid[])
        UNION SELECT venue_id::text FROM venues WHERE organisation_id = $1 AND venue_id = ANY($2::uuid[])
        """,
        organisation_id,
        list(ids),
    )
    return {row["id"] for row in rows}


async def founded_under(connection: asyncpg.Connection, organisation_id: str) -> str:
    """The brand that a new place comes under."""
    brand_id: str = await connection.fetchval(
        """
        SELECT brand_id::text FROM brands WHERE organisation_id = $1 ORDER BY created_at, brand_id LIMIT 1
        """,
        organisation_id,
    )
    return brand_id


async def of_organisation(connection: asyncpg.Connection, organisation_id: str) -> list[str]:
    """The ids of all its venues."""
    rows = await connection.fetch(
        "SELECT venue_id::text FROM venues WHERE organisation_id = $1 ORDER BY venue_id", organisation_id
    )
    return [row["venue_id"] for row in rows]


async def add_claim_code(connection: asyncpg.Connection, code_digest: str, venue_id: str, days: int) -> None:
    """A code that works once, within `days`."""
    await connection.execute(
        """
        INSERT INTO claim_codes (code_digest, venue_id, expires_at)
        VALUES ($1, $2, now() + make_interval(days => $3))
        """,
        code_digest,
        venue_id,
        days,
    )


async def epoch(connection: asyncpg.Connection, venue_id: str) -> int:
    """Of the box in charge; 0 before the first. Held until the transaction ends."""
    found: int = await connection.fetchval(
        "SELECT epoch FROM venues WHERE venue_id = $1 FOR UPDATE", venue_id
    )
    return found


async def day_begins(connection: asyncpg.Connection, venue_id: str) -> time:
    """When the venue's business day begins, on its own clock."""
    found: time = await connection.fetchval("SELECT day_begins FROM venues WHERE venue_id = $1", venue_id)
    return found


async def begin_days_at(connection: asyncpg.Connection, venue_id: str, begins: time) -> time:
    """From now on, and for what was sold before; when they began until now. Within a transaction."""
    await connection.execute("SET LOCAL statement_timeout = 0")
    # Whoever takes in facts of the venue holds its box's row: nothing is written while sums are made anew.
    await connection.execute("SELECT 1 FROM nodes WHERE venue_id = $1 FOR UPDATE", venue_id)
    before = await day_begins(connection, venue_id)
    await connection.execute(
        "UPDATE venues SET day_begins = $2 WHERE venue_id = $1", venue_id, begins, timeout=600
    )
    return before


async def replacement_code(
    connection: asyncpg.Connection, code_digest: str, venue_id: str, for_epoch: int, hours: int
) -> None:
    """A code for the box that comes after `for_epoch`; codes that were made before and not used are void."""
    await connection.execute(
        "DELETE FROM claim_codes WHERE venue_id = $1 AND used_at IS NULL AND public_key IS NULL", venue_id
    )
    await connection.execute(
        """
        INSERT INTO claim_codes (code_digest, venue_id, expires_at, for_epoch)
        VALUES ($1, $2, now() + make_interval(hours => $3), $4)
        """,
        code_digest,
        venue_id,
        hours,
        for_epoch,
    )


async def audit(
    connection: asyncpg.Connection,
    *,
    actor: str,
    action: str,
    origin: str,
    organisation_id: str | None = None,
    venue_id: str | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Write down what a person changed, in the transaction of the change."""
    await connection.execute(
        """
        INSERT INTO audit (organisation_id, venue_id, actor, action, origin, before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        organisation_id,
        venue_id,
        actor,
        action,
        origin,
        None if before is None else msgspec.json.encode(before).decode(),
        None if after is None else msgspec.json.encode(after).decode(),
    )


async def every(pool: asyncpg.Pool) -> list[str]:
    """Ids of all venues of all organisations."""
    return [str(row["venue_id"]) for row in await pool.fetch("SELECT venue_id FROM venues ORDER BY venue_id")]
