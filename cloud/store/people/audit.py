"""The audit as people read it: pages of what was changed, newest first."""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec


class Change(msgspec.Struct, frozen=True):
    """One row: who did what, where from, and what was before and after as JSON."""

    audit_id: int
    at: datetime
    venue_id: str | None
    venue: str | None
    actor: str
    action: str
    before: Any
    after: Any
    origin: str


async def page(
    connection: asyncpg.Connection, organisation_id: str, before_id: int | None, most: int
) -> list[Change]:
    """The `most` rows before `before_id`, or the newest."""
    rows = await connection.fetch(
        """
        SELECT a.audit_id, a.at, a.venue_id, v.name AS venue, a.actor, a.action, a.before, a.after, a.origin
        FROM audit a LEFT JOIN venues v USING (venue_id)
        WHERE a.organisation_id = $1 AND ($2::bigint IS NULL OR a.audit_id < $2)
        ORDER BY a.audit_id DESC LIMIT $3
        """,
        organisation_id,
        before_id,
        most,
    )
    return [_change(row) for row in rows]


def _change(row: Any) -> Change:
    return Change(
        audit_id=row["audit_id"],
        at=row["at"],
        venue_id=str(row["venue_id"]) if row["venue_id"] else None,
        venue=row["venue"],
        actor=row["actor"],
        action=row["action"],
        before=msgspec.json.decode(row["before"]) if row["before"] else None,
        after=msgspec.json.decode(row["after"]) if row["after"] else None,
        origin=row["origin"],
    )
